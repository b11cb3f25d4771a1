def test_features_are_written_to_npz_only(run, folder, tmp_path):
    table = tmp_path / "T.csv"
    table.write_text("mine")
    done = run("features", "extract", folder("real"), "--feature-net", "pixels", "-o", table)
    assert done.exit_code == 2 and "must end in .npz" in done.stderr
    assert table.read_text() == "mine"
