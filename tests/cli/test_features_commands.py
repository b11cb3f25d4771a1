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


def test_features_are_written_to_npz_only(run, folder, tmp_path):
    table = tmp_path / "T.csv"
    table.write_text("mine")
    done = run("features", "extract", folder("real"), "--feature-net", "pixels", "-o", table)
    assert done.exit_code == 2 and "must end in .npz" in done.stderr
    assert table.read_text() == "mine"
