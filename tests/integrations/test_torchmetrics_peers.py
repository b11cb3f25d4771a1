import copy
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import torch
import torch.distributed as dist

import ganeval
from ganeval.errors import ImageError, InputError

pytestmark = pytest.mark.peers


def metric_of(name="fid", **options):
    from ganeval.integrations.torchmetrics import ScoreMetric

    return ScoreMetric(name, feature_net="mnist", value_range=(-1, 1), **options)


def fakes(n, *, power=2.0, seed=2):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(n, 1, 28, 28, generator=generator) ** power * 2 - 1


def filled(metric, real, fake, size=64):
    for batch in real.split(size):
        metric.update(batch, real=True)
    for batch in fake.split(size):
        metric.update(batch, real=False)
    return metric


@pytest.mark.parametrize("name", ["fid", "kid", "precision", "inception_score"])
def test_it_gives_the_score_that_ganeval_gives(digits, name):
    fake = fakes(150)
    metric = filled(metric_of(name), digits, fake)
    sides = [ganeval.open_images(side, value_range=(-1, 1)) for side in (digits, fake)]
    real, fake = (ganeval.extract(side, feature_net="mnist") for side in sides)
    expected = ganeval.METRICS[name].function(real=real, fake=fake)
    assert metric.compute().item() == pytest.approx(expected.value, rel=1e-6)
    assert metric.compute().dtype == torch.float64
    assert metric.score.protocol_id == expected.protocol_id
    assert (metric.score.interval is None) == (expected.interval is None)
    assert metric.higher_is_better == (name in ("precision", "inception_score"))


def test_it_agrees_with_the_fid_of_torchmetrics_on_the_same_features(digits):
    from torchmetrics.image.fid import FrechetInceptionDistance

    net = ganeval.load_net("mnist")

    class Features(torch.nn.Module):
        num_features = 64

        def forward(self, images):
            return net((images + 1) / 2).features

    fake = fakes(150)
    theirs = filled(FrechetInceptionDistance(Features(), normalize=True), digits, fake)
    ours = filled(metric_of(), digits, fake)
    assert ours.compute().item() == pytest.approx(theirs.compute().item(), rel=1e-5)


def test_metrics_of_a_collection_embed_each_image_once(digits):
    from torchmetrics import MetricCollection

    both = MetricCollection({name: metric_of(name) for name in ("fid", "kid")})
    alone = {name: filled(metric_of(name), digits, fakes(128)) for name in ("fid", "kid")}
    filled(both, digits, fakes(128))
    assert both.compute_groups == {0: ["fid", "kid"]}
    assert both.compute() == {name: metric.compute() for name, metric in alone.items()}
    other = MetricCollection(
        {"a": metric_of(), "b": metric_of("kid")}, prefix="val/", compute_groups=False
    ).clone()
    assert filled(other, digits, fakes(128)).compute() == {
        "val/a": both["fid"].compute(),
        "val/b": both["kid"].compute(),
    }


def test_reset_forgets_all_or_the_fakes_only(digits):
    forgetful, faithful = metric_of(), metric_of(reset_real_features=False)
    for metric in (forgetful, faithful):
        filled(metric, digits, fakes(64)).compute()
        metric.reset()
        metric.update(fakes(64, seed=3), real=False)
    with pytest.raises(InputError, match="there are no real images to score"):
        forgetful.compute()
    alone = filled(metric_of(), digits, fakes(64, seed=3))
    assert faithful.compute() == alone.compute()


def test_labels_reach_metrics_of_classes(digits):
    metric = metric_of("intra_kid")
    metric.update(digits, real=True, labels=torch.arange(256) % 2)
    metric.update(fakes(128), real=False, labels=torch.arange(128) % 2)
    assert metric.compute() > 0
    assert sorted(metric.score.details["classes"]) == ["0", "1"]


