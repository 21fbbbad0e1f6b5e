r"""The variational bottleneck as an objective of training, and relatives that differ from it by a line.

All of them minimise :math:`\text{cross-entropy} + \beta \cdot \text{price of the code}` on a batch, and are
made for `ibcourse.nets.fit`: an objective takes the `Output` of a net, the labels and its parameters, and
returns the loss with its parts, all in nats, means over the batch.  One sample of the code a data point
gives an unbiased estimate of the cross-entropy, and with the reparameterisation
:math:`z = \mu(x) + \sigma(x)\, \varepsilon` of its gradient.

==================== =============================================================================
objective            price of the code
==================== =============================================================================
`vib`                the rate :math:`\mathbb{E}\, D(p(z|x) \| N(0, I))`
`squared_vib`        the squared rate: each β has one optimum even if Y is a function of X
`free_bits`          the rate above an allowance: a code within it costs nothing
`ceb`                the residual rate :math:`\mathbb{E}\, D(p(z|x) \| b(z|y))`, a marginal for each label
`nonlinear_ib`       an upper bound on the information itself, from the pairs of a batch, squared
==================== =============================================================================

References
----------
- A. A. Alemi, I. Fischer, J. V. Dillon and K. Murphy, Deep variational information bottleneck, ICLR (2017).
- D. P. Kingma et al., Improved variational inference with inverse autoregressive flow, NIPS (2016):
  free bits.
- A. Kolchinsky, B. D. Tracey and D. H. Wolpert, Nonlinear information bottleneck, Entropy 21 (2019).
- A. Kolchinsky, B. D. Tracey and S. Van Kuyk, Caveats for information bottleneck in deterministic scenarios,
  ICLR (2019): the squared rate.
- I. Fischer, The conditional entropy bottleneck, Entropy 22 (2020).
"""

import math
from typing import Any, NamedTuple

from ibcourse.nets import Bottleneck, Gaussian, Output  # first: without torch it says what to install

# isort: split
import torch
from torch import Tensor, nn
from torch.nn import functional as F

Terms = dict[str, Tensor]


def vib(output: Output, y: Tensor, *, beta: float | Tensor) -> Terms:
    r"""Return the loss of the variational bottleneck.

    .. math:: \mathbb{E}[-\ln d(y|z)] + \beta\, \mathbb{E}\, D(p(z|x) \| N(0, I))

    Parameters
    ----------
    output : Output
        Of a net with a Gaussian code: code, sample and logits of shapes (n, K), (n, K) and (n, C).
    y : torch.Tensor, shape (n,)
        Labels.
    beta : float
        The price of compression: nats of cross-entropy that a nat of rate is worth.

    Returns
    -------
    dict
        ``loss``, ``cross_entropy`` and ``rate`` in nats, and ``error``, the share of wrong answers.

    See Also
    --------
    ibcourse.variational.vib_loss : The same on tables, with the gaps.

    Notes
    -----
    The rate bounds I(X;Z) from above and H(Y) − cross_entropy bounds I(Z;Y) from below.
    Source: Alemi et al. (2017), section 3.  Lesson: 05 Variational.

    Examples
    --------
    >>> code = Gaussian(torch.tensor([[1.0]]), torch.tensor([[1.0]]))
    >>> terms = vib(Output(code, code.mean, torch.zeros(1, 2)), torch.tensor([0]), beta=0.1)
    >>> print({name: round(term.item(), 4) for name, term in terms.items()})
    {'loss': 0.7431, 'cross_entropy': 0.6931, 'rate': 0.5, 'error': 0.0}
    """
    rate = output.code.kl_to_standard().mean()
    return _terms(output, y, beta * rate, rate=rate)


def squared_vib(output: Output, y: Tensor, *, beta: float | Tensor) -> Terms:
    r"""Return the loss with the squared rate in the place of the rate.

    .. math:: \mathbb{E}[-\ln d(y|z)] + \beta\, \big(\mathbb{E}\, D(p(z|x) \| N(0, I))\big)^2

    Parameters
    ----------
    output : Output
        Of a net with a Gaussian code.
    y : torch.Tensor, shape (n,)
        Labels.
    beta : float
        The price of a squared nat.

    Returns
    -------
    dict
        ``loss``, ``cross_entropy``, ``rate`` in nats, and ``error``.

    Notes
    -----
    If Y is a function of X the bottleneck curve is a straight line, and one β has all of it for optima.  The
    square bends the levels, so that each β touches the line at one point.
    Source: Kolchinsky, Tracey and Van Kuyk (2019).  Lesson: 05 Variational.

    Examples
    --------
    >>> code = Gaussian(torch.tensor([[2.0]]), torch.tensor([[1.0]]))
    >>> output = Output(code, code.mean, torch.zeros(1, 2))
    >>> round(squared_vib(output, torch.tensor([0]), beta=0.1)["loss"].item(), 4)
    1.0931
    """
    rate = output.code.kl_to_standard().mean()
    return _terms(output, y, beta * rate.square(), rate=rate)


