"""The systems that a recipe may name as its conditioning."""

from ganeval.registry import Registry
from trainers._base import System
from trainers.conditioning import (
    Concatenation,
    MeanProjection,
    MiyatoProjection,
    Multichannel,
    OneClass,
    Projection,
    StarShaped,
)
from trainers.stackgan import ProjectionStackGan, StackGan

CONDITIONINGS: Registry[type[System]] = Registry("conditioning")
CONDITIONINGS.add("none", System)
CONDITIONINGS.add("concat", Concatenation)
CONDITIONINGS.add("one-class", OneClass)
CONDITIONINGS.add("multichannel", Multichannel)
CONDITIONINGS.add("projection", Projection)
CONDITIONINGS.add("projection-miyato", MiyatoProjection)
CONDITIONINGS.add("projection-mean", MeanProjection)
CONDITIONINGS.add("star", StarShaped)
CONDITIONINGS.add("stackgan", StackGan)
CONDITIONINGS.add("stackgan-projection", ProjectionStackGan)
