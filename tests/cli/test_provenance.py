"""A score says where and from what it was made, outside of what makes it comparable."""

import json

import ganeval
from ganeval.suites.machine import processor


def test_a_score_of_the_command_line_says_where_it_was_made(run, folder):
    real, fake = folder("real", n=40), folder("fake", n=40, seed=1)
    options = ("--feature-net", "pixels", "--json")
    score = json.loads(run("kid", real, fake, *options).stdout)
    made = score["details"]["provenance"]
    assert made["device"] == "cpu" or made["device"].startswith("cuda")
    assert made["net"]["name"] == "pixels" and made["net"]["sha256"] is None
    assert processor()
    same = ganeval.kid(real, fake, feature_net="pixels")
    assert same.protocol_id == score["protocol_id"]
    assert json.loads(run("kid", real, fake, *options).stdout) == score  # from the cache


def test_the_name_of_the_protocol_stands_in_its_own_score_only(run, folder):
    sides = folder("real", n=400), folder("fake", n=400, seed=1)
    net = ("--feature-net", "pixels", "--json")
    by_hand = ("--bandwidth", "1", "--total", "--subsets", "10", "--subset-size", "256")
    plain = json.loads(run("kde", *sides, *net, *by_hand).stdout)
    named = json.loads(run("kde", *sides, *net, "--protocol", "thesis").stdout)
    made = named["details"].pop("provenance")
    assert made["protocol"] == made["options"]["protocol"] == "thesis"
    assert made["command"].endswith("--protocol thesis")
    assert "--total" in plain["details"].pop("provenance")["command"]
    assert named == plain  # the cached one: the same score


def test_evaluate_keeps_the_provenance_in_its_file(run, folder, tmp_path):
    out = tmp_path / "scores.jsonl"
    sides = folder("real", n=40), folder("fake", n=40, seed=1)
    done = run("evaluate", *sides, "--feature-net", "pixels", "--metrics", "kid", "-o", out)
    assert done.exit_code == 0, done.stderr
    for line in out.read_text().splitlines():
        assert json.loads(line)["details"]["provenance"]["net"]["name"] == "pixels"
