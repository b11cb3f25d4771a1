"""What was logged is read back from what each tracker wrote on this machine, without a network."""

from pathlib import Path

import pytest

# Trackers warn of what is theirs.
pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("default")]


@pytest.fixture
def corrected(history):
    return {step: scores["fid"].corrected for step, scores in history.items()}


def test_tensorboard_has_scalars_and_figures(history, corrected, tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from torch.utils.tensorboard import SummaryWriter

    from ganeval.integrations.tensorboard import log_report, log_scores

    writer = SummaryWriter(tmp_path)
    for step, scores in history.items():
        log_scores(writer, scores, step=step)
    log_report(writer, history)
    writer.close()
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    found = {event.step: event.value for event in events.Scalars("fid/corrected")}
    assert found == pytest.approx(corrected, rel=1e-6)
    [picture] = events.Images("FID over training")
    assert picture.step == 300 and picture.encoded_image_string.startswith(b"\x89PNG")
    assert picture.width > 600


def test_wandb_has_numbers_the_page_and_figures(history, corrected, tmp_path, monkeypatch):
    import wandb

    from ganeval.integrations.wandb import log_report, log_scores

    monkeypatch.setenv("WANDB_SILENT", "true")
    run = wandb.init(project="blobs", mode="offline", dir=tmp_path)
    for step, scores in history.items():
        log_scores(run, scores, step=step)
    log_report(run, history)
    assert run.summary["fid/corrected"] == corrected[300]
    kept = run.dir
    run.finish()
    media = [path for path in Path(kept).rglob("*") if path.is_file()]
    [page] = [path for path in media if path.suffix == ".html"]
    assert "FID over training" in page.read_text()
    assert sum(path.suffix == ".png" for path in media) == 2


@pytest.mark.parametrize("store", ["file:{}/runs", "sqlite:///{}/runs.db"])
def test_mlflow_has_metrics_the_page_and_figures(history, corrected, tmp_path, monkeypatch, store):
    import mlflow

    from ganeval.integrations.mlflow import log_report, log_scores

    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(store.format(tmp_path))
    with mlflow.start_run() as run:
        for step, scores in history.items():
            log_scores(run, scores, step=step)
        log_report(run, history)
    client = mlflow.MlflowClient()
    found = client.get_metric_history(run.info.run_id, "fid/corrected")
    assert {metric.step: metric.value for metric in found} == corrected
    assert client.get_metric_history(run.info.run_id, "fid/value")
    kept = [file.path for file in client.list_artifacts(run.info.run_id, "ganeval")]
    assert sorted(kept) == [
        "ganeval/FID over training.png",
        "ganeval/KID over training.png",
        "ganeval/ganeval-report.html",
    ]


def test_trackio_has_metrics_the_page_and_figures(history, corrected, tmp_path, monkeypatch):
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path))
    import trackio

    from ganeval.integrations.trackio import log_report, log_scores

    run = trackio.init(project="blobs", name="one", embed=False)
    for step, scores in history.items():
        log_scores(run, scores, step=step)
    log_report(run, history)
    trackio.finish()
    from trackio.sqlite_storage import SQLiteStorage

    logged = SQLiteStorage.get_logs("blobs", "one")
    found = {row["step"]: row["fid/corrected"] for row in logged if "fid/corrected" in row}
    assert found == corrected
    assert [row["step"] for row in logged if "FID over training" in row] == [300]
    assert len(list(tmp_path.rglob("*.png"))) == 2
    [page] = SQLiteStorage.get_artifacts("blobs")
    assert (page["name"], page["type"]) == ("ganeval-report", "report")
