import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss

from ganeval.nets.training.figures import best_temperature, calibration_error, figures


def drawn_from_its_own_softmax(n=4000, k=4, *, scale=1.0):
    """Logits whose softmax is right about the labels once they are divided by `scale`."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1.5, (n, k))
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    labels = (p.cumsum(1) < rng.random((n, 1))).sum(1).clip(0, k - 1)
    return torch.from_numpy(logits * scale), labels


def test_figures_agree_with_scikit_learn():
    logits, labels = drawn_from_its_own_softmax(500)
    found = figures(logits, labels, ("a", "b", "c", "d"))
    predicted = logits.argmax(1).numpy()
    assert found["accuracy"] == accuracy_score(labels, predicted)
    assert found["confusion"] == confusion_matrix(labels, predicted).tolist()
    assert found["log_loss"] == pytest.approx(log_loss(labels, logits.softmax(1).numpy()))


def test_a_class_without_images_has_no_accuracy():
    found = figures(torch.eye(3)[[0, 0, 2]], np.array([0, 0, 0]), ("a", "b", "c"))
    assert found["per_class_accuracy"] == {"a": pytest.approx(2 / 3), "b": None, "c": None}


def test_calibration_error_is_the_gap_between_confidence_and_accuracy():
    assert calibration_error(np.full(10, 0.9), np.arange(10) < 6) == pytest.approx(0.3)
    two_bins = calibration_error(np.array([0.95, 0.95, 0.6, 0.6]), np.array([1, 1, 1, 0]))
    assert two_bins == pytest.approx((0.05 + 0.1) / 2)


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_an_overconfident_scale(scale):
    logits, labels = drawn_from_its_own_softmax(scale=scale)
    temperature = best_temperature(logits, labels)
    assert temperature == pytest.approx(scale, rel=0.1)
    assert figures(logits / temperature, labels, tuple("abcd"))["ece"] < 0.02
    if scale != 1:
        assert figures(logits, labels, tuple("abcd"))["ece"] > 0.1


def test_perfect_logits_end_at_the_bound():
    assert best_temperature(torch.eye(3) * 9, np.arange(3)) == pytest.approx(0.05, rel=0.01)
