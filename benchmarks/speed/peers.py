"""FID of two folders by peers that have no command of their own for it, as their pages show it.

    python -m benchmarks.speed.peers NAME REAL FAKE WEIGHTS

prints one line, `FID:  VALUE`. pytorch-fid has a command; `WEIGHTS` is its file of weights.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path


def torch_fidelity(real: str, fake: str, weights: str) -> float:
    """Its function of two folders."""
    import torch_fidelity

    found = torch_fidelity.calculate_metrics(
        input1=fake,
        input2=real,
        fid=True,
        cuda=False,
        verbose=False,
        cache=False,
        feature_extractor_weights_path=weights,
    )
    return float(found["frechet_inception_distance"])


def clean_fid(real: str, fake: str, weights: str) -> float:
    """In the mode that takes pytorch-fid's weights, which it finds in TORCH_HOME."""
    import torch
    from cleanfid import fid

    return float(
        fid.compute_fid(
            real,
            fake,
            mode="legacy_pytorch",
            num_workers=0,
            device=torch.device("cpu"),
            verbose=False,
            use_dataparallel=False,
        )
    )


def torchmetrics(real: str, fake: str, weights: str) -> float:
    """Its class, fed with batches of 50 images."""
    import torch
    from pytorch_fid.fid_score import ImagePathDataset
    from torch.utils.data import DataLoader
    from torchmetrics.image.fid import FrechetInceptionDistance
    from torchvision.transforms import PILToTensor

    metric = FrechetInceptionDistance(feature_extractor_weights_path=weights)
    for folder, is_real in ((real, True), (fake, False)):
        files = ImagePathDataset(sorted(Path(folder).iterdir()), PILToTensor())
        with torch.no_grad():
            for images in DataLoader(files, batch_size=50):
                metric.update(images, real=is_real)
    return float(metric.compute())


PEERS: Mapping[str, Callable[[str, str, str], float]] = {
    "torch-fidelity": torch_fidelity,
    "clean-fid": clean_fid,
    "torchmetrics": torchmetrics,
}

if __name__ == "__main__":
    print(f"FID:  {PEERS[sys.argv[1]](*sys.argv[2:])}")
