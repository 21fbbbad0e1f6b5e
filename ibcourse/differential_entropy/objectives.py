r"""The three surrogate objectives for a network with a noisy code.

Each is the decoder cross-entropy of one noise sample, which estimates :math:`H_\Theta(Y|Z)` without bias,
plus :math:`\gamma` times a surrogate of an entropy, computed from the noisy codes of the minibatch:

.. math::

    \begin{aligned}
    & H_\Theta(Y|Z) + \gamma\, \mathbb E \lVert Z \rVert^2, \\
    & H_\Theta(Y|Z) + \gamma \textstyle\sum_i \tfrac12 \ln(2 \pi e\, \widehat{\operatorname{Var}}(Z_i)), \\
    & H_\Theta(Y|Z) + \gamma\, \mathbb E_{\hat p(y)}
        \textstyle\sum_i \tfrac12 \ln(2 \pi e\, \widehat{\operatorname{Var}}(Z_i | y)).
    \end{aligned}

The code is that of `ibcourse.nets.Bottleneck` with a `FixedNoiseHead` of scale `ZERO_ENTROPY_SCALE`.
Without noise the last two objectives have no minimum.  Each function is an objective of
`ibcourse.nets.fit`: it returns ``loss``, ``cross_entropy`` and ``regulariser``, in nats but for the mean
squared norm, and takes ``gamma`` as a hyper-parameter.
"""

from collections.abc import Callable

from ibcourse.nets import Output  # first: without torch it says what to install

# isort: split
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from ibcourse.differential_entropy.bounds import _conditional_log_variance, _diagonal_bound


def with_second_moment(output: Output, y: Tensor, gamma: float | Tensor) -> dict[str, Tensor]:
    r"""Return the objective with the activation L2 regulariser.

    .. math:: H_\Theta(Y|Z) + \gamma\, \mathbb E \lVert Z \rVert^2

    Parameters
    ----------
    output : ibcourse.nets.Output
        Codes and logits of a minibatch, shapes (n, K) and (n, C).
    y : tensor of int64, shape (n,)
        Labels.
    gamma : float or tensor, shape ()
        The weight of the regulariser.

    Returns
    -------
    dict of tensors, shape ()
        ``loss``, ``cross_entropy`` and ``regulariser``.

    Notes
    -----
    The mean squared norm is no entropy, so γ stands for no β of the bottleneck.
    Source: Kirsch, Lyle and Gal (2020), observation 8.
    Lesson: 07 Noise that costs nothing, and three surrogates.

    Examples
    --------
    >>> output = Output(None, torch.tensor([[3.0, 4.0], [0.0, 0.0]]), torch.zeros(2, 10))
    >>> print(with_second_moment(output, torch.tensor([0, 1]), gamma=0.1)["regulariser"])
    tensor(12.5000)
    """
    return _objective(output, y, gamma, output.z.float().square().sum(dim=1).mean())


def with_log_variance(output: Output, y: Tensor, gamma: float | Tensor) -> dict[str, Tensor]:
    r"""Return the objective with the log-variance regulariser.

    .. math:: H_\Theta(Y|Z) + \gamma \sum_i \tfrac12 \ln(2 \pi e\, \widehat{\operatorname{Var}}(Z_i))

    Parameters
    ----------
    output, y, gamma
        As for `with_second_moment`, with at least two samples.

    Returns
    -------
    dict of tensors, shape ()
        ``loss``, ``cross_entropy`` and ``regulariser``.

    Notes
    -----
    The variances are the unbiased ones of the minibatch.  Here γ plays the part of 1/β of the deterministic
    bottleneck.
    Source: Kirsch, Lyle and Gal (2020), observation 8.
    Lesson: 07 Noise that costs nothing, and three surrogates.

    Examples
    --------
    >>> output = Output(None, torch.tensor([[0.0], [2.0]]), torch.zeros(2, 10))
    >>> print(with_log_variance(output, torch.tensor([0, 1]), gamma=0.1)["regulariser"])
    tensor(1.7655)
    """
    if len(y) < 2:
        raise ValueError("the batch has one example; a variance needs two: choose another batch_size.")
    return _objective(output, y, gamma, _diagonal_bound(output.z.float().var(dim=0)))


def with_conditional_log_variance(output: Output, y: Tensor, gamma: float | Tensor) -> dict[str, Tensor]:
    r"""Return the objective with the conditional log-variance regulariser.

    .. math::

        H_\Theta(Y|Z) + \gamma\, \mathbb E_{\hat p(y)} \sum_i
            \tfrac12 \ln(2 \pi e\, \widehat{\operatorname{Var}}(Z_i | y))

    Parameters
    ----------
    output, y, gamma
        As for `with_second_moment`.

    Returns
    -------
    dict of tensors, shape ()
        ``loss``, ``cross_entropy`` and ``regulariser``.

    Notes
    -----
    The variances are the unbiased ones of each class in the minibatch.  A class with fewer than two
    samples in it is left out, and the others are weighted by their share of what remains; with no class
    left the regulariser is 0.  Here γ plays the part of 1/(β − 1).
    Source: Kirsch, Lyle and Gal (2020), observation 8.
    Lesson: 07 Noise that costs nothing, and three surrogates.

    Examples
    --------
    >>> output = Output(None, torch.tensor([[0.0], [2.0], [9.0]]), torch.zeros(3, 10))
    >>> print(with_conditional_log_variance(output, torch.tensor([0, 0, 1]), gamma=0.1)["regulariser"])
    tensor(1.7655)
    """
    z = output.z.float()
    members = (y[:, None] == torch.arange(output.logits.shape[-1], device=y.device)).to(z.dtype)
    return _objective(output, y, gamma, _conditional_log_variance(z, members))


#: The three objectives by the names that the lab and its records use.
OBJECTIVES: dict[str, Callable[..., dict[str, Tensor]]] = {
    "second-moment": with_second_moment,
    "log-variance": with_log_variance,
    "conditional-log-variance": with_conditional_log_variance,
}


def _objective(output: Output, y: Tensor, gamma: float | Tensor, regulariser: Tensor) -> dict[str, Tensor]:
    loss = cross_entropy(output.logits.float(), y)
    return {"loss": loss + gamma * regulariser, "cross_entropy": loss, "regulariser": regulariser}
