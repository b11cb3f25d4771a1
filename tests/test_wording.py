import inspect

import pytest

import ganeval
from ganeval.errors import ImageError, InputError, on_command_line
from ganeval.wording import CALLS, for_command_line, for_python, short


@pytest.mark.parametrize(
    ("typed", "keywords"),
    [
        ("say --axes YXC", "open_images(IMAGES, axes='YXC')"),
        ("declare it: --value-range 0:4095", "open_images(IMAGES, value_range='0:4095')"),
        (
            "select some with --channels 0,1, or --on-error skip",
            "open_images(IMAGES, channels=(0, 1), on_error='skip')",
        ),
        (
            "run it with --each-channel, or --resize 64,48",
            "extract(IMAGES, NET, each_channel=True, resize=(64, 48))",
        ),
        ("say --axes (as in ZYX), or --axes CYX", "open_images(IMAGES, axes='CYX')"),
        ("--exclude '*_mask.png' leaves them out", "open_images(IMAGES, exclude='*_mask.png')"),
        ("leave some out with --exclude, or others", "open_images(IMAGES, exclude=...)"),
        (
            "say --layout NHWC or --layout NCHW",
            "open_images(IMAGES, layout='NHWC') or layout='NCHW'",
        ),
    ],
)
def test_python_is_told_the_keywords_of_the_options(typed, keywords):
    assert for_python(typed) == f"{typed} (in Python: ganeval.{keywords})"


def test_what_most_functions_take_stands_alone():
    text = "take another --feature-net, or --match-labels"
    assert for_python(text).endswith("(in Python: feature_net=..., match_labels=True)")


@pytest.mark.parametrize("function", CALLS)
def test_a_function_that_is_named_takes_the_keywords(function):
    taken = inspect.signature(getattr(ganeval, function)).parameters
    assert CALLS[function][1] <= set(taken)


@pytest.mark.parametrize("text", ["replace it with --force", "no option here", "a--b"])
def test_what_is_no_keyword_stays(text):
    assert for_python(text) == text


def test_the_command_line_is_told_options_and_long_values_are_cut():
    assert for_command_line("stack_by joins files") == "--stack-by joins files"
    assert for_command_line("--label-by folder:0 needs /data/label_by/x") == (
        "--label-by folder:0 needs /data/label_by/x"
    )
    long = short(f"value range {'x' * 5000!r} is not understood")
    assert long == f"value range '{'x' * 79}…' is not understood"
    assert short("'" + "x" * 80 + "'") == "'" + "x" * 80 + "'"


def test_an_error_speaks_the_language_of_its_reader():
    errors = (
        InputError("label_by is odd; say --label-by folder:0"),
        ImageError("a.png", "--axes CYX"),
    )
    assert str(errors[0]) == (
        "label_by is odd; say --label-by folder:0 "
        "(in Python: ganeval.open_images(IMAGES, label_by='folder:0'))"
    )
    with on_command_line():
        assert str(errors[0]) == "--label-by is odd; say --label-by folder:0"
        assert str(errors[1]) == "a.png --axes CYX"
    assert str(errors[1]) == (
        "a.png --axes CYX (in Python: ganeval.open_images(IMAGES, axes='CYX'))"
    )
