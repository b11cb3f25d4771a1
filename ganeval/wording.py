"""Names of options, in the words of whoever reads the message.

Messages are written with options as one types them, `--axes YXC`. On the command line they stay
so, and keywords such as `stack_by` become options too; in Python the keywords are named at the end,
with the function that takes them: no metric and no evaluator takes them all.
"""

import re
from collections.abc import Iterable, Sequence

TEXTS = (
    "axes", "channel_names", "device", "exclude", "feature_net", "group_by", "include", "label_by",
    "layout", "on_error", "planes", "project", "stack_by", "value_range", "weights",
)  # fmt: skip
NUMBERS = (
    "batch_size", "channels", "mask_channel", "max_images", "num_workers", "pixel_size", "resize",
    "subset_size", "test_size",
)  # fmt: skip
FLAGS = ("each_channel", "match_labels")
KEYWORDS = {*TEXTS, *NUMBERS, *FLAGS}
"""Options that functions of the library take as keywords of the same name."""

CALLS = {
    "open_images": ("IMAGES", {
        "axes", "channels", "exclude", "group_by", "include", "label_by", "layout", "max_images",
        "on_error", "planes", "project", "stack_by", "value_range",
    }),
    "extract": ("IMAGES, NET", {"each_channel", "num_workers", "resize", "weights"}),
}  # fmt: skip
"""Functions that open or embed what any metric or evaluator then takes, with their keywords."""

_WORDS = {"skip", "fail", "max", "mean", "min", "x", "y", "z", "t", "xy", "xyz", "yz", "xz", "data"}
"""Values that do not look like values."""

_OPTION = re.compile(r"--([a-z][a-z-]*[a-z])(?:[ =]('[^']*'|[^\s;'()]+))?")
_LONG = "|".join(sorted(word for word in KEYWORDS if "_" in word))
_KEYWORD = re.compile(rf"(?<![\w./-])({_LONG})(?![\w=./])")
_QUOTED = re.compile(r"'([^']{79})[^']{2,}'")


def for_command_line(text: str) -> str:
    """`text` with keywords of the library as options, and long values cut.

    Example:
        >>> for_command_line("max_images is 0; give 1 or more")
        '--max-images is 0; give 1 or more'
    """
    return short(_KEYWORD.sub(lambda match: f"--{match[1].replace('_', '-')}", text))


def short(text: str) -> str:
    """`text` with the values between quotes cut to 80 letters: a slip of the clipboard is long."""
    return _QUOTED.sub(lambda match: f"'{match[1]}…'", text)


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return "".join(names) if len(names) < 2 else f"{', '.join(names[:-1])} and {names[-1]}"


def for_python(text: str) -> str:
    """`text`, and the keywords that its options are in Python.

    Example:
        >>> for_python("say --axes YXC")
        "say --axes YXC (in Python: ganeval.open_images(IMAGES, axes='YXC'))"
    """
    found: dict[str, None] = {}
    for match in _OPTION.finditer(text):
        name = match[1].replace("-", "_")
        if name in KEYWORDS:
            found[f"{name}={_value(name, match[2])}"] = None
    said = [one for one in found if not one.endswith("=...") or not _has_value(one, found)]
    return f"{text} (in Python: {', '.join(_calls(said))})" if said else text


def _calls(said: Iterable[str]) -> list[str]:
    """Keywords inside the functions that take them, or alone where most functions do.

    The second value of a keyword is another choice, and stands behind the call.
    """
    found: list[str] = []
    rest = list(said)
    for function, (data, keywords) in CALLS.items():
        mine = [one for one in rest if one.partition("=")[0] in keywords]
        rest = [one for one in rest if one not in mine]
        first = {one.partition("=")[0]: one for one in reversed(mine)}.values()
        others = [one for one in mine if one not in first]
        if mine:
            inside = ", ".join(one for one in mine if one in first)
            found.append(" or ".join([f"ganeval.{function}({data}, {inside})", *others]))
    return [*found, *rest]


def _has_value(open_one: str, found: Iterable[str]) -> bool:
    """Whether a keyword without a value is named with one, too."""
    return any(other != open_one and other.startswith(open_one[:-3]) for other in found)


def _value(name: str, typed: str | None) -> str:
    value = (typed or "").rstrip(",.:").strip("'")
    if name in FLAGS:
        return "True"
    if value not in _WORDS and not re.search(r"[A-Z0-9:*]", value):
        return "..."
    if name in TEXTS:
        return repr(value)
    return f"({value.replace(',', ', ')})" if "," in value else value
