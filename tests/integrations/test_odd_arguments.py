"""Arguments of the wrong kind end in one line that says what came and what was wanted."""

import jaxtyping
import pytest
import torch

from ganeval.errors import InputError
from ganeval.integrations import accelerate, hub, mlflow, tensorboard, trackio, wandb
from ganeval.integrations.run_report import figures, write_run_report
from ganeval.integrations.sampling import SampleScorer, flat


@pytest.fixture(autouse=True)
def _as_outside_of_tests():
    """The checker of types, which runs in tests only, does not answer first."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


class Tracker:
    """Takes whatever is logged."""

    trackers = ()
    is_main_process = True

    def __getattr__(self, name):
        return lambda *given, **options: None


@pytest.fixture(scope="session")
def scores(history):
    return history[300]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"real": None}, "real is None; give real images"),
        ({"real": "nowhere"}, "nowhere does not exist"),
        ({"sample": None}, "sample is of type NoneType; wanted a function"),
        ({"sample": "model"}, "sample is of type str"),
        ({"sample": lambda n: None}, r"sample\(8\) returned a NoneType, and no images"),
        ({"sample": lambda n: torch.tensor(1.0)}, r"sample\(8\) returned a Tensor"),
        ({"sample": lambda n: ()}, r"sample\(8\) returned 0 images"),
        ({"sample": lambda n: (x for x in "ab")}, r"sample\(8\) returned a generator"),
        ({"feature_net": "nope"}, "unknown feature net 'nope'"),
        ({"feature_net": 5}, "a feature net cannot be a int"),
        ({"metrics": "fid"}, "metrics is 'fid'; wanted a list of names"),
        ({"metrics": 5}, "metrics is 5"),
        ({"metrics": []}, "no metrics were named"),
        ({"metrics": [["fid"]]}, "unknown metric"),
        ({"n": "8"}, "n is '8'; wanted a whole number"),
        ({"n": 0}, "n is 0; wanted a whole number, 1 or more"),
        ({"batch_size": 2.5}, "batch_size is 2.5; wanted a whole number"),
        ({"seed": None}, "seed is None; wanted a whole number"),
        ({"seed": -1}, "seed is -1; wanted a whole number, 0 or more"),
        ({"modules": None}, r"modules is None; wanted a list of torch modules"),
        ({"modules": torch.nn.Identity()}, r"as modules=\[model\]"),
        ({"modules": ["model"]}, "wanted a list of torch modules"),
        ({"value_range": 5}, "value range 5 is not understood"),
        ({"step": "last"}, "step is 'last'; wanted a whole number"),
        ({"step": None}, "step is None"),
    ],
)
def test_a_scorer_says_what_it_cannot_take(real, generator, changed, message):
    options = {"feature_net": "mnist", "value_range": (-1, 1), "n": 8, "modules": [generator]}
    given = {"real": real, "sample": generator.sample, "step": 1, **options, **changed}
    with pytest.raises(InputError, match=message) as caught:
        step = given.pop("step")
        SampleScorer(given.pop("real"), given.pop("sample"), **given)(step)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("given", [None, [1], {"fid": 1.5}, 5])
def test_what_is_no_scores_is_not_logged(given, tmp_path):
    for call in (
        lambda: flat(given),
        lambda: tensorboard.log_scores(Tracker(), given, step=1),
        lambda: wandb.log_scores(Tracker(), given, step=1),
        lambda: trackio.log_scores(Tracker(), given, step=1),
        lambda: accelerate.log_scores(Tracker(), given, step=1),
        lambda: hub.write_model_card(given, tmp_path, dataset="me/blobs"),
        lambda: hub.write_eval_results(given, tmp_path, dataset="me/blobs"),
    ):
        with pytest.raises(InputError, match="wanted scores by name"):
            call()


def test_a_history_for_scores_and_scores_for_a_history_are_told_apart(history, scores, tmp_path):
    with pytest.raises(InputError, match="scores are of type dict of dict; wanted scores by name"):
        flat(history)
    for given, message in [
        (scores, "the history is of type dict of Score; wanted scores by step and name"),
        ({1: None}, "wanted scores by name"),
        ({1: {}}, "the history has no scores at step 1"),
        ({"last": scores, 1: scores}, "wanted scores by step and name"),
        (None, "there are no scores yet"),
    ]:
        with pytest.raises(InputError, match=message):
            figures(given)
        with pytest.raises(InputError, match=message):
            write_run_report(given, tmp_path / "x.html")


def test_a_report_needs_a_place_and_a_title_that_is_text(history, tmp_path):
    for path in (None, 5, "", tmp_path, tmp_path / "none" / "x.html"):
        with pytest.raises(InputError, match="path is"):
            write_run_report(history, path)
    with pytest.raises(InputError, match="title is 5; wanted a heading"):
        write_run_report(history, tmp_path / "x.html", title=5)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("given", [None, "run", 5])
def test_what_is_no_tracker_is_refused(history, scores, given):
    for library, wanted in [
        (tensorboard, "SummaryWriter"),
        (wandb, "what wandb.init returned"),
        (trackio, "what trackio.init returned"),
        (accelerate, "an accelerate.Accelerator"),
    ]:
        with pytest.raises(InputError, match=wanted):
            library.log_scores(given, scores, step=1)
    with pytest.raises(InputError, match="SummaryWriter"):
        tensorboard.log_report(given, history)
    with pytest.raises(InputError, match="an accelerate.Accelerator"):
        accelerate.log_report(given, history)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dataset": None}, "dataset is None; wanted the id of a data set"),
        ({"dataset": ""}, "dataset is ''"),
        ({"model": 5}, "model is 5; wanted a text"),
        ({"model": ""}, "model is ''"),
        ({"folder": None}, "folder is None; wanted a path"),
        ({"folder": ""}, "folder is ''"),
        ({"scores": "nope.jsonl"}, "nope.jsonl"),
        ({"scores": {}}, "there are no scores"),
    ],
)
def test_the_hub_is_given_names_and_a_folder(scores, tmp_path, options, message):
    for write in (hub.write_model_card, hub.write_eval_results):
        given = {"scores": scores, "folder": tmp_path, "dataset": "me/blobs", **options}
        with pytest.raises(InputError, match=message):
            write(given.pop("scores"), given.pop("folder"), **given)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("tasks", [["fid"], "fid", {}, {"fid": None}, {"fid": ""}])
def test_tasks_are_metrics_with_names(scores, tmp_path, tasks):
    with pytest.raises(InputError, match="task"):
        hub.write_eval_results(scores, tmp_path, dataset="me/blobs", tasks=tasks)


@pytest.mark.peers
def test_mlflow_takes_a_run_only(scores):
    with pytest.raises(InputError, match=r"what mlflow.start_run returned"):
        mlflow.log_scores(None, scores, step=1)


@pytest.mark.peers
@pytest.mark.parametrize("real", [None, 5, "real"])
def test_a_metric_of_torchmetrics_knows_two_sides(digits, real):
    from ganeval.integrations.torchmetrics import ScoreMetric

    metric = ScoreMetric("fid", feature_net="mnist", value_range=(-1, 1))
    with pytest.raises(InputError, match="wanted True or False"):
        metric.update(digits[:4], real=real)


@pytest.mark.peers
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metric": None}, "unknown metric None"),
        ({"metric": ["fid"]}, "unknown metric"),
        ({"feature_net": None}, "feature net"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"batch_size": "x"}, "batch_size is 'x'"),
        ({"value_range": 5}, "value range 5"),
    ],
)
def test_a_metric_of_torchmetrics_is_made_of_what_it_can_take(options, message):
    from ganeval.integrations.torchmetrics import ScoreMetric

    with pytest.raises(InputError, match=message):
        ScoreMetric(**{"feature_net": "mnist", **options})


@pytest.mark.peers
def test_callbacks_take_counts_and_scorers(real, generator):
    from ganeval.integrations import lightning, transformers

    for every in (0, "1", 1.5, None):
        with pytest.raises(InputError, match="every_n_epochs is"):
            lightning.ScoreCallback(real, every_n_epochs=every)
    for scorer, log in [(None, print), (5, print)]:
        with pytest.raises(InputError, match=r"give \(SampleScorer, trainer.log\)"):
            transformers.ScoreCallback(scorer, log)
