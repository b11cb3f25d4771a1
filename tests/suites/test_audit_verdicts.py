"""What an audit concludes is about the net; want of groups is said, and so is what has no test."""

import pytest

from ganeval.suites.audit import verdicts as say
from ganeval.suites.audit.growth import Enough
from ganeval.suites.audit.responses import Response
from ganeval.suites.audit.separation import Separation


def response(fault, floors, *, metric="kid", noticed=True, up_to=None, reason=None):
    return Response(
        metric, fault, 1.0, "1 px", floors, floors, None if reason else 0.01 if noticed else 0.3,
        floors > 0, noticed and reason is None, reason, up_to,
    )  # fmt: skip


SEEN = [response(fault, 20.0) for fault in ("blur", "noise", "dimming", "channel swap")]
MISSED = [response(fault, 0.4, noticed=False, up_to=0.8) for fault in ("blur", "noise")]
UNSURE = [response(fault, 5.0, noticed=False, up_to=9.0) for fault in ("blur", "noise")]
NO_LABELS = {"missing classes": "no labels", "unequal classes": "no labels"}


def test_faults_without_a_test_are_named_with_their_reason():
    verdict = say.of_faults([*SEEN, response("missing classes", 6.0, reason="too few")], {})
    assert verdict.answer == "fit"
    assert "; no test of missing classes: too few" in verdict.why
    verdict = say.of_faults(SEEN, NO_LABELS)
    assert verdict.why.endswith("; no test of missing classes and unequal classes: no labels")
    assert say.of_faults([], NO_LABELS).answer == "not asked"


@pytest.mark.parametrize(
    ("first", "groups", "answer"),
    [
        (UNSURE, 4, "not asked"),
        (UNSURE, 40, "unfit"),
        (UNSURE, None, "unfit"),
        (MISSED, 4, "unfit"),
        ([MISSED[0], UNSURE[1]], 4, "fit with care"),
        ([SEEN[0], UNSURE[1]], 4, "fit"),
    ],
)
def test_want_of_groups_is_not_blamed_on_the_net(first, groups, answer):
    verdict = say.of_faults([*first, *SEEN[2:]], NO_LABELS, groups)
    assert verdict.answer == answer
    unsure = groups == 4 and any(one in UNSURE for one in first)
    assert ("too few groups to say of" in verdict.why) == unsure
    if answer == "not asked":
        assert "but not" not in verdict.why
        fit = say.Verdict("shift", "fit", "")
        assert say.worst([verdict, fit]) == "not asked"
        assert say.worst([verdict, fit, say.Verdict("classes", "unfit", "")]) == "unfit"


def test_classes_of_few_groups_are_neither_apart_nor_not():
    wide, narrow = Separation(0.576, (0.49, 0.66)), Separation(0.501, (0.49, 0.51))
    verdict = say.of_classes(wide, 0.95, units="groups")
    assert (verdict.answer, verdict.why[:23]) == ("not asked", "too few groups to say: ")
    assert say.of_classes(narrow, 0.95).answer == "unfit"


def test_a_shift_is_weighed_by_the_distance_that_notices_it():
    fid = [response(fault, 20.0, metric="fid") for fault in ("blur", "noise", "dimming")]
    blind = [response("missing classes", 2.0, metric=metric, noticed=False, up_to=4.0)
             for metric in ("fid", "kid")]  # fmt: skip
    unseen = response("shift", 0.1, noticed=False, up_to=0.4)
    verdict = say.of_shift([*fid, *SEEN, *blind, response("shift", 1.5, metric="fid"), unseen])
    assert verdict.answer == "fit with care"
    assert verdict.why == "FID notices a shift by 1 px, but not missing classes at full strength"
    verdict = say.of_shift([*SEEN, response("shift", 40.0)])
    assert verdict.answer == "unfit" and "moves it more than blur, noise" in verdict.why
    neither = [response("shift", 0.1, metric="fid", noticed=False, up_to=0.4), unseen]
    verdict = say.of_shift([*fid, *SEEN, *neither])
    assert (verdict.answer, verdict.why) == ("fit", "neither FID nor KID notices a shift by 1 px")
    heavy = response("shift", 5.0, noticed=False, up_to=30.0)
    assert say.of_shift([*SEEN, heavy], 4).answer == "not asked"
    assert say.of_shift([*SEEN, heavy], 40).answer == "fit"


def test_copies_do_not_decide_which_distance_is_asked():
    fid = [response(one.fault, 20.0, metric="fid") for one in SEEN]
    assert say.primary([*fid, *SEEN, response("copies", 0.1, noticed=False)]) == "fid"
    assert say.primary([*fid[1:], *SEEN]) == "kid"


def test_the_wished_width_is_explained_and_counts_groups():
    found = {
        "fid": Enough("fid", 0.1, 0.3, reason="no number of images is enough"),
        "kid": Enough("kid", 0.001, 0.003, 480, groups=40),
    }
    why = say.of_images(found, "kid", 48, 0.1, 4).why
    assert why == (
        "to know KID to ± 0.001 (a tenth of what strong faults do to it), take 480 images of "
        "40 groups a side; 48 images of 4 groups know it to ± 0.003"
    )
    found["fid"] = Enough("fid", 0.1, reason="few")
    why = say.of_images(found, "kid", 500, 0.25).why
    assert "(25 % of what strong faults do to it); FID has no interval (few)" in why


def test_a_weak_correlation_is_yes_only_where_the_other_net_misses_faults():
    blind = [*SEEN[:3], response("channel swap", 0.1, noticed=False)]
    verdict = say.of_agreement("a", {"a": SEEN, "b": blind}, {"b": 0.29})
    assert verdict.answer == "fit"
    assert verdict.why.endswith("0.29 with b, which misses channel swap")
    verdict = say.of_agreement("a", {"a": SEEN, "b": SEEN}, {"b": 0.29})
    assert verdict.answer == "fit with care"
    assert verdict.why.endswith("; yet no fault that a notices is missed by b")
    assert say.of_agreement("a", {"a": SEEN, "b": SEEN}, {"b": 0.9}).answer == "fit"
    assert say.of_agreement("b", {"a": SEEN, "b": blind}, {"a": 0.29}).answer == "fit with care"