def free_bits(output: Output, y: Tensor, *, beta: float | Tensor, free: float | Tensor) -> Terms:
    r"""Return the loss that charges only the rate above an allowance.

    .. math:: \mathbb{E}[-\ln d(y|z)] + \beta \max\!\big(\mathbb{E}\, D(p(z|x) \| N(0, I)),\, \lambda\big)

    Parameters
    ----------
    output : Output
        Of a net with a Gaussian code.
    y : torch.Tensor, shape (n,)
        Labels.
    beta : float
        The price of compression.
    free : float
        The allowance λ in nats, for all coordinates together.

    Returns
    -------
    dict
        ``loss``, ``cross_entropy``, ``rate`` in nats, and ``error``.

    Notes
    -----
    A cure of collapse: below λ the rate has no gradient, so that nothing pulls the code onto the marginal.
    Source: Kingma et al. (2016), who grant an allowance to each group of coordinates.
    Lesson: 05 Variational.

    Examples
    --------
    >>> code = Gaussian(torch.tensor([[1.0]]), torch.tensor([[1.0]]))
    >>> output = Output(code, code.mean, torch.zeros(1, 2))
    >>> round(free_bits(output, torch.tensor([0]), beta=0.1, free=2.0)["loss"].item(), 4)
    0.8931
    """
    rate = output.code.kl_to_standard().mean()
    return _terms(output, y, beta * torch.clamp(rate, min=free), rate=rate)


class ConditionalOutput(NamedTuple):
    """What a `ConditionalBottleneck` returns: an `Output`, and b(z|y) of each class, shape (C, K)."""

    code: Any
    z: Tensor
    logits: Tensor
    backward: Gaussian


class ConditionalBottleneck(Bottleneck):
    r"""A net with a backward encoder: one Gaussian b(z|y) = N(μ_y, 1) for each class.

    Parameters
    ----------
    encoder, head, decoder : torch.nn.Module
        As in `ibcourse.nets.Bottleneck`, with a `GaussianHead`.
    classes : int
        How many classes there are.

    Attributes
    ----------
    class_means : torch.nn.Parameter, shape (classes, K)
        The means μ_y, learnt.  They start at 0, where b(z|y) is the marginal of `vib`.

    Notes
    -----
    Source: Fischer (2020), where b(z|y) has a fixed scale and a mean that is linear in the one-hot
    label.  Lesson: 05 Variational.

    Examples
    --------
    >>> from ibcourse.nets import GaussianHead, dense
    >>> net = ConditionalBottleneck(dense(4, 6), GaussianHead(3), nn.Linear(3, 2), classes=2)
    >>> net(torch.zeros(5, 4), torch.zeros(5, 3)).backward.mean.shape
    torch.Size([2, 3])
    """

    def __init__(self, encoder: nn.Module, head: Any, decoder: nn.Module, classes: int) -> None:
        super().__init__(encoder, head, decoder)
        self.class_means = nn.Parameter(torch.zeros(classes, *head.noise_shape))

    def forward(self, x: Tensor, noise: Tensor) -> Any:
        """Return the `ConditionalOutput` of inputs x with noise of shape (n, K)."""
        backward = Gaussian(self.class_means, torch.ones_like(self.class_means))
        return ConditionalOutput(*super().forward(x, noise), backward)


def ceb(output: ConditionalOutput, y: Tensor, *, beta: float | Tensor) -> Terms:
    r"""Return the loss of the conditional entropy bottleneck.

    .. math:: \mathbb{E}[-\ln d(y|z)] + \beta\, \mathbb{E}\, D(p(z|x) \| b(z|y))

    Parameters
    ----------
    output : ConditionalOutput
        Of a `ConditionalBottleneck`.
    y : torch.Tensor, shape (n,)
        Labels.
    beta : float
        The price of what the code says of x beyond y.

    Returns
    -------
    dict
        ``loss``, ``cross_entropy``, ``residual`` (the bound on I(X;Z|Y)) and ``rate`` (the one on I(X;Z)) in
        nats, and ``error``.

    See Also
    --------
    ibcourse.variational.backward_bound : The residual rate on tables, with its gap.

    Notes
    -----
    :math:`-I(Z;Y) + \beta\, I(X;Z|Y) = -(1 + \beta)\, I(Z;Y) + \beta\, I(X;Z)`: β here is what
    :math:`\beta / (1 + \beta)` is for `vib`.
    Source: Fischer (2020), section 3.  Lesson: 05 Variational.

    Examples
    --------
    >>> code = Gaussian(torch.tensor([[1.0]]), torch.tensor([[1.0]]))
    >>> backward = Gaussian(torch.tensor([[1.0], [-1.0]]), torch.ones(2, 1))
    >>> output = ConditionalOutput(code, code.mean, torch.zeros(1, 2), backward)
    >>> round(ceb(output, torch.tensor([0]), beta=0.1)["residual"].item(), 4)
    0.0
    """
    backward = Gaussian(output.backward.mean[y], output.backward.scale[y])
    residual = _divergence(output.code, backward).mean()
    return _terms(output, y, beta * residual, residual=residual, rate=output.code.kl_to_standard().mean())


