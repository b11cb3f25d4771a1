"""What is wrong with the fakes: named properties, tested, sized and put into words."""

from ganeval.suites.explain.account import Account, Reported, account_of
from ganeval.suites.explain.explain import explain
from ganeval.suites.explain.explanation import Explanation, Finding
from ganeval.suites.explain.objects import OBJECTS, WHOLE, net_for, net_that_fits, shared_pixel_size
from ganeval.suites.explain.properties import COPIES, Properties, properties_of
from ganeval.suites.explain.sentences import SHOWN

__all__ = [
    "COPIES",
    "OBJECTS",
    "SHOWN",
    "WHOLE",
    "Account",
    "Explanation",
    "Finding",
    "Properties",
    "Reported",
    "account_of",
    "explain",
    "net_for",
    "net_that_fits",
    "properties_of",
    "shared_pixel_size",
]
