"""Scores in a file that others can check: written without images, read as if it were hostile."""

from ganeval.bundles.agreement import TOLERANCE
from ganeval.bundles.anonymous import plain_text
from ganeval.bundles.contents import ALSO
from ganeval.bundles.read import Bundle
from ganeval.bundles.sides import Data, Sides, matched, net_of
from ganeval.bundles.verify import Checked, Verification, verify, verify_bundle
from ganeval.bundles.write import bundle, collected, write_bundle

__all__ = [
    "ALSO",
    "TOLERANCE",
    "Bundle",
    "Checked",
    "Data",
    "Sides",
    "Verification",
    "bundle",
    "collected",
    "matched",
    "net_of",
    "plain_text",
    "verify",
    "verify_bundle",
    "write_bundle",
]
