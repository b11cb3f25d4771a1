"""`ganeval plan`, the margin of `compare`, and the primary metric of `evaluate`."""

import json

import pytest


@pytest.fixture
def pilot(folder):
    return folder("real"), folder("near", seed=1, shift=5), folder("far", seed=2, shift=40)


def test_a_plan_is_a_table_and_a_sentence(run, pilot):
    real, _, far = pilot
    done = run(
        "plan", real, far, "--metric", "kid", "--half-width", "0.001", "--feature-net", "pixels"
    )
    assert done.exit_code == 0, done.stderr
    assert "(pilot)" in done.stdout and "(needed)" in done.stdout
    assert "To know KID to ± 0.001 (95 %), take" in done.stdout


def test_a_plan_in_json_is_one_line(run, pilot):
    options = ("--metric", "kid", "--difference", "0.01", "--feature-net", "pixels", "--json")
    done = run("plan", *pilot, *options)
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["models"] == ["near", "far"]
    assert found["needed"]["detectable"] <= 0.01 * 1.001


def test_a_margin_beyond_all_differences_makes_models_equivalent(run, pilot):
    options = ("--metric", "kid", "--feature-net", "pixels")
    wide = run("compare", *pilot, *options, "--margin", "1e6")
    assert "far counts as equivalent to near" in wide.stdout
    assert "equivalent" not in run("compare", *pilot, *options, "--margin", "1e-6").stdout
    refused = run("compare", *pilot, *options, "--margin", "0")
    assert refused.exit_code == 2 and "margin is 0; wanted a positive number" in refused.stderr


def test_a_table_of_several_metrics_names_its_primary_one(run, pilot):
    options = ("--feature-net", "pixels", "--metrics")
    several = run("evaluate", *pilot[:2], *options, "kid,rke")
    assert "Primary metric: KID, the first that is named" in several.stderr
    assert "Primary" not in run("evaluate", *pilot[:2], *options, "kid").stderr
