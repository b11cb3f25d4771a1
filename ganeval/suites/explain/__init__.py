"""What is wrong with the fakes: named properties, tested, sized and put into words."""

from ganeval.suites.explain.explain import explain
from ganeval.suites.explain.explanation import Explanation, Finding
from ganeval.suites.explain.objects import OBJECTS, WHOLE, net_that_fits, shared_pixel_size
from ganeval.suites.explain.properties import COPIES, Properties, properties_of

__all__ = [
    "COPIES",
    "OBJECTS",
    "WHOLE",
    "Explanation",
    "Finding",
    "Properties",
    "explain",
    "net_that_fits",
    "properties_of",
    "shared_pixel_size",
]
