"""What is written for the Hub is read back by its own library."""

import pytest

import ganeval
from ganeval.errors import InputError
from ganeval.suites import ScoresFile

pytestmark = pytest.mark.peers


@pytest.fixture
def scores_file(history, tmp_path):
    """Two models of three scored steps."""
    from dataclasses import replace

    file = ScoresFile(tmp_path / "scores.jsonl")
    for step, name in ((100, "early"), (300, "late")):
        for score in history[step].values():
            file.append(replace(score, details={**score.details, "model": name}))
    return file.path


def test_a_new_card_has_metadata_table_and_methods(scores_file, history, tmp_path):
    from huggingface_hub import ModelCard

    from ganeval.integrations.hub import write_model_card

    path = write_model_card(
        scores_file, tmp_path / "repository", dataset="me/blobs", dataset_name="Blobs", model="late"
    )
    card = ModelCard(path.read_text())
    assert path.name == "README.md" and card.data.model_name == "late"
    fid, kid = card.data.eval_results
    score = history[300]["fid"]
    assert (fid.metric_type, fid.metric_name, kid.metric_type) == ("fid", "FID (mnist)", "kid")
    assert fid.metric_value == score.value
    assert fid.metric_args["corrected"] == score.corrected
    assert (fid.metric_args["low"], fid.metric_args["high"]) == score.interval
    assert fid.metric_args["protocol"] == score.protocol_id
    assert (fid.dataset_type, fid.dataset_name) == ("me/blobs", "Blobs")
    assert fid.task_type == "unconditional-image-generation"
    assert "| model | FID ↓ | KID ↓ |" in card.text and "ganeval" in card.text


def test_a_card_that_is_there_keeps_what_is_not_ours(scores_file, tmp_path):
    from huggingface_hub import ModelCard

    from ganeval.integrations.hub import write_model_card

    (tmp_path / "README.md").write_text(
        "---\nlicense: mit\ntags:\n- cells\nmodel-index:\n- name: Mine\n  results:\n"
        "  - task:\n      type: unconditional-image-generation\n"
        "    dataset:\n      type: other/data\n      name: Other\n"
        "    metrics:\n    - type: fid\n      value: 12.5\n---\n# Mine\n\nWords of mine.\n"
    )
    for model in ("early", "late"):
        path = write_model_card(scores_file, tmp_path, dataset="me/blobs", model=model)
    text = path.read_text()
    card = ModelCard(text)
    assert (card.data.license, card.data.tags, card.data.model_name) == ("mit", ["cells"], "Mine")
    found = [(result.dataset_type, result.metric_type) for result in card.data.eval_results]
    assert found == [("other/data", "fid"), ("me/blobs", "fid"), ("me/blobs", "kid")]
    assert card.data.eval_results[0].metric_value == 12.5
    assert text.count("Words of mine.") == text.count("## Evaluation") == 1
    assert "| late |" in text and "| early |" not in text
    again = write_model_card(scores_file, tmp_path, dataset="me/blobs", model="late")
    assert again.read_text() == text


def test_a_mark_without_its_end_takes_no_text_with_it(scores_file, tmp_path):
    from ganeval.integrations.hub import write_model_card

    (tmp_path / "README.md").write_text("# Mine\n<!-- scores by ganeval -->\nmy text\n")
    for _ in range(2):
        path = write_model_card(scores_file, tmp_path, dataset="me/blobs", model="late")
    text = path.read_text(encoding="utf-8")
    assert "my text" in text and text.count("## Evaluation") == 1


def test_eval_results_are_entries_of_a_benchmark(scores_file, history, tmp_path):
    import yaml
    from huggingface_hub import parse_eval_result_entries

    from ganeval.integrations.hub import write_eval_results

    path = write_eval_results(
        scores_file, tmp_path, dataset="me/blobs", model="early", tasks={"fid": "default"},
        source_url="https://example.org/report.html",
    )  # fmt: skip
    assert path == tmp_path / ".eval_results" / "ganeval.yaml"
    [entry] = parse_eval_result_entries(yaml.safe_load(path.read_text()))
    score = history[100]["fid"]
    assert (entry.dataset_id, entry.task_id, entry.value) == ("me/blobs", "default", score.value)
    assert f"corrected {score.corrected:.3f}, 95 % CI" in entry.notes
    assert entry.source_url == "https://example.org/report.html"


def test_scores_of_an_evaluator_will_do(history, tmp_path):
    import yaml

    from ganeval.integrations.hub import write_eval_results, write_model_card

    card = write_model_card(history[300], tmp_path, dataset="me/blobs", model="Blobs")
    assert card.read_text().startswith("---\nmodel-index:\n- name: Blobs")
    path = write_eval_results(history[300], tmp_path, dataset="me/blobs")
    tasks = [entry["dataset"]["task_id"] for entry in yaml.safe_load(path.read_text())]
    assert tasks == ["fid", "kid"]


def test_hostile_names_stay_text(history, tmp_path):
    from huggingface_hub import ModelCard

    from ganeval.integrations.hub import write_model_card

    name = "a: b\n---\n# <script>"
    card = write_model_card(history[300], tmp_path, dataset="me/blobs", model=name)
    assert ModelCard(card.read_text()).data.model_name == name


def test_what_does_not_fit_is_refused(scores_file, history, tmp_path):
    from ganeval.integrations.hub import write_eval_results, write_model_card

    with pytest.raises(InputError, match="has scores of early, late; choose one with model="):
        write_model_card(scores_file, tmp_path, dataset="me/blobs")
    with pytest.raises(InputError, match="has no model 'last'; it has early, late"):
        write_model_card(scores_file, tmp_path, dataset="me/blobs", model="last")
    with pytest.raises(InputError, match="no score by c2st for task 'auc'; there are scores by"):
        write_eval_results(history[100], tmp_path, dataset="me/blobs", tasks={"c2st": "auc"})
    with pytest.raises(ganeval.InputError, match="there are no scores"):
        write_model_card({}, tmp_path, dataset="me/blobs")
    (tmp_path / "README.md").write_text("---\n- not\n- a card\n---\n")
    with pytest.raises(InputError, match="README.md has metadata that cannot be read"):
        write_model_card(history[100], tmp_path, dataset="me/blobs")
    (tmp_path / "README.md").write_text("---\n{\n---\n")
    with pytest.raises(InputError, match="README.md has metadata that cannot be read"):
        write_model_card(history[100], tmp_path, dataset="me/blobs")
