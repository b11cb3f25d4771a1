import os
from pathlib import Path


def test_info_and_clear(run, folder):
    empty = run("cache", "info")
    assert "0 entries" in empty.stdout
    run("fid", folder("a"), folder("b", seed=1), "--feature-net", "pixels")
    filled = run("cache", "info")
    assert filled.stdout.splitlines()[0] == os.environ["GANEVAL_CACHE"]
    assert "features" in filled.stdout and "scores" in filled.stdout
    assert "freed" in run("cache", "clear").stdout
    assert not Path(os.environ["GANEVAL_CACHE"]).exists()


def test_no_cache_writes_nothing(run, folder):
    run("fid", folder("a"), folder("b", seed=1), "--feature-net", "pixels", "--no-cache")
    assert not any(Path(os.environ["GANEVAL_CACHE"]).rglob("*"))
