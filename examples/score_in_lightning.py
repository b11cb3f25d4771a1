"""FID and KID in PyTorch Lightning: a callback that scores the generator after every epoch.

    python examples/score_in_lightning.py      # needs: pip install 'ganeval[lightning]'

On several devices each process samples a part, and all log the same scores.
"""

import torch
from lightning import LightningModule, Trainer

import ganeval
from ganeval.integrations.lightning import ScoreCallback


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
    real = ganeval.open_images(digits, value_range=(-1, 1))
    scores = ScoreCallback(real, feature_net="mnist", value_range=(-1, 1), n=256)
    trainer = Trainer(max_epochs=3, callbacks=[scores], logger=False, enable_checkpointing=False)
    trainer.fit(Generator(), torch.utils.data.DataLoader(digits, batch_size=64))
    print({name: round(value.item(), 3) for name, value in trainer.callback_metrics.items()})
