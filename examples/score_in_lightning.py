"""FID and KID in PyTorch Lightning: a callback that scores the generator after every epoch.

    python examples/score_in_lightning.py      # needs: pip install lightning

On several devices each process gives its share of reals and fakes, and all log the same scores.
"""

import torch
import torch.distributed as dist
from lightning import Callback, LightningModule, Trainer

import ganeval


class ScoreCallback(Callback):
    """Logs FID and KID of 256 images `module.sample(n)`, in [-1, 1], against `real`."""

    def __init__(self, real: ganeval.ImageSource) -> None:
        self._real = real

    def on_fit_start(self, trainer: Trainer, module: LightningModule) -> None:
        """Embeds this process's share of the reals, once."""
        group = dist.group.WORLD if trainer.world_size > 1 else None
        share = self._real.shard(trainer.global_rank, trainer.world_size)
        self._evaluator = ganeval.Evaluator(
            share, feature_net="mnist", value_range=(-1, 1), process_group=group
        )

    def on_train_epoch_end(self, trainer: Trainer, module: "Generator") -> None:
        """Scores this epoch's generator without changing the random numbers of training."""
        with torch.no_grad(), torch.random.fork_rng():
            torch.manual_seed(trainer.global_rank)
            self._evaluator.update(module.sample(256 // trainer.world_size))
        for name, score in self._evaluator.compute(step=trainer.global_step).items():
            module.log(name, score.value if score.corrected is None else score.corrected)
        self._evaluator.reset()


class Generator(LightningModule):  # noqa: D101 - one layer; put yours in its place
    def __init__(self) -> None:
        super().__init__()
        self.net = torch.nn.Sequential(torch.nn.Linear(16, 784), torch.nn.Tanh())

    def sample(self, n: int) -> torch.Tensor:  # noqa: D102
        return self.net(torch.randn(n, 16, device=self.device)).view(n, 1, 28, 28)

    def training_step(self, batch: torch.Tensor) -> torch.Tensor:  # noqa: D102
        return (self.sample(len(batch)).mean(0) - batch.mean(0)).square().mean()

    def configure_optimizers(self) -> torch.optim.Optimizer:  # noqa: D102
        return torch.optim.Adam(self.parameters(), lr=0.01)


if __name__ == "__main__":
    digits = torch.rand(512, 1, 28, 28).pow(3) * 2 - 1  # replace with your training images
    scores = ScoreCallback(ganeval.open_images(digits, value_range=(-1, 1)))
    trainer = Trainer(max_epochs=3, callbacks=[scores], logger=False, enable_checkpointing=False)
    trainer.fit(Generator(), torch.utils.data.DataLoader(digits, batch_size=64))
    print({name: round(value.item(), 3) for name, value in trainer.callback_metrics.items()})
