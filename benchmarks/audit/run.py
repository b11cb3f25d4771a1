"""What an audit says of nets that are known to be good or bad for some images.

    python -m benchmarks.audit.run --out benchmarks/audit/results.jsonl

SynthLIN: simulated yeast, six proteins, 100 cells each. MNIST: 1,000 test images; set GANEVAL_DATA.
`untrained` is the architecture of a small classifier with random weights, `constant` gives every
image the same features but for rounding, and `mean` sees the mean brightness alone.
"""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

import ganeval
from benchmarks import harness
from ganeval.datasets import LIN6
from ganeval.suites import JUDGED, noticed_from


@dataclass(frozen=True)
class Cell:
    """Images, and the nets that are audited together."""

    images: str
    nets: tuple[str, ...]


CELLS = [
    Cell("synthlin", ("lin41", "morphology", "pixels", "untrained", "mean", "constant")),
    Cell("mnist", ("mnist", "pixels", "untrained", "mean", "constant")),
]
LISTS = {"all": CELLS}


def run(cell: Cell) -> dict[str, Any]:
    """Of every net its verdicts, and what each metric notices from what strength."""
    with tempfile.TemporaryDirectory() as folder:
        images = _synthlin(Path(folder)) if cell.images == "synthlin" else _mnist()
        channels = images.read(0).shape[0]
        nets = {name: _net(name, channels) for name in cell.nets}
        found = ganeval.audit(images, feature_net=nets, cache=False)
    return {"n": found.n, "cost": found.cost, "found": [_of_net(net) for net in found.nets]}


def _of_net(net: Any) -> dict[str, Any]:
    noticed: dict[str, dict[str, str | None]] = {}
    for metric in (*JUDGED, "memorization"):
        own = [one for one in net.responses if one.metric == metric]
        for fault in dict.fromkeys(one.fault for one in own):
            first = noticed_from(own, metric, fault)
            noticed.setdefault(metric, {})[fault] = None if first is None else first.words
    return {
        "net": net.net,
        "features": net.features,
        "answer": net.answer,
        "verdicts": {one.question: [one.answer, one.why] for one in net.verdicts},
        "noticed_from": noticed,
        "stability": None if net.stability is None else asdict(net.stability),
        "agreement": net.agreement,
    }


def _synthlin(folder: Path) -> ganeval.ImageSource:
    from ganeval.datasets.synthlin import write_model

    write_model(folder / "real", per_class=100, proteins=LIN6, seed=0, num_workers=0)
    return ganeval.open_images(folder / "real", channels=(0, 1))


def _mnist() -> ganeval.ImageSource:
    path = f"{os.environ['GANEVAL_DATA']}/mnist/t10k-images-idx3-ubyte.gz"
    return ganeval.open_images(path, max_images=1000)


class _Mean(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean((1, 2, 3), keepdim=True).flatten(1)


class _Constant(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.new_ones(len(x), 8)


def _net(name: str, channels: int) -> Any:
    torch.manual_seed(0)
    if name == "untrained":
        return torch.nn.Sequential(
            torch.nn.Conv2d(channels, 16, 4, 2, 1), torch.nn.ReLU(),
            torch.nn.Conv2d(16, 32, 4, 2, 1), torch.nn.ReLU(),
            torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(),
        )  # fmt: skip
    return {"mean": _Mean(), "constant": _Constant()}.get(name, name)


def show(row: Mapping[str, Any]) -> str:
    """A line per net."""
    lines = []
    for net in row["found"]:
        answers = {question: answer for question, (answer, _) in net["verdicts"].items()}
        lines.append(f"{row['images']} {net['net']}: {net['answer']} {answers}")
    return "\n".join(lines)


if __name__ == "__main__":
    harness.main(__doc__, LISTS, run, replicates=None, show=show)
