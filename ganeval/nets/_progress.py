"""What a training reports while it runs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingProgress:
    """Where a training stands, after each batch."""

    epoch: int
    """The running one, from 1."""
    epochs: int
    step: int
    """Batches done so far, those of a resumed run included."""
    steps: int
    """Batches if it does not stop early."""
    loss: float | None
    """Held-out loss after the last complete epoch: log-loss in nats where there are classes."""
    accuracy: float | None
    """Held-out accuracy after the last complete epoch; None without classes."""
