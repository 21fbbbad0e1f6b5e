r"""Neural estimates of mutual information: a small critic, trained on one half and judged on the other.

Needs torch.  The bounds are those of `ibcourse.estimators`.  Here is the critic, as short as it can be, and
the honest way to read it: what was trained on a sample is measured on another one.

.. rubric:: References

- M. I. Belghazi et al., Mutual information neural estimation, ICML (2018).
- B. Poole et al., On variational bounds of mutual information, ICML (2019).
- D. McAllester and K. Stratos, Formal limitations on the measurement of mutual information, AISTATS (2020).
"""

import math
from collections.abc import Callable

import numpy as np

try:
    import torch
except ImportError as error:
    raise ImportError(
        "ibcourse.estimators.critics needs torch: see https://pytorch.org/get-started/locally."
    ) from error
from torch import nn
from torch.nn.functional import softplus

from ibcourse._array import ArrayLike, check_whole
from ibcourse.estimators.result import Estimate
from ibcourse.estimators.sample import as_samples
from ibcourse.estimators.scores import donsker_varadhan, info_nce, nwj, smile

BOUNDS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "info-nce": info_nce,
    "nwj": nwj,
    "donsker-varadhan": donsker_varadhan,
    "mine": donsker_varadhan,
    "smile": smile,
}


def neural_information(
    x: ArrayLike,
    y: ArrayLike,
    bound: str = "info-nce",
    *,
    critic: str = "separable",
    steps: int = 1000,
    batch: int = 128,
    width: int = 64,
    learning_rate: float = 1e-3,
    seed: int = 0,
) -> Estimate:
    r"""Train a critic on one half of a sample, and return its bound on the information on the other half.

    Parameters
    ----------
    x, y : array_like, shape (n,) or (n, d)
        Pairs of samples; the dimensions may differ.
    bound : {"info-nce", "nwj", "donsker-varadhan", "mine", "smile"}
        What is maximised, and then measured.  "mine" is Donsker and Varadhan's bound with the gradient of the
        logarithm taken at a moving average of the mean of :math:`e^f`, which removes most of its bias.
        "smile" is measured, after training by the Jensen–Shannon divergence, which has the same best critic.
    critic : {"separable", "concatenated"}
        :math:`f(x, y) = g(x) \cdot h(y)`, or one network of both, which is slower: all pairs of a batch.
    steps : int
        Steps of Adam.
    batch : int
        Pairs in a step, and in a table of scores when measuring.
    width : int
        Units in each of the two hidden layers.
    learning_rate : float
        Of Adam.
    seed : int
        Of the halves, the weights and the batches.

    Returns
    -------
    Estimate
        Nats: the mean of the bound over batches of the half not trained on, and its standard error.

    Raises
    ------
    ValueError
        If the samples do not fit each other, a half is smaller than a batch, a name is unknown, or steps,
        batch, width or seed is no whole number, from 1, 2, 2 and 0.

    Notes
    -----
    Takes seconds on a CPU.  The samples are standardised, which leaves the information as it is.  A poor
    critic gives a low value: that a bound is small does not show that the information is.
    Source: Belghazi et al. (2018); Poole et al. (2019).  Lesson: 07 Differential entropy.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=2000)
    >>> y = 0.9 * x + np.sqrt(1 - 0.9**2) * rng.normal(size=2000)  # 0.83 nats
    >>> 0.6 < neural_information(x, y, steps=200).value < 1
    True
    """
    if bound not in BOUNDS:
        raise ValueError(f"bound is {bound!r}; expected one of {', '.join(BOUNDS)}.")
    if critic not in CRITICS:
        raise ValueError(f"critic is {critic!r}; expected one of {', '.join(CRITICS)}.")
    arrays = as_samples(x=x, y=y)
    n = len(arrays[0])
    check_whole(2, batch=batch, width=width)
    check_whole(1, steps=steps)
    check_whole(seed=seed)
    if n // 2 < batch:
        raise ValueError(f"There are {n} samples and batch is {batch}; expected two batches.")
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(n, generator=generator)
    a, b = (torch.from_numpy(_standard(array)).float()[order] for array in arrays)
    half = n // 2
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = CRITICS[critic](a.shape[1], b.shape[1], width)
    optimiser = torch.optim.Adam(model.parameters(), lr=learning_rate)
    average = None
    for _ in range(steps):
        i = torch.randperm(half, generator=generator)[:batch]
        scores = model(a[i], b[i])
        if bound == "mine":
            loss, average = _mine_loss(scores, average)
        elif bound == "smile":
            loss = _jensen_shannon_loss(scores)
        else:
            loss = -BOUNDS[bound](scores)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        values = torch.stack(
            [BOUNDS[bound](model(*pair)) for pair in _pairs(a[half:], b[half:], batch)]
        ).double()
    value = float(values.mean())
    error = float(values.std()) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    assumes = f"Independent samples, and a critic near the best one: {bound}, {critic}, {steps} steps."
    return Estimate(value, error, assumes, _warning(bound, value, batch, n - half))


