"""Describes what a training reports while it runs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingProgress:
    """Progress of a training, which is reported after each batch."""

    epoch: int
    """Number of the current epoch, from 1."""
    epochs: int
    step: int
    """Number of batches done so far, including those of a resumed run."""
    steps: int
    """Total number of batches if the training does not stop early."""
    loss: float | None
    """Held-out loss after the last complete epoch; with classes, it is the log-loss in nats."""
    accuracy: float | None
    """Held-out accuracy after the last complete epoch; None if there are no classes."""
