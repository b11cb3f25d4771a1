import pytest


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("fid real", "Missing argument 'FAKE'"),
        ("ct real fake", "Missing option '--train'; see ganeval ct --help"),
        ("fid real fake --featurenet inception", "--feature-net"),
        ("frob", "No such command 'frob'; see ganeval --help"),
        ("nets frob", "see ganeval nets --help"),
        ("kid real fake --seed one", "valid integer"),
        ("--frob", "No such option"),
        ("kid real fake --" + "9x" * 3000, "… (6"),
        ("kid real fake --\x1b[31m", "\\x1b[31m"),
        ("\u202efid real fake", "No such command"),
    ],
)
def test_wrong_usage_is_told_in_one_line(run, line, told):
    done = run(*line.split())
    assert done.exit_code == 2 and not done.stdout
    assert done.stderr.startswith("Error: ") and told in done.stderr
    assert done.stderr.count("\n") == 1 and len(done.stderr) < 300
    assert done.stderr[:-1].isprintable()


def test_no_arguments_show_the_help(run):
    for group in ([], ["nets"]):
        done = run(*group)
        assert "Usage: " in done.stdout and not done.stderr