class _Separable(nn.Module):
    """f(x, y) = g(x) · h(y)."""

    def __init__(self, d_x: int, d_y: int, width: int) -> None:
        super().__init__()
        self.g, self.h = _network(d_x, width, width // 2), _network(d_y, width, width // 2)

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return self.g(x) @ self.h(y).T


class _Concatenated(nn.Module):
    """One network of (x, y), for all pairs."""

    def __init__(self, d_x: int, d_y: int, width: int) -> None:
        super().__init__()
        self.f = _network(d_x + d_y, width, 1)

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        n = len(x)
        pairs = torch.cat([x[:, None].expand(n, n, -1), y[None].expand(n, n, -1)], dim=-1)
        return self.f(pairs)[..., 0]


CRITICS: dict[str, Callable[[int, int, int], nn.Module]] = {
    "separable": _Separable,
    "concatenated": _Concatenated,
}


def _network(inputs: int, width: int, outputs: int) -> nn.Module:
    return nn.Sequential(
        nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, outputs)
    )


def _standard(sample: np.ndarray) -> np.ndarray:
    """Return coordinates of mean 0 and deviation 1, whatever their units; a constant one is 0."""
    sample = sample / np.maximum(np.abs(sample).max(axis=0), np.finfo(float).tiny)  # no square overflows
    sample = sample - sample[0]  # nothing is left of a constant
    deviation = sample.std(axis=0, ddof=1)
    return (sample - sample.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)


def _pairs(x: torch.Tensor, y: torch.Tensor, batch: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    whole = len(x) // batch * batch
    return list(zip(x[:whole].split(batch), y[:whole].split(batch), strict=True))


def _mine_loss(scores: torch.Tensor, average: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a loss with MINE's gradient, and the moving average of the mean of e^f, as a logarithm."""
    others = _off_diagonal(scores)
    log_mean = others.logsumexp(0) - math.log(len(others))
    now = log_mean.detach()
    average = now if average is None else torch.logaddexp(average + math.log(0.99), now + math.log(0.01))
    # ∇ mean e^f / average: the mean itself in the denominator would be correlated with its gradient.
    return (log_mean - average).exp() - scores.diagonal().mean(), average


def _jensen_shannon_loss(scores: torch.Tensor) -> torch.Tensor:
    """Return the cross-entropy of telling pairs that belong together from others."""
    return softplus(-scores.diagonal()).mean() + softplus(_off_diagonal(scores)).mean()


def _off_diagonal(scores: torch.Tensor) -> torch.Tensor:
    return scores[~torch.eye(len(scores), dtype=torch.bool)]


def _warning(bound: str, value: float, batch: int, held_out: int) -> str:
    if math.isnan(value):
        return "The critic diverged in training: take a smaller learning_rate."
    limit = math.log(batch)
    if bound == "info-nce" and value > 0.8 * limit:
        return f"The estimate is near ln {batch} = {limit:.3g}, its limit: take larger batches."
    if bound != "info-nce" and value > math.log(held_out):
        return (
            f"The estimate exceeds ln {held_out} = {math.log(held_out):.3g}: no sample of this size can "
            "show so much (McAllester and Stratos 2020)."
        )
    if value < 0:
        return "The estimate is negative: the critic is worse than none, and the bound says nothing."
    return ""
