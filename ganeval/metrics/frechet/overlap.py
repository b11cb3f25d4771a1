"""What the covariances of two distributions overlap by, seen through those of samples.

Fréchet's distance has the term tr (C₁ C₂)^½. Sample covariances S of n images in d features
blur it: their product has eigenvalues more spread than those of C₁ C₂, the more the larger d/n.
"""

from ganeval.lazy import Tensor, torch

_STEP = 0.1
"""Step of the logarithm; the integrand is analytic, so that the error is about 1e-15."""

_REACH = 64.0
"""How far the integral reaches beyond the eigenvalues; its integrand falls like exp(−|x|/2)."""


_AT_ONCE = 2**16
"""Numbers at once, which stay in a processor's cache, but not so few that calls cost more."""


def population_overlap(squares: Tensor, ratios: tuple[float, float]) -> float:
    """Estimate of tr (C₁ C₂)^½ from the eigenvalues of S₁ S₂, without the bias of finite n.

    For many features, S₁ S₂ = C₁ W₁ C₂ W₂ with free Wishart factors W, so that the S-transforms
    multiply: S(S₁S₂) = S(C₁C₂) / ((1 + c₁z)(1 + c₂z)) for c = d/n. With g(s) = mean λ/(λ + s) over
    the sample's eigenvalues λ, that of the population is g at t = s / ((1 − c₁g)(1 − c₂g)), and
    the mean of √λ is (1/π) ∫ g dt/√t: one smooth integral over log s. Consistent for d/n < 1 as
    both grow, where the plain overlap and its correction to first order are not.

    Args:
        squares: [r] the eigenvalues of S₁ S₂ that are not 0.
        ratios: d/n of both sides, under 1; features per effective image where images depend on
            each other or have heavy tails.

    Source: the idea is that of Tiomoko & Couillet 2019, arXiv:1903.03447, who integrate along
    another path; S-transforms: Voiculescu 1987, https://www.jstor.org/stable/24714553.
    """
    logs = squares.log()
    low, high = float(logs.min()) - _REACH, float(logs.max()) + _REACH
    x = torch.arange(low, high, _STEP, dtype=torch.float64, device=squares.device)
    total = 0.0
    for part in torch.split(x, max(128, _AT_ONCE // len(logs))):  # [., r] at once
        share = torch.sigmoid(logs - part[:, None])  # λ / (λ + s)
        g, slope = share.mean(1), -(share * (1 - share)).mean(1)
        log_t, growth = part, torch.ones_like(part)
        for c in ratios:
            log_t = log_t - torch.log1p(-c * g)
            growth = growth + c * slope / (1 - c * g)
        total += float((g * (log_t / 2).exp() * growth).sum())
    return len(squares) * total * _STEP / torch.pi
