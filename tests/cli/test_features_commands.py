import ganeval


def test_shards_are_written_to_folders_and_merge_into_the_whole(run, folder, tmp_path):
    images = folder("real")
    names = [tmp_path / f"{i}.features" for i in range(2)]
    for i, name in enumerate(names):
        typed = ("features", "extract", images, "--feature-net", "pixels", "-o", name)
        done = run(*typed, "--shard", f"{i}/2")
        assert done.exit_code == 0, done.stderr
    again = run(*typed, "--shard", "1/2")  # complete already
    assert again.exit_code == 0 and again.stdout == done.stdout
    done = run("features", "merge", *names, "-o", tmp_path / "all.features")
    assert done.exit_code == 0, done.stderr
    found = ganeval.Features.load(tmp_path / "all.features")
    whole = ganeval.extract(images, "pixels", cache=False)
    assert found.ids == whole.ids and found.fingerprint == whole.fingerprint
    assert (found.features == whole.features).all()


def test_an_engine_is_ray_and_needs_a_net(run, folder, tmp_path):
    typed = ("features", "extract", folder("real"), "-o", tmp_path / "x.features", "--engine")
    done = run(*typed, "spark", "--feature-net", "pixels")
    assert done.exit_code == 2 and "wanted ray or ray://HOST:PORT" in done.stderr
    done = run(*typed, "ray")
    assert done.exit_code == 2 and "add --feature-net NAME" in done.stderr


def test_features_of_one_net_are_not_taken_for_those_of_another(run, folder, tmp_path):
    """Whatever a command makes of them, and whether there are images too or not."""
    kept, moments, new = (str(tmp_path / name) for name in ("x.npz", "s.npz", "new.npz"))
    net = ("--feature-net", "pixels")
    assert run("features", "extract", folder("a"), "-o", kept, *net).exit_code == 0
    assert run("stats", "save", kept, "-o", moments, *net).exit_code == 0
    for typed in (
        ("kid", kept, kept),
        ("fid", moments, kept),
        ("stats", "save", kept, "-o", new),
        ("features", "extract", kept, "-o", new),
    ):
        done = run(*typed, "--feature-net", "texture")
        assert done.exit_code == 2 and "was made by net 'pixels', and 'texture'" in done.stderr
        assert not (tmp_path / "new.npz").exists()


def test_features_are_written_to_npz_only(run, folder, tmp_path):
    table = tmp_path / "T.csv"
    table.write_text("mine")
    done = run("features", "extract", folder("real"), "--feature-net", "pixels", "-o", table)
    assert done.exit_code == 2 and "must end in .npz" in done.stderr
    assert table.read_text() == "mine"