def nonlinear_ib(output: Output, y: Tensor, *, beta: float | Tensor) -> Terms:
    r"""Return the loss of the nonlinear bottleneck, which prices the information itself.

    .. math::

        \mathbb{E}[-\ln d(y|z)] + \beta\, \hat I^2, \qquad
        \hat I = -\frac1n \sum_i \ln \frac1n \sum_j e^{-D(p(z|x_i) \| p(z|x_j))}

    Parameters
    ----------
    output : Output
        Of a net with a Gaussian code.
    y : torch.Tensor, shape (n,)
        Labels.
    beta : float
        The price of a squared nat.

    Returns
    -------
    dict
        ``loss``, ``cross_entropy``, ``information`` (:math:`\hat I`) and ``rate`` in nats, and ``error``.

    Notes
    -----
    :math:`\hat I` is an upper bound on I(X;Z) for X uniform on the batch, at most ln n whatever the net does.
    No marginal is guessed: the codes of the batch are the mixture.
    Source: Kolchinsky, Tracey and Wolpert (2019).  Lesson: 05 Variational.

    Examples
    --------
    >>> far = Gaussian(torch.tensor([[0.0], [99.0]]), torch.ones(2, 1))
    >>> terms = nonlinear_ib(Output(far, far.mean, torch.zeros(2, 2)), torch.tensor([0, 1]), beta=0.1)
    >>> round(terms["information"].item(), 4)
    0.6931
    """
    mean, scale = output.code
    divergence = _divergence(Gaussian(mean[:, None], scale[:, None]), output.code)  # of all pairs, (n, n)
    information = math.log(len(mean)) - torch.logsumexp(-divergence, dim=-1).mean()
    rate = output.code.kl_to_standard().mean()
    return _terms(output, y, beta * information.square(), information=information, rate=rate)


class WarmUp:
    r"""A price that rises linearly from 0 to β over the first epochs, a cure of collapse.

    .. math:: \beta_{\text{epoch}} = \beta \min(1, \text{epoch} / \text{epochs})

    Parameters
    ----------
    beta : float
        The price in the end.
    epochs : int
        The epoch, counted from 0, from which on the price is β.

    Attributes
    ----------
    price : torch.Tensor, shape ()
        The price now: give it to the objective.

    Raises
    ------
    ValueError
        If epochs is less than 1.
    RuntimeError
        From `ibcourse.nets.fit`, if it goes on from a checkpoint or the object has served another run: the
        price would start at 0 again.

    Notes
    -----
    It is also the ``measure`` of the run, which raises the price after each epoch and keeps it in the history
    as ``beta``.  While compression is cheap the decoder learns to use the code; then to give it up costs
    cross-entropy.
    Source: C. K. Sønderby et al., Ladder variational autoencoders, NIPS (2016).  Lesson: 05 Variational.

    Examples
    --------
    >>> from functools import partial
    >>> from ibcourse.nets import GaussianHead, dense, fit
    >>> net = Bottleneck(dense(4, 2), GaussianHead(1), dense(1, 2))
    >>> x, y = torch.eye(4), torch.tensor([0, 0, 1, 1])
    >>> beta = WarmUp(1.0, epochs=4)
    >>> fit(net, partial(vib, beta=beta.price), x, y, measure=beta, epochs=6).history["beta"]
    array([0.  , 0.25, 0.5 , 0.75, 1.  , 1.  ])
    """

    def __init__(self, beta: float, epochs: int) -> None:
        if epochs < 1:
            raise ValueError(f"epochs is {epochs}; expected at least 1, the epoch at which the price is β.")
        self.price = torch.zeros(())
        self._beta, self._epochs, self._epoch = beta, epochs, 0

    def __call__(self, model: nn.Module, epoch: int) -> dict[str, float]:
        """Raise the price after an epoch; return the one that held in it."""
        if epoch != self._epoch:
            raise RuntimeError(
                f"the warm-up is at epoch {self._epoch} and the run at epoch {epoch}: it serves one run, in "
                "one piece. Make a new WarmUp for each call of fit, and give fit no checkpoint."
            )
        before = self.price.item()
        self._epoch += 1
        self.price.fill_(self._beta * min(1, self._epoch / self._epochs))
        return {"beta": before}


def _terms(output: Any, y: Tensor, price: Tensor, **parts: Tensor) -> Terms:
    """Return the loss and its parts: the cross-entropy and the error are common to all objectives."""
    cross_entropy = F.cross_entropy(output.logits, y)
    error = (output.logits.argmax(-1) != y).float().mean()
    return {"loss": cross_entropy + price, "cross_entropy": cross_entropy, **parts, "error": error}


def _divergence(p: Gaussian, q: Gaussian) -> Tensor:
    """Return D(p ‖ q), in the units in which q is the standard Gaussian."""
    return Gaussian((p.mean - q.mean) / q.scale, p.scale / q.scale).kl_to_standard()
