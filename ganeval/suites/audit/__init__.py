"""May this net judge these images?

`alterations` has what is done to an image and `steps` the faults, `paired` how images with and
without one are compared, `responses` which metric notices which of them, `verdicts` what follows
in words; `audit` puts them together.
"""

from ganeval.suites.audit.alterations import MOST_VERSIONS
from ganeval.suites.audit.audit import HALF_WIDTH, MOST_IMAGES, Audit, NetAudit, audit
from ganeval.suites.audit.growth import Enough
from ganeval.suites.audit.responses import JUDGED, Response, noticed_from
from ganeval.suites.audit.verdicts import QUESTIONS, REPLIES, Verdict, primary

__all__ = [
    "HALF_WIDTH",
    "JUDGED",
    "MOST_IMAGES",
    "MOST_VERSIONS",
    "QUESTIONS",
    "REPLIES",
    "Audit",
    "Enough",
    "NetAudit",
    "Response",
    "Verdict",
    "audit",
    "noticed_from",
    "primary",
]
