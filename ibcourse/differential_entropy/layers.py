"""Reparameterisation: another scale for a layer, the same network.

Without noise nothing fixes the scale of a code.  Multiply a layer by c, divide the next one by c, and the
network computes the same outputs, while the entropy of its code of k components changes by k times the
logarithm of the absolute value of c.
"""

import ibcourse.nets  # noqa: F401  (first: without torch it says what to install)

# isort: split
import torch
from torch import Tensor, nn


@torch.no_grad()
def reparameterise(
    layer: nn.Linear, following: nn.Linear, scale: float | Tensor, shift: float | Tensor = 0.0
) -> None:
    r"""Scale and shift what a linear layer sends to the next, which undoes it.

    .. math:: z' = c\, z + s, \qquad W z + b = (W / c)\, z' + b - (W / c)\, s

    Parameters
    ----------
    layer : torch.nn.Linear
        The layer whose outputs are z, with a bias; changed in place.
    following : torch.nn.Linear
        The layer that reads z, with a bias; changed in place.
    scale : float or tensor, shape (k,)
        The factor c of each of the k outputs, not zero.
    shift : float or tensor, shape (k,)
        The shift s of each output.

    Raises
    ------
    ValueError
        If the layers do not fit each other, one has no bias, a factor is zero, or a factor or shift is not
        finite, or not one for all or for each output.

    Notes
    -----
    Computed in double precision and rounded once to the type of the weights, in which a number may become 0
    or infinite.  A ReLU between the two layers is undone too, if the factors are positive and the shift is 0;
    noise between them is not.
    Source: Kirsch, Lyle and Gal (2020), sections 6.1 and 7.2.  Lesson: 07 What survives a change of units.

    Examples
    --------
    >>> net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    >>> x = torch.ones(1, 4)
    >>> before, code = net(x), net[0](x)
    >>> reparameterise(net[0], net[2], scale=0.125)
    >>> print(torch.equal(net(x), before), torch.equal(net[0](x), code / 8))
    True True
    """
    if layer.out_features != following.in_features or layer.bias is None or following.bias is None:
        raise ValueError(
            f"the layers are {layer} and {following}; expected two linear layers with biases, the second "
            "with as many inputs as the first has outputs."
        )
    scale, shift = (torch.as_tensor(value, dtype=torch.float64, device="cpu") for value in (scale, shift))
    if not (torch.isfinite(scale) & (scale != 0)).all():
        raise ValueError(f"scale is {scale.tolist()}; expected finite factors other than zero.")
    if not torch.isfinite(shift).all():
        raise ValueError(f"shift is {shift.tolist()}; expected finite numbers.")
    k = layer.out_features
    for name, value in {"scale": scale, "shift": shift}.items():
        if value.shape not in {(), (1,), (k,)}:
            raise ValueError(f"{name} has shape {tuple(value.shape)}; expected a number or shape ({k},).")
    scale, shift = scale.expand(k), shift.expand(k)
    weight, bias, next_weight, next_bias = (
        p.cpu().double() for p in (layer.weight, layer.bias, following.weight, following.bias)
    )
    new = {
        layer.weight: weight * scale[:, None],
        layer.bias: bias * scale + shift,
        following.weight: next_weight / scale,
        following.bias: next_bias - (next_weight / scale) @ shift,
    }
    for parameter, value in new.items():
        parameter.copy_(value)
