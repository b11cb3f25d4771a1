import numpy as np
import pytest
import torch

import ganeval
from ganeval.datasets import LIN41
from ganeval.datasets.synthlin import simulate
from ganeval.errors import ImageError
from ganeval.nets import load_card

SOME = ("Act1", "Alp14", "For3", "Mor2", "Shk1", "Tea1")
"""Proteins of several families; those at the septum among them."""


def cells(part, per_class, proteins=LIN41, **options):
    return np.concatenate([simulate(p, per_class, part=part, **options).images for p in proteins])


def embed(images):
    return ganeval.extract(torch.from_numpy(images), "lin41")


@pytest.fixture(scope="module")
def real():
    return embed(cells("test", 4))


@pytest.fixture(scope="module")
def dividing():
    return embed(cells("test", 30, SOME))


def test_the_card_says_what_it_was_made_from():
    card = load_card("lin41")
    assert (card.channels, card.empty_channels, card.input_size) == (2, (2,), (48, 80))
    assert card.dim == 64 and card.classes == LIN41
    assert "simulated cells only" in card.training["data"]
    assert (card.folder / card.weights).stat().st_size < 12e6


def test_it_tells_simulated_proteins_apart(real):
    truth = np.repeat(np.arange(41), 4)
    rank = (np.argsort(-real.logits, axis=1) == truth[:, None]).argmax(1)
    assert (rank < 1).mean() > 0.4 and (rank < 5).mean() > 0.8  # chance: 0.024 and 0.12


def test_files_of_lins_format_are_read_as_they_are():
    two = cells("test", 1, LIN41[:5])
    rgb = np.concatenate([two, np.zeros_like(two[:, :1])], axis=1)
    np.testing.assert_array_equal(embed(rgb).features, embed(two).features)
    rgb[3, 2, 10, 10] = 1
    with pytest.raises(ImageError, match="channel 2, which is empty in the images of net 'lin41'"):
        embed(rgb)


@pytest.mark.parametrize(
    ("defect", "strengths"),
    [
        ("shorter", (0, 0.1, 0.25)),
        ("no_septum", (0, 1)),
        ("shifted", (0, 2, 4)),
        ("blurred", (0, 0.7, 1.2)),
        ("no_division", (0, 1)),
        ("memorised", (0, 1)),
    ],
)
def test_the_distance_grows_with_every_defect(dividing, defect, strengths):
    distances = []
    for strength in strengths:
        fake = cells("model", 30, SOME, defect=defect, strength=strength)
        distances.append(ganeval.fid(dividing, embed(fake), interval=False).value)
    assert distances == sorted(distances)


def test_fresh_cells_of_the_same_law_are_at_distance_0():
    held = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)  # class sizes left to chance, as unlabelled rows say
        sides = [
            np.concatenate(
                [cells(part, k, [p], seed=seed) for p, k in zip(LIN41, sizes, strict=True)]
            )
            for part, sizes in zip(
                ("test", "model"),
                rng.multinomial(200, np.full(41, 1 / 41), 2).tolist(),
                strict=True,
            )
        ]
        # Sorted by class, and without labels, they would pass for images of plates.
        low, high = ganeval.fid(*(embed(rng.permutation(side)) for side in sides)).interval
        held += low <= 0 <= high
    assert held >= 6  # of 95 %: fewer happens once in 170 times
