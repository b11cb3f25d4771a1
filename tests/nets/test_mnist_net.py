import numpy as np
import pytest
import torch

from ganeval.images import iterate, open_images
from ganeval.nets import load_card, load_net, prepare, training_hashes


def run(source, card):
    net = load_net(card)
    outputs, hashes = [], []
    for batch in iterate(source, batch_size=500):
        outputs.append(net(prepare(batch.pixels, card=card)))
        hashes.append(batch.hashes[:, 0])
    features, logits = (torch.cat(column) for column in zip(*outputs, strict=True))
    return features, logits, np.concatenate(hashes)


@pytest.fixture(scope="module")
def tested(data_dir):
    source = open_images(data_dir / "mnist" / "t10k-images-idx3-ubyte.gz")
    return source, *run(source, load_card("mnist"))


def test_the_card():
    card = load_card("mnist")
    assert (card.channels, card.input_size, card.dim) == (1, (28, 28), 64)
    assert card.classes == tuple("0123456789")
    assert card.resize == "bilinear-antialias"
    assert "MNIST" in card.licence
    assert "/" not in card.training["data"]
    assert (card.folder / card.weights).stat().st_size < 1.5e6


def test_accuracy_on_the_test_images(tested):
    source, _, logits, _ = tested
    labels = torch.tensor([int(label) for label in source.labels])
    accuracy = (logits.argmax(1) == labels).double().mean()
    assert accuracy >= 0.99
    assert accuracy == pytest.approx(load_card("mnist").validation["test"]["accuracy"], abs=5e-4)


def test_features_of_digits_are_spread_and_not_cut_off(tested):
    _, features, _, _ = tested
    assert ((features.std(0) > 0.5) & (features.std(0) < 2)).all()
    assert ((features > 0).float().mean(0) > 0.05).all()
    assert ((features < 0).float().mean(0) > 0.05).all()


def test_training_images_are_recognised_and_test_images_are_not(tested, data_dir):
    trained = training_hashes(load_card("mnist"))
    source = open_images(data_dir / "mnist" / "train-images-idx3-ubyte.gz", max_images=500)
    known = np.concatenate([b.hashes[:, 0] for b in iterate(source)])
    assert 0.8 < np.isin(known, trained).mean() < 1  # a tenth was held out
    assert np.isin(tested[3], trained).sum() == 0


def test_digits_of_32_pixels_fit_too():
    card = load_card("mnist")
    image = np.zeros((1, 32, 32), np.uint8)
    image[0, 6:26, 15:18] = 255
    output = load_net(card)(prepare([image], card=card))
    assert card.classes[int(output.logits.argmax())] == "1"
