import json

import numpy as np
import pytest
from PIL import Image

from ganeval.suites import QUESTIONS, Account, Audit, Enough, NetAudit, Reported
from ganeval.suites.audit import Response, Verdict
from ganeval.suites.audit.separation import Separation

SCRIPT = "<script>document.title='taken'</script>"


@pytest.fixture(scope="session")
def an_audit():
    """Of `pixels`, which notices strong blur by FID, and of a net with a hostile name."""
    verdicts = tuple(Verdict(question, "fit", f"{question} is fine") for question in QUESTIONS)
    blur = [
        Response("fid", "blur", 1.0, "1 px", 0.5, 0.5, 0.3, True, False),
        Response("fid", "blur", 2.0, "2 px", 40.0, 40.0, 0.001, True, True),
        Response("fid", "shift", 1.0, "1 px", -2.0, -2.0, 0.5, False, False),
    ]
    pixels = NetAudit(
        "pixels", 12, "fit", verdicts, Separation(0.91, (0.85, 0.95), 0.01, 0.4, 1.0),
        tuple(blur), {}, (), (Enough("fid", 3.0, 5.0, 1234), Enough("kid", 0.1, reason="no fault")),
    )  # fmt: skip
    constant = Verdict("faults", "unfit", "all images have the same features")
    return Audit("/secret/real", 60, 2, None, 14, 0.95, 0, (
        pixels, NetAudit(SCRIPT, 1, "unfit", (constant,)),
    ))  # fmt: skip


@pytest.fixture(scope="session")
def an_account():
    """Of fakes that are shorter, in all images and in one class, with a picture."""
    shorter = Reported(
        f"length{SCRIPT}", None, f"length{SCRIPT}: fakes are 20 % shorter", "difference -3.0 px",
        "mean", "px", 15.0, 12.0, -3.0, (-4.0, -2.0), 0.99, ("area",), 0.0012, 0.25,
    )  # fmt: skip
    in_class = Reported(
        "width", "round", "width: fakes vary 50 % more", "ratio 1.50, 99 % CI 1.20 to 1.80",
        "spread", "px", 2.0, 3.0, 1.5, (1.2, 1.8), 0.99, (), 0.03, None,
    )  # fmt: skip
    return Account(
        "/secret/real", "/secret/b", 60, 60, "texture", 0.95, "1 of 9 families differs:",
        "A classifier that sees all: 0.7, p = 0.01", "Looked at: whole images.", (shorter,),
        (in_class,), ("classes differ in frequency",), True,
    )  # fmt: skip


@pytest.fixture(scope="session")
def beside_files(tmp_path_factory, an_audit, an_account):
    """What `audit -o` and `explain -o` write."""
    root = tmp_path_factory.mktemp("beside")
    for name, found in (("audit", an_audit), ("explanation", an_account)):
        (root / f"{name}.json").write_text(json.dumps(found.to_dict()) + "\n", encoding="utf-8")
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:20, :, 0] = 255
    Image.fromarray(pixels).save(root / "examples.png")
    return root / "audit.json", root / "explanation.json"
