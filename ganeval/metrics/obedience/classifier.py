"""Logistic regression of several classes, and how a function of it moves with training images."""

import warnings
from dataclasses import dataclass

import numpy as np

C = 1.0
"""Inverse strength of the penalty, scikit-learn's default: loss is Σ log-loss + |w|²/(2 C)."""

_EXACT = 1e-6
"""Largest slope of the mean loss where the fit stops."""

_INNER = 500

_MOST_TAKEN = 0.8
"""Share of the images' degrees beyond which the classifier follows any image."""


@dataclass(frozen=True, eq=False)
class Classifier:
    """A fitted classifier.

    Args:
        x: [n, r + 1] training images, with a last column of ones.
        y: [n] class numbers from 0.
        w: [r + 1, k] coefficients, intercepts last.
        p: [n, k] probabilities of the training images.
    """

    x: np.ndarray
    y: np.ndarray
    w: np.ndarray
    p: np.ndarray

    @classmethod
    def fit(cls, rows: np.ndarray, y: np.ndarray, k: int) -> "Classifier":
        """Fits to convergence.

        Args:
            rows: [n, r] features of comparable size.
            y: [n] class numbers from 0 to k − 1; each has an image.
            k: classes, at least 2.
        """
        from scipy.special import softmax
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=C, tol=_EXACT, max_iter=10_000)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that rounding ends a line search is no matter here
            model.fit(rows, y)
        w = np.concatenate([model.coef_, model.intercept_[:, None]], axis=1).T
        if k == 2:  # scikit-learn has one column, the difference of both
            w = np.concatenate([-w / 2, w / 2], axis=1)
        x = with_ones(rows)
        return cls(x, y, w, softmax(x @ w, axis=1))

    def logits(self, rows: np.ndarray) -> np.ndarray:
        """[m, k] of images [m, r]; only differences within a row have a meaning."""
        return np.asarray(with_ones(rows) @ self.w)

    def pulls(self, gradient: np.ndarray) -> np.ndarray:
        """[n] how a function of the coefficients moves if a training image counts once more.

        To first order (the infinitesimal jackknife): −gᵢ · H⁻¹ ∇, with gᵢ the gradient of the
        image's log-loss, H the second derivative of the loss, and ∇ that of the function. An image
        that is left out moves the classifier by more, since it pulled it towards itself: by
        1/(1 − h), with h the share of the images' n (k − 1) degrees that the classifier takes up.

        Args:
            gradient: [r + 1, k] of the function; its rows add up to 0.
        """
        bent = _Bent.of(self)
        moved = self.x @ self._solved(gradient, bent)
        own = np.take_along_axis(moved, self.y[:, None], axis=1)[:, 0]
        n, k = self.p.shape
        h = min(bent.taken / (n * (k - 1)), _MOST_TAKEN)
        return np.asarray((own - (self.p * moved).sum(1)) / (1 - h))

    def _solved(self, slope: np.ndarray, bent: "_Bent") -> np.ndarray:
        """[r + 1, k] H⁻¹ slope by conjugate gradients.

        One number added to all classes changes no probability: neither slopes nor steps lead there.
        """
        found = np.zeros_like(slope)
        residual, along = slope, bent.solved(slope)
        rz = float((residual * along).sum())
        enough = 1e-8 * rz
        for _ in range(_INNER):
            if rz <= enough:
                break
            pull = self.p * (self.x @ along)
            pull -= self.p * pull.sum(1, keepdims=True)
            product = self.x.T @ pull + bent.penalty * along
            length = rz / float((along * product).sum())
            found = found + length * along
            residual = residual - length * product
            z = bent.solved(residual)
            rz, before = float((residual * z).sum()), rz
            along = z + rz / before * along
        return found


@dataclass(frozen=True, eq=False)
class _Bent:
    """H if every image had the same probabilities and features were uncorrelated.

    Then it is a Kronecker product, diagonal after a turn of the classes. Principal axes are
    uncorrelated, so that it is near H.

    Args:
        penalty: [r + 1, 1] second derivative of the penalty.
        turn: [k, k] of the classes.
        bend: [r + 1, k] the diagonal; 0 along one number added to all intercepts.
    """

    penalty: np.ndarray
    turn: np.ndarray
    bend: np.ndarray

    @classmethod
    def of(cls, fitted: Classifier) -> "_Bent":
        x, p, k = fitted.x, fitted.p, fitted.p.shape[1]
        penalty = np.full((x.shape[1], 1), (2 if k == 2 else 1) / C)  # see `fit`
        penalty[-1] = 0.0
        bends, turn = np.linalg.eigh((np.diag(p.sum(0)) - p.T @ p) / len(x))
        bends[0] = 0.0  # all classes alike
        return cls(penalty, turn, np.square(x).sum(0)[:, None] * bends.clip(min=0) + penalty)

    def solved(self, slope: np.ndarray) -> np.ndarray:
        """[r + 1, k]."""
        turned = slope @ self.turn
        whole = self.bend > 1e-12 * self.bend.max()
        return np.asarray(np.divide(turned, self.bend, where=whole, out=0 * turned) @ self.turn.T)

    @property
    def taken(self) -> float:
        """Degrees of freedom that the classifier takes up."""
        whole = self.bend > 1e-12 * self.bend.max()
        return float(((self.bend - self.penalty) / np.where(whole, self.bend, 1.0)).sum())


def with_ones(rows: np.ndarray) -> np.ndarray:
    """[n, r + 1]."""
    return np.concatenate([rows, np.ones((len(rows), 1))], axis=1)
