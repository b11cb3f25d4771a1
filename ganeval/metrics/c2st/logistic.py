"""Logistic regression of many problems at once that share their rows: splits and permutations.

A problem differs from another in labels and in which rows it trains on, so all products with the
rows are matrix products, and one factor of the rows' second moments serves as preconditioner.
Newton's steps are solved roughly in single precision, which is twice as fast; what they lead to
is evaluated in double precision, so the next step mends what the last one missed.
"""

from dataclasses import dataclass, replace

from ganeval.arrays import exact_float32
from ganeval.lazy import Tensor, torch

C = 1.0
"""Inverse strength of the penalty, scikit-learn's default: loss is Σ log-loss + |w|²/(2 C)."""

EXACT = 1e-8
"""Newton stops after a step that moved no logit by more; what is left is far smaller."""

ROUGH = 1e-2
"""Enough for an area under the curve: what is left moves it by about 1e-5."""

_STEPS = 60
_INNER = 200
_SHARE = 2**21  # numbers in one [n, problems] matrix: it stays in the cache
_FLOOR = 0.03
"""Training rows say nothing of weak directions, whose curvature varies by about this share of
d / 4 (tried on white features and on a power law, 64 to 2048 of them)."""


def logistic_logits(
    rows: Tensor,
    real: Tensor,
    weights: Tensor,
    *,
    tolerance: float = EXACT,
) -> Tensor:
    """Fits every problem to convergence and returns the logits of all rows, [n, j].

    Features are standardised over all rows, whose labels do not enter; constant ones are left
    out. Where no finite solution is better than another, the penalty decides, so there always is
    one.

    Args:
        rows: [n, d] float64.
        real: [n, j] bool, the labels of problem j.
        weights: [n, j] float64, 0 for rows that problem j does not train on.
        tolerance: of logits, before the last step.
    """
    with torch.no_grad(), exact_float32(), torch.autocast(rows.device.type, enabled=False):
        x = standardised(rows, rows)
        if x.shape[1] > len(x):
            x = torch.linalg.qr(x.T, mode="r").R.T  # coordinates in the space of the rows
        shared = _Shared(x, float(weights[:, 0].sum()), 1 / C)
        chunk = max(1, _SHARE // len(x))
        return torch.cat(
            [
                _fit(shared, real[:, i : i + chunk], weights[:, i : i + chunk], tolerance)
                for i in range(0, weights.shape[1], chunk)
            ],
            dim=1,
        )


def standardised(rows: Tensor, like: Tensor) -> Tensor:
    """[n, d] such that `like` [m, d] gets mean 0 and deviation 1; 0 for its constant features."""
    mean, scale = like.mean(0), like.std(0, correction=0)
    # Deviation within rounding of a large mean is no deviation.
    scale[scale <= 1e-12 * mean.abs()] = torch.inf
    return (rows - mean) / scale


class _Shared:
    """What all problems have in common."""

    def __init__(self, x: Tensor, total: float, penalty: float) -> None:
        self.x, self.quick = x, x.float()
        self.penalty = penalty
        n, d = x.shape
        moments = (total / 4 / n) * (x.T @ x)
        moments.diagonal().add_(penalty + _FLOOR * d / 4)
        self.inverse = torch.cholesky_inverse(torch.linalg.cholesky(moments)).float()


@dataclass(frozen=True, eq=False)
class _Problems:
    """Where j problems are: coefficients w [d, j], intercepts b [j], logits [n, j]."""

    real: Tensor  # [n, j] float64
    weights: Tensor  # [n, j]
    w: Tensor
    b: Tensor
    logits: Tensor

    def some(self, chosen: Tensor) -> "_Problems":
        """Those that are chosen."""
        return _Problems(*(getattr(self, name)[..., chosen] for name in self.__match_args__))

    def moved(self, size: Tensor, step: "_Step") -> "_Problems":
        """After `size` [j] of a step."""
        return replace(
            self,
            w=self.w + size * step.w,
            b=self.b + size * step.b,
            logits=self.logits + size * step.logits,
        )

    def loss(self, penalty: float) -> Tensor:
        """[j]."""
        from torch.nn.functional import softplus

        losses = softplus(self.logits) - self.real * self.logits
        return (self.weights * losses).sum(0) + penalty / 2 * self.w.square().sum(0)


@dataclass(frozen=True, eq=False)
class _Step:
    """Changes of coefficients [d, j], intercepts [j] and logits [n, j]."""

    w: Tensor
    b: Tensor
    logits: Tensor


def _fit(shared: _Shared, real: Tensor, weights: Tensor, tolerance: float) -> Tensor:
    """Newton's method; a step is shortened until it helps. Problems leave when they are done."""
    x = shared.x
    j = weights.shape[1]
    w, b = x.new_zeros(x.shape[1], j), x.new_zeros(j)
    active = torch.arange(j, device=x.device)
    now = _Problems(real.to(x.dtype), weights, w, b, x.new_zeros(len(x), j))
    loss = now.loss(shared.penalty)
    for _ in range(_STEPS):
        step = _newton(shared, now)
        size, now, loss = _moved(shared, now, step, loss)
        w[:, active], b[active] = now.w, now.b
        going = size * step.logits.abs().amax(0) > tolerance
        if not going.any():
            break
        if not going.all():
            now, active, loss = now.some(going), active[going], loss[going]
    return x @ w + b


def _newton(shared: _Shared, now: _Problems) -> _Step:
    """By conjugate gradients, all columns at once, to a few per cent of the gradient."""
    p = now.logits.sigmoid()
    rest = now.weights * (now.real - p)
    slope, offset = shared.x.T @ rest - shared.penalty * now.w, rest.sum(0)
    size = torch.maximum(slope.abs().amax(0), offset.abs()).clamp(min=1e-300)
    bends = (now.weights * p * (1 - p)).float()
    mass = bends.sum(0).clamp(min=1e-30)

    quick = shared.quick
    residual, left = (slope / size).float(), (offset / size).float()
    w, b = torch.zeros_like(residual), torch.zeros_like(left)
    z, y = shared.inverse @ residual, left / mass
    along, lift = z, y
    rz = (residual * z).sum(0) + left * y
    wanted = rz * 1e-3
    for _ in range(_INNER):
        pull = bends * (quick @ along + lift)
        product, total = quick.T @ pull + shared.penalty * along, pull.sum(0)
        bend = (along * product).sum(0) + lift * total
        length = torch.where(bend > 0, rz / bend, 0.0)
        w, b = w + length * along, b + length * lift
        residual, left = residual - length * product, left - length * total
        z, y = shared.inverse @ residual, left / mass
        after = (residual * z).sum(0) + left * y
        if (after <= wanted).all():
            break
        turn = torch.where(rz > 0, after / rz, 0.0)
        along, lift, rz = z + turn * along, y + turn * lift, after
    w, b = w.double() * size, b.double() * size
    return _Step(w, b, shared.x @ w + b)


def _moved(
    shared: _Shared, now: _Problems, step: _Step, loss: Tensor
) -> tuple[Tensor, _Problems, Tensor]:
    """Sizes [j] of the step, where it leads, and the loss there.

    A step is halved until the loss falls; one that is all rounding error is taken.
    """
    size = torch.ones_like(loss)
    for _ in range(30):
        there = now.moved(size, step)
        after = there.loss(shared.penalty)
        worse = after > loss * (1 + 1e-13)
        if not worse.any():
            break
        size = torch.where(worse, size / 2, size)
    return size, there, after
