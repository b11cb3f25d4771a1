"""A feature net for images that no other net fits: two channels of 16 bits.

    python examples/train_own_net.py

The images are bright rods (class `rod`) and discs (class `disc`) in one channel with a faint
haze in the other. `ganeval nets train DATA --name rods` does the same from the command line.
"""

import numpy as np

import ganeval


def cells(n: int, *, seed: int) -> tuple[np.ndarray, list[str]]:
    """Images [n, 24, 24, 2] uint16 with 12 bits of signal, and their classes."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1:1:24j, -1:1:24j]
    labels = rng.choice(["rod", "disc"], n)
    length = np.where(labels == "rod", 0.9, 0.45)[:, None, None]
    shape = (x / length) ** 2 + (y / 0.45) ** 2 < 1
    haze = rng.normal(400, 40, (n, 24, 24))
    return np.stack([shape * 3000 + haze, haze], axis=-1).astype(np.uint16), labels.tolist()


def main() -> None:
    """Trains a net, then scores rods against a model that draws too many discs."""
    images, labels = cells(400, seed=0)
    pairs = list(zip(images, labels, strict=True))
    source = ganeval.open_images(pairs, value_range=(0, 4095))
    card = ganeval.train_net(source, name="rods", dim=8, epochs=4)
    print(f"{card.name}: held-out accuracy {card.validation['accuracy']:.2f}")

    real, _ = cells(300, seed=1)
    same, _ = cells(300, seed=2)
    images, labels = cells(600, seed=3)
    discs = images[np.array(labels) == "disc"][:300]
    for name, fake in (("new sample", same), ("only discs", discs)):
        print(f"{name:10} {ganeval.fid(real, fake, feature_net='rods')}")


if __name__ == "__main__":
    main()
