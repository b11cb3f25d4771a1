"""Several metrics at once, several models at once."""

from ganeval.suites.asked import PROVENANCE, SIDES, Asked, again, metric_options
from ganeval.suites.audit import (
    HALF_WIDTH,
    JUDGED,
    MOST_IMAGES,
    MOST_VERSIONS,
    QUESTIONS,
    REPLIES,
    Audit,
    Enough,
    NetAudit,
    audit,
    noticed_from,
    primary,
)
from ganeval.suites.checkpoints import Selection, best_checkpoint, best_of_steps
from ganeval.suites.compare import (
    Comparison,
    Difference,
    comparable,
    compare,
    compare_estimates,
)
from ganeval.suites.evaluate import DEFAULT_METRICS, REALS, chosen_metrics, evaluate
from ganeval.suites.evaluator import Evaluator
from ganeval.suites.explain import (
    OBJECTS,
    SHOWN,
    WHOLE,
    Account,
    Explanation,
    Finding,
    Reported,
    account_of,
    explain,
    net_for,
    shared_pixel_size,
)
from ganeval.suites.floor import floor_from, rows_of_halves
from ganeval.suites.influences import from_arrays, to_arrays
from ganeval.suites.machine import machine
from ganeval.suites.matrix import PER_CLASS, ClassMatrix, class_table, matrix
from ganeval.suites.neighbors import PIXEL_NET, RATIO, Neighbors, neighbors, neighbors_of
from ganeval.suites.obedience import LABELLED_METRICS, ModelObedience
from ganeval.suites.per_image import per_image
from ganeval.suites.plan import Plan, plan
from ganeval.suites.progress import Look, Progress
from ganeval.suites.scores_file import (
    ScoresFile,
    clash_of,
    differing_field,
    fingerprint_of,
    kept_estimates,
    kept_floor,
    kept_obedience,
    model_of,
    models_of,
    same_reals,
    side_of,
)
from ganeval.suites.several_nets import View, agreement, views_of
from ganeval.suites.verdict import ModelScore

__all__ = [
    "DEFAULT_METRICS",
    "HALF_WIDTH",
    "JUDGED",
    "LABELLED_METRICS",
    "MOST_IMAGES",
    "MOST_VERSIONS",
    "OBJECTS",
    "PER_CLASS",
    "PIXEL_NET",
    "PROVENANCE",
    "QUESTIONS",
    "RATIO",
    "REALS",
    "REPLIES",
    "SHOWN",
    "SIDES",
    "WHOLE",
    "Account",
    "Asked",
    "Audit",
    "ClassMatrix",
    "Comparison",
    "Difference",
    "Enough",
    "Evaluator",
    "Explanation",
    "Finding",
    "Look",
    "ModelObedience",
    "ModelScore",
    "Neighbors",
    "NetAudit",
    "Plan",
    "Progress",
    "Reported",
    "ScoresFile",
    "Selection",
    "View",
    "account_of",
    "again",
    "agreement",
    "audit",
    "best_checkpoint",
    "best_of_steps",
    "chosen_metrics",
    "clash_of",
    "class_table",
    "comparable",
    "compare",
    "compare_estimates",
    "differing_field",
    "evaluate",
    "explain",
    "fingerprint_of",
    "floor_from",
    "from_arrays",
    "kept_estimates",
    "kept_floor",
    "kept_obedience",
    "machine",
    "matrix",
    "metric_options",
    "model_of",
    "models_of",
    "neighbors",
    "neighbors_of",
    "net_for",
    "noticed_from",
    "per_image",
    "plan",
    "primary",
    "rows_of_halves",
    "same_reals",
    "shared_pixel_size",
    "side_of",
    "to_arrays",
    "views_of",
]
