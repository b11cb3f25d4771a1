import pytest
import torch

from ganeval.errors import InputError

# Lightning itself warns.
pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("default")]


def module_of(generator):
    from lightning import LightningModule

    class Module(LightningModule):
        def __init__(self):
            super().__init__()
            self.generator = generator

        def sample(self, n):
            assert not self.generator.training
            return self.generator.sample(n)

        def training_step(self, batch):
            return -self.generator.power

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.25)

    return Module()


def fit(folder, digits, module, callbacks, **options):
    from lightning import Trainer

    trainer = Trainer(
        max_epochs=3, callbacks=callbacks, default_root_dir=folder, accelerator="cpu",
        enable_progress_bar=False, enable_model_summary=False, **options,
    )  # fmt: skip
    trainer.fit(module, torch.utils.data.DataLoader(digits[:128], batch_size=64))
    return trainer


def test_scores_reach_loggers_and_choose_the_checkpoint(real, digits, generator, tmp_path):
    from lightning.pytorch.callbacks import ModelCheckpoint
    from lightning.pytorch.loggers import CSVLogger

    from ganeval.integrations.lightning import ScoreCallback

    scores = ScoreCallback(real, feature_net="mnist", value_range=(-1, 1), n=128)
    best = ModelCheckpoint(monitor="fid/corrected", dirpath=tmp_path, filename="{step}")
    logger = CSVLogger(tmp_path)
    trainer = fit(tmp_path, digits, module_of(generator), [scores, best], logger=logger)
    history = scores.scorer.history
    assert list(history) == [2, 4, 6]  # two steps an epoch
    found = [step["fid"].value for step in history.values()]
    assert found == sorted(found, reverse=True)  # it learns
    assert best.best_model_path.endswith("step=6.ckpt")
    logged = trainer.callback_metrics
    assert logged["fid"].item() == pytest.approx(found[-1], rel=1e-6)
    assert logged["fid/low"].item() == pytest.approx(history[6]["fid"].interval[0], rel=1e-6)
    with open(f"{logger.log_dir}/metrics.csv") as file:
        assert {"fid", "fid/corrected", "kid/high"} <= set(file.readline().strip().split(","))


def test_training_is_the_same_with_and_without_scores(real, digits, tmp_path):
    from lightning import LightningModule

    from ganeval.integrations.lightning import ScoreCallback

    class Noisy(LightningModule):
        def __init__(self):
            super().__init__()
            self.net = torch.nn.Linear(4, 784)

        def sample(self, n):
            return self.net(torch.randn(n, 4)).view(n, 1, 28, 28).tanh()

        def training_step(self, batch):
            return (self.sample(len(batch)) - batch).square().mean()

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters())

    ends = []
    for callbacks in (
        [],
        [ScoreCallback(real, feature_net="mnist", metrics=["fid"], value_range=(-1, 1), n=64)],
    ):
        torch.manual_seed(5)
        module = Noisy()
        fit(tmp_path, digits, module, callbacks, logger=False, enable_checkpointing=False)
        ends.append(module.net.weight.detach())
    assert torch.equal(*ends)


def test_every_second_epoch_and_a_sampler_of_ones_own(real, digits, generator, tmp_path):
    from ganeval.integrations.lightning import ScoreCallback

    scores = ScoreCallback(
        real, generator.sample, feature_net="mnist", metrics=["kid"], value_range=(-1, 1),
        every_n_epochs=2, n=32,
    )  # fmt: skip
    fit(tmp_path, digits, module_of(generator), [scores], logger=False)
    assert {step: list(found) for step, found in scores.scorer.history.items()} == {4: ["kid"]}


def test_what_would_fail_later_fails_at_once(real, digits, generator, tmp_path):
    from ganeval.integrations.lightning import ScoreCallback

    with pytest.raises(InputError, match="every_n_epochs is 0"):
        ScoreCallback(real, feature_net="mnist", every_n_epochs=0)
    module = module_of(generator)
    module.sample = None
    with pytest.raises(InputError, match=r"Module has no method sample\(n\)"):
        fit(tmp_path, digits, module, [ScoreCallback(real, feature_net="mnist")], logger=False)