def test_it_can_be_copied_and_made_half(digits):
    metric = filled(metric_of(), digits, fakes(64))
    again = copy.deepcopy(metric)
    again.set_dtype(torch.float16)
    assert again.compute() == metric.compute()
    assert not metric.state_dict() and not list(metric.parameters())


def test_the_net_follows_the_metric_to_its_device(digits, monkeypatch):
    from ganeval.integrations import torchmetrics as module

    metric, devices, load_net = metric_of(), [], ganeval.load_net

    def loaded(spec, *, device):
        devices.append(str(device))
        return load_net(spec, device=device)

    monkeypatch.setattr(module, "load_net", loaded)
    metric.update(digits[:8], real=True)
    metric._device = torch.device("cpu:0")  # as `to` does
    metric.update(digits[8:16], real=True)
    metric.update(digits[16:24], real=True)
    assert devices == ["cpu:0"]


def test_what_it_cannot_do_is_refused(digits):
    from ganeval.integrations.torchmetrics import ScoreMetric

    with pytest.raises(InputError, match="authpct needs the training images"):
        metric_of("authpct")
    with pytest.raises(InputError, match="unknown metric 'fud'"):
        metric_of("fud")
    with pytest.raises(InputError, match="value_range is 'data'"):
        ScoreMetric("fid", feature_net="mnist", value_range="data")
    advice = r"give value_range=\(low, high\)"
    with pytest.raises(InputError, match=advice):
        ScoreMetric("fid", feature_net="mnist").update(digits, real=True)
    metric = metric_of()
    with pytest.raises(ImageError, match="3 channels"):
        metric.update(torch.rand(8, 3, 28, 28), real=True)
    metric.update(digits, real=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(InputError, match="no fake images to score"):
            metric.compute()


def of_one_rank(rank, folder):
    """Batches in turns; rank 1 has none of the fakes."""
    from ganeval.integrations.sampling import SampleScorer

    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2)
    real, metric = fakes(240, power=3.0, seed=1), metric_of()
    for batch in real.split(40)[rank::2]:
        metric.update(batch, real=True)
    if rank == 0:
        for batch in fakes(150).split(50):
            metric.update(batch, real=False)
    metric.compute()
    source = ganeval.open_images(real, value_range=(-1, 1))
    options = {"feature_net": "mnist", "metrics": ["fid"], "value_range": (-1, 1), "n": 151}
    sampled = SampleScorer(source, lambda n: torch.rand(n, 1, 28, 28) ** 2 * 2 - 1, **options)
    scores = [metric.score, sampled(step=1)["fid"]]
    assert (scores[1].estimate is not None) == (rank == 0)
    Path(folder, f"{rank}.jsonl").write_text("\n".join(score.to_json() for score in scores))
    metric.update(real[:3], real=False)  # back to this rank's own images
    assert len(metric.fake_features) == (4 if rank == 0 else 2)
    dist.destroy_process_group()


def test_two_processes_give_the_score_of_one(tmp_path):
    ranks = [subprocess.Popen([sys.executable, __file__, str(rank), tmp_path]) for rank in range(2)]
    assert [rank.wait(90) for rank in ranks] == [0, 0]
    metric = metric_of()
    for batch in fakes(240, power=3.0, seed=1).split(40):
        metric.update(batch, real=True)
    for batch in fakes(150).split(50):
        metric.update(batch, real=False)
    metric.compute()
    files = [(tmp_path / f"{rank}.jsonl").read_text().split("\n") for rank in range(2)]
    scores = [[ganeval.Score.from_json(line) for line in lines] for lines in files]
    for found, sampled in scores:
        for field in ("value", "corrected", "interval"):
            expected = getattr(metric.score, field)
            assert getattr(found, field) == pytest.approx(expected, rel=1e-9, abs=0)
        assert (sampled.n_real, sampled.n_fake) == (240, 151)
    assert scores[0] == scores[1]


if __name__ == "__main__":
    of_one_rank(int(sys.argv[1]), sys.argv[2])
