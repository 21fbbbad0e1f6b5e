r"""The three uncertainties as losses of a net with a categorical code.

The net
-------

The encoder's outputs are the logits of :math:`p_\Theta(z|x)` over K states.  Nothing is sampled: all K are
carried along.  The decoder :math:`p_\Theta(\hat y|z)` then is a table of K rows.  A softmax of K × C free
parameters could be any such table; Kirsch, Lyle and Gal report that a net of its own trains much better, and
so it is here: a dense net reads the K one-hot codes, one forward pass of K rows a batch, and its softmax is
the table.

The losses
----------

On a batch of n inputs with labels,

.. math::

    \begin{aligned}
    H_\Theta(Y|Z) &\approx -\tfrac1n \textstyle\sum_i \sum_z p_\Theta(z|x_i) \ln p_\Theta(y_i|z), \\
    H_\Theta(Y|X) &\approx -\tfrac1n \textstyle\sum_i \ln \sum_z p_\Theta(z|x_i)\, p_\Theta(y_i|z), \\
    H(Y|Z) &\approx -\tfrac1n \textstyle\sum_i \sum_z p_\Theta(z|x_i) \ln \hat p(y_i|z), \qquad
        \hat p(y, z) = \tfrac1n \sum_{i: y_i = y} p_\Theta(z|x_i) .
    \end{aligned}

The first two are means over data, so a batch estimates them without bias.  The third is not: it takes the
optimal decoder *of the batch*, which fits the batch better than the data.  Conditional entropy is concave in
the joint table, and the table of a batch has the right mean.  By Jensen's inequality a batch is then too low
on average.  If n is not much larger than K, codes that hold one input each look certain.

.. rubric:: References

- A. Kirsch, C. Lyle and Y. Gal, Unpacking information bottlenecks (2020), arXiv:2003.12537, sections 5.4
  and 7.1.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

# first: without torch it says what to install
from ibcourse.nets import Bottleneck, Categorical, CategoricalHead, dense
from ibcourse.nets.heads import _wide

# isort: split
import torch
from torch import Tensor, nn


class CodeOutput(NamedTuple):
    """What a `CodeClassifier` returns.

    ``code``: the categorical codes of a batch.  ``z``: their probabilities, shape (n, K).  ``log_decoder``:
    ln p_Θ(y|z), shape (K, C), in nats.
    """

    code: Categorical
    z: Tensor
    log_decoder: Tensor


class TableDecoder(nn.Module):
    r"""A decoder for categorical codes: a dense net that reads one-hot codes, and the softmax of its outputs.

    Parameters
    ----------
    states : int
        K, how many states the code has.
    *hidden : int
        The widths of the hidden layers; with none, the decoder is a softmax of free parameters.
    classes : int
        C, how many labels there are.

    Notes
    -----
    The ones of the codes are :math:`\sqrt K`, so that the inputs of the net have mean square one, as is
    usual.  With plain ones the K rows of a new decoder are almost equal; encoder and decoder then agree
    on a few codes that several classes share, and part the classes only slowly.
    Source: Kirsch, Lyle and Gal (2020), section 7.1, which takes 100-1024-1024-10.
    Lesson: 06 Decoder uncertainty.

    Examples
    --------
    >>> log_decoder = TableDecoder(5, 16, classes=3)()
    >>> bool(torch.allclose(log_decoder.exp().sum(-1), torch.ones(5)))
    True
    """

    codes: Tensor

    def __init__(self, states: int, *hidden: int, classes: int):
        super().__init__()
        self.net = dense(states, *hidden, classes)
        self.register_buffer("codes", states**0.5 * torch.eye(states), persistent=False)

    def forward(self) -> Tensor:
        """Return ln p_Θ(y|z), shape (K, C)."""
        return _wide(self.net(self.codes)).log_softmax(-1)

    @torch.no_grad()
    def set_table(self, log_decoder: Tensor) -> None:
        """Make the decoder a given table; for a decoder without hidden layers.

        Parameters
        ----------
        log_decoder : torch.Tensor, shape (K, C)
            ln p_Θ(y|z).

        Raises
        ------
        ValueError
            If the decoder has hidden layers, which could not represent every table exactly.
        """
        last: Any = self.net[-1]
        if len(self.net) > 2:
            raise ValueError(
                "this decoder has hidden layers and cannot be set to a table; expected one without: "
                "TableDecoder(states, classes=...)."
            )
        last.weight.copy_(log_decoder.T / self.codes[0, 0])
        last.bias.zero_()


class CodeClassifier(Bottleneck):
    """A classifier with a categorical code and a decoder that is a table.

    Parameters
    ----------
    encoder : torch.nn.Module
        Maps inputs (n, ...) to logits (n, K).
    decoder : TableDecoder
        The decoder of K states.

    Notes
    -----
    It is a `ibcourse.nets.Bottleneck` whose decoder is computed once a batch and not once an input, and that
    returns it, because both cross-entropies need the whole table.
    Source: Kirsch, Lyle and Gal (2020), section 7.1.  Lesson: 06 Decoder uncertainty.

    Examples
    --------
    >>> model = CodeClassifier(dense(4, 5), TableDecoder(5, classes=3))
    >>> output = model(torch.zeros(2, 4), torch.zeros(2))
    >>> output.z.shape, output.log_decoder.shape
    (torch.Size([2, 5]), torch.Size([5, 3]))
    """

    decoder: TableDecoder

    def __init__(self, encoder: nn.Module, decoder: TableDecoder):
        super().__init__(encoder, CategoricalHead(len(decoder.codes)), decoder)

    def forward(self, x: Tensor, noise: Tensor) -> CodeOutput:  # type: ignore[override]
        """Return the code of each input and the decoder.

        Parameters
        ----------
        x : torch.Tensor, shape (n, ...)
            Inputs.
        noise : torch.Tensor
            Not used: no code is sampled.

        Returns
        -------
        CodeOutput
            The codes, their probabilities and the logarithm of the decoder.
        """
        code = self.head(_wide(self.encoder(x)))
        return CodeOutput(code, code.probs, self.decoder())


def uncertainty(output: CodeOutput, y: Tensor) -> dict[str, Tensor]:
    r"""Return the decoder uncertainty H(Y|Z) of a batch, as a loss.

    .. math:: -\tfrac1n \sum_i \sum_z p_\Theta(z|x_i) \ln \hat p(y_i|z)

    Parameters
    ----------
    output : CodeOutput
        What the net made of the batch; its decoder is not used.
    y : torch.Tensor, shape (n,)
        The labels.

    Returns
    -------
    dict
        ``"loss"``, in nats.

    Notes
    -----
    :math:`\hat p(y|z)` is held fixed.  The value is the same and so is the gradient, since the term in which
    it is differentiated is zero (`encoder_gradient`).
    Source: Kirsch, Lyle and Gal (2020), section 5.4.  Lesson: 06 Decoder uncertainty.

    Examples
    --------
    >>> logits = torch.tensor([[99.0, 0.0], [0.0, 99.0], [0.0, 99.0]])
    >>> output = CodeOutput(Categorical(logits), logits.softmax(-1), torch.zeros(2, 2))
    >>> uncertainty(output, torch.tensor([0, 1, 0]))["loss"]
    tensor(0.4621)
    """
    log_posterior = log_optimal_decoder(output.z.detach(), y, output.log_decoder.shape[-1])
    return {"loss": _mean_loss(output.z, log_posterior, y)}


def decoder_cross_entropy(output: CodeOutput, y: Tensor) -> dict[str, Tensor]:
    r"""Return the decoder cross-entropy H_Θ(Y|Z) of a batch, as a loss.

    .. math:: -\tfrac1n \sum_i \sum_z p_\Theta(z|x_i) \ln p_\Theta(y_i|z)

    Parameters
    ----------
    output : CodeOutput
        What the net made of the batch.
    y : torch.Tensor, shape (n,)
        The labels.

    Returns
    -------
    dict
        ``"loss"``, in nats.

    Notes
    -----
    Source: Kirsch, Lyle and Gal (2020), section 5.  Lesson: 06 Decoder uncertainty.

    Examples
    --------
    >>> logits = torch.zeros(3, 2)
    >>> log_decoder = torch.tensor([[0.9, 0.1], [0.1, 0.9]]).log()
    >>> output = CodeOutput(Categorical(logits), logits.softmax(-1), log_decoder)
    >>> decoder_cross_entropy(output, torch.tensor([0, 1, 0]))["loss"]
    tensor(1.2040)
    """
    return {"loss": _mean_loss(output.z, output.log_decoder, y)}


def prediction_cross_entropy(output: CodeOutput, y: Tensor) -> dict[str, Tensor]:
    r"""Return the prediction cross-entropy H_Θ(Y|X) of a batch, as a loss.

    .. math:: -\tfrac1n \sum_i \ln \sum_z p_\Theta(z|x_i)\, p_\Theta(y_i|z)

    Parameters
    ----------
    output : CodeOutput
        What the net made of the batch.
    y : torch.Tensor, shape (n,)
        The labels.

    Returns
    -------
    dict
        ``"loss"``, in nats.

    Notes
    -----
    Source: Kirsch, Lyle and Gal (2020), section 5.  Lesson: 06 Decoder uncertainty.

    Examples
    --------
    >>> logits = torch.zeros(3, 2)
    >>> log_decoder = torch.tensor([[0.9, 0.1], [0.1, 0.9]]).log()
    >>> output = CodeOutput(Categorical(logits), logits.softmax(-1), log_decoder)
    >>> prediction_cross_entropy(output, torch.tensor([0, 1, 0]))["loss"]
    tensor(0.6931)
    """
    losses = -(output.code.log_probs + output.log_decoder.T[y]).logsumexp(-1)
    return {"loss": losses.mean()}


#: The losses, by the names of the fields of `ibcourse.decoder_uncertainty.Uncertainties`.
OBJECTIVES: dict[str, Callable[[CodeOutput, Tensor], dict[str, Tensor]]] = {
    "uncertainty": uncertainty,
    "decoder_cross_entropy": decoder_cross_entropy,
    "prediction_cross_entropy": prediction_cross_entropy,
}


def log_optimal_decoder(z: Tensor, y: Tensor, classes: int) -> Tensor:
    r"""Return the optimal decoder of the codes of a data set, as logarithms.

    .. math:: \ln p(y|z), \qquad p(y, z) = \tfrac1N \sum_{i: y_i = y} p_\Theta(z|x_i)

    Parameters
    ----------
    z : torch.Tensor, shape (N, K)
        The codes p(z|x) of all inputs.
    y : torch.Tensor, shape (N,)
        Their labels.
    classes : int
        C, how many labels there are.

    Returns
    -------
    torch.Tensor, shape (K, C)
        Nats, in the type of z.  Where p(y, z) = 0 it is a finite number, near −87 in float32 and −708 in
        float64, so that 0 ln 0 = 0.

    Notes
    -----
    Source: Kirsch, Lyle and Gal (2020), section 5.4.  Lesson: 06 Decoder uncertainty.

    Examples
    --------
    >>> log_optimal_decoder(torch.tensor([[0.75, 0.25], [0.25, 0.75]]), torch.tensor([0, 1]), 2).exp()
    tensor([[0.7500, 0.2500],
            [0.2500, 0.7500]])
    """
    return _log_posterior(_label_sums(z, y, classes))


@torch.no_grad()
def measured(z: Tensor, y: Tensor, log_decoder: Tensor) -> dict[str, float]:
    r"""Return the three uncertainties of the codes of a whole data set.

    Parameters
    ----------
    z : torch.Tensor, shape (N, K)
        The codes p(z|x) of all inputs.
    y : torch.Tensor, shape (N,)
        Their labels.
    log_decoder : torch.Tensor, shape (K, C)
        ln p_Θ(y|z).

    Returns
    -------
    dict
        ``"uncertainty"``, ``"decoder_cross_entropy"``, ``"prediction_cross_entropy"`` in nats and
        ``"error"``, how often the most probable label of the prediction is wrong.

    Notes
    -----
    H(Y|Z) is that of the joint table of all data, summed in float64: the mean over batches of the H(Y|Z) of
    each would be too low.  `ibcourse.decoder_uncertainty.uncertainties` of the table p(x, y) with one row an
    input gives the same, with far more memory.
    Lesson: 06 Decoder uncertainty.

    Examples
    --------
    >>> z, y = torch.tensor([[0.75, 0.25], [0.25, 0.75]]), torch.tensor([0, 1])
    >>> values = measured(z, y, log_optimal_decoder(z, y, 2))
    >>> [round(value, 4) for value in values.values()]
    [0.5623, 0.5623, 0.47, 0.0]
    """
    # On the CPU, since not every accelerator has float64.
    z, y, log_decoder = z.cpu().double(), y.cpu(), log_decoder.cpu().double()
    joint = _label_sums(z, y, log_decoder.shape[-1])
    prediction = z @ log_decoder.exp()
    values = {
        "uncertainty": -(joint * _log_posterior(joint)).sum() / len(y),
        "decoder_cross_entropy": -(joint * log_decoder).sum() / len(y),
        "prediction_cross_entropy": -prediction.gather(1, y[:, None]).log().mean(),
        "error": (prediction.argmax(1) != y).double().mean(),
    }
    return {name: value.item() for name, value in values.items()}


def _label_sums(z: Tensor, y: Tensor, classes: int) -> Tensor:
    """Return the sum of the codes of each label, shape (K, C): n times the joint table p(z, y)."""
    return z.T @ (y[:, None] == torch.arange(classes, device=y.device)).to(z.dtype)


def _mean_loss(z: Tensor, log_decoder: Tensor, y: Tensor) -> Tensor:
    """Return the mean over data and codes of −ln p(y|z)."""
    return -(z * log_decoder.T[y]).sum(-1).mean()


def _log_posterior(joint: Tensor) -> Tensor:
    """Return ln p(y|z), shape (K, C); where p(y, z) = 0 a finite number, for 0 ln 0 = 0."""
    tiny = torch.finfo(joint.dtype).tiny
    return joint.clamp_min(tiny).log() - joint.sum(-1, keepdim=True).clamp_min(tiny).log()
