r"""Codes: what a net makes of its features, and how noise enters.

A net is read in three parts.  The *encoder* turns an input into features, the *head* turns features into a
code, which is a distribution of the latent :math:`z`, and the *decoder* turns a sample of :math:`z` into
logits.  Noise is an argument everywhere: a Gaussian latent is
:math:`z = \mu(x) + \sigma(x)\,\varepsilon` with :math:`\varepsilon` standard normal, drawn by the caller.
Gradients flow through :math:`\mu` and :math:`\sigma`, and two ways to train can be given the same noise.
"""

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ibcourse._array import as_number, check_whole


class Gaussian(NamedTuple):
    r"""Gaussians with independent coordinates, one a data point.

    Parameters
    ----------
    mean, scale : torch.Tensor, shape (..., K)
        Means and standard deviations.  A scale of zero is a point: it samples its mean exactly, and its
        entropy is −∞.

    Notes
    -----
    Source: A. A. Alemi, I. Fischer, J. V. Dillon and K. Murphy, Deep variational information bottleneck
    (2017).  Lesson: 05 Variational bounds.

    Examples
    --------
    >>> code = Gaussian(torch.tensor([[0.0, 1.0]]), torch.tensor([[1.0, 1.0]]))
    >>> code.kl_to_standard()
    tensor([0.5000])
    """

    mean: Tensor
    scale: Tensor

    def sample(self, noise: Tensor) -> Tensor:
        r"""Return :math:`\mu + \sigma\,\varepsilon`.

        Parameters
        ----------
        noise : torch.Tensor, shape (..., K)
            Standard normal numbers; more axes in front give several samples of each data point.

        Returns
        -------
        torch.Tensor, shape (..., K)
            The samples.
        """
        return self.mean + self.scale * noise

    def log_prob(self, z: Tensor) -> Tensor:
        r"""Return :math:`\ln p(z)`, summed over coordinates.

        .. math:: \ln p(z) = -\sum_k \left[ \tfrac12 \left(\tfrac{z_k - \mu_k}{\sigma_k}\right)^2
            + \ln \sigma_k + \tfrac12 \ln 2\pi \right]

        Parameters
        ----------
        z : torch.Tensor, shape (..., K)
            Points; their axes broadcast with those of the mean.

        Returns
        -------
        torch.Tensor, shape (...)
            Nats; nan where a scale is zero, because a point has no density.
        """
        standard = (z - self.mean) / self.scale
        return -(standard.square() / 2 + self.scale.log() + math.log(2 * math.pi) / 2).sum(-1)

    def kl_to_standard(self) -> Tensor:
        r"""Return the divergence from the standard Gaussian, the rate at one data point.

        .. math:: D\big(N(\mu, \sigma^2) \,\|\, N(0, 1)\big)
            = \tfrac12 \sum_k \left[ \mu_k^2 + (\sigma_k^2 - 1) - \ln \sigma_k^2 \right]

        Returns
        -------
        torch.Tensor, shape (...)
            Nats, never negative.
        """
        # e^u − 1 ≥ u, in floating point too, where σ² − 1 − ln σ² may round below zero.
        log_variance = 2 * self.scale.log()
        return (self.mean.square() + torch.expm1(log_variance) - log_variance).sum(-1) / 2

    def entropy(self) -> Tensor:
        r"""Return the differential entropy.

        .. math:: H = \sum_k \left[ \ln \sigma_k + \tfrac12 \ln 2\pi e \right]

        Returns
        -------
        torch.Tensor, shape (...)
            Nats; −∞ where a scale is zero.
        """
        return (self.scale.log() + (1 + math.log(2 * math.pi)) / 2).sum(-1)


class Categorical(NamedTuple):
    """Categorical distributions, one a data point.

    Parameters
    ----------
    logits : torch.Tensor, shape (..., K)
        Logarithms of the probabilities up to a constant.

    Examples
    --------
    >>> Categorical(torch.zeros(2)).probs
    tensor([0.5000, 0.5000])
    """

    logits: Tensor

    @property
    def probs(self) -> Tensor:
        """The probabilities, shape (..., K)."""
        return self.logits.softmax(-1)

    @property
    def log_probs(self) -> Tensor:
        """Their logarithms in nats, shape (..., K)."""
        return self.logits.log_softmax(-1)


class Output(NamedTuple):
    """What a `Bottleneck` returns: the code, the latent z drawn from it, and the logits of the decoder."""

    code: Any
    z: Tensor
    logits: Tensor


class _Head(nn.Module):
    """A head for a code of k coordinates, made of so many features each, with noise or without."""

    def __init__(self, k: int, each: int = 1, *, noise: bool = True):
        super().__init__()
        check_whole(1, k=k)
        self.features = each * k
        self.noise_shape = (k,) if noise else ()

    def check(self, features: Tensor) -> None:
        """Raise ValueError unless the encoder has the right number of outputs."""
        if features.shape[-1] != self.features:
            raise ValueError(
                f"{type(self).__name__} got {features.shape[-1]} features; expected {self.features}. "
                f"Give the encoder {self.features} outputs."
            )


class GaussianHead(_Head):
    r"""A Gaussian code whose mean and scale are both features.

    The first half of the features is :math:`\mu`, the second half :math:`\rho`, and the scale is
    :math:`\sigma = \ln(1 + e^{\rho + \mathrm{shift}})`.

    Parameters
    ----------
    k : int
        Coordinates of the latent.  The encoder has 2k outputs.
    shift : float
        Added to ρ.  At −5 a new net starts with scales near 0.007: almost without noise.

    Raises
    ------
    ValueError
        If k is no whole number from 1, or the shift not finite.

    Notes
    -----
    The scale is no smaller than the smallest normal number of its type (1e-38 in float32), so that its
    logarithm and its gradient stay finite.
    Source: Alemi et al. (2017), section 4.  Lesson: 05 Variational bounds.

    Examples
    --------
    >>> head = GaussianHead(2)
    >>> head.features
    4
    >>> head(torch.zeros(3, 4)).scale.shape
    torch.Size([3, 2])
    """

    def __init__(self, k: int, shift: float = -5.0):
        super().__init__(k, 2)
        self.shift = as_number(shift=shift)

    def forward(self, features: Tensor) -> Gaussian:
        """Return the code of features (..., 2k)."""
        self.check(features)
        mean, rho = features.chunk(2, -1)
        return Gaussian(mean, F.softplus(rho + self.shift).clamp_min(torch.finfo(rho.dtype).tiny))


class FixedNoiseHead(_Head):
    """A Gaussian code whose mean is the features and whose scale is fixed.

    Parameters
    ----------
    k : int
        Coordinates of the latent.
    scale : float
        The standard deviation of the noise, 0 for none.

    Raises
    ------
    ValueError
        If k is no whole number from 1, or the scale negative or not finite.

    Notes
    -----
    Source: Kirsch, Lyle and Gal (2020), section 6.1.  Lesson: 07 Differential entropy.

    Examples
    --------
    >>> FixedNoiseHead(2, scale=0.1)(torch.zeros(2)).scale
    tensor([0.1000, 0.1000])
    """

    def __init__(self, k: int, scale: float):
        super().__init__(k)
        self.scale = as_number(scale=scale)
        if self.scale < 0:
            raise ValueError(f"scale is {scale}; expected 0, for no noise, or a positive number.")

    def forward(self, features: Tensor) -> Gaussian:
        """Return the code of features (..., k)."""
        self.check(features)
        return Gaussian(features, features.new_full((), self.scale).expand_as(features))


class CategoricalHead(_Head):
    """A categorical code whose logits are the features; its latent is the vector of probabilities.

    Parameters
    ----------
    k : int
        How many categories.

    Raises
    ------
    ValueError
        If k is no whole number from 1.

    Notes
    -----
    Nothing is drawn: the decoder sees the probabilities themselves.
    Source: Kirsch, Lyle and Gal (2020), section 7.1.  Lesson: 06 Decoder uncertainty.

    Examples
    --------
    >>> CategoricalHead(4)(torch.zeros(4)).probs
    tensor([0.2500, 0.2500, 0.2500, 0.2500])
    """

    def __init__(self, k: int):
        super().__init__(k, noise=False)

    def forward(self, features: Tensor) -> Categorical:
        """Return the code of features (..., k)."""
        self.check(features)
        return Categorical(features)


class Bottleneck(nn.Module):
    """An encoder, a head and a decoder in a row.

    Parameters
    ----------
    encoder : torch.nn.Module
        Maps inputs (n, ...) to features (n, ``head.features``).
    head : torch.nn.Module
        `GaussianHead`, `FixedNoiseHead` or `CategoricalHead`.
    decoder : torch.nn.Module
        Maps latents (n, k) to logits (n, classes).

    Raises
    ------
    ValueError
        At the first call, if the encoder has not as many outputs as the head takes.

    Notes
    -----
    Codes and logits are float32 under autocast too, where only encoder and decoder compute in bfloat16.

    Examples
    --------
    >>> from ibcourse.nets import dense
    >>> model = Bottleneck(dense(64, 4), GaussianHead(2), dense(2, 10))
    >>> noise = model.draw(5, torch.Generator().manual_seed(0))
    >>> model(torch.zeros(5, 64), noise).logits.shape
    torch.Size([5, 10])
    """

    def __init__(self, encoder: nn.Module, head: nn.Module, decoder: nn.Module):
        super().__init__()
        self.encoder = encoder
        self.head = head
        self.decoder = decoder

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Return standard normal noise for n data points.

        Parameters
        ----------
        n : int
            How many.
        generator : torch.Generator
            Where the noise comes from; the noise lies on its device.

        Returns
        -------
        torch.Tensor, shape (n, ...)
            With ``head.noise_shape`` after n, in the floating-point type of the parameters.
        """
        dtype = next((p.dtype for p in self.parameters()), torch.float32)
        shape: tuple[int, ...] = self.head.noise_shape  # type: ignore[assignment]
        return torch.randn(n, *shape, generator=generator, device=generator.device, dtype=dtype)

    def forward(self, x: Tensor, noise: Tensor) -> Output:
        """Return the code of each input, a latent, and its logits.

        Parameters
        ----------
        x : torch.Tensor, shape (n, ...)
            Inputs.
        noise : torch.Tensor, shape (n, ...) or (S, n, ...)
            Standard normal numbers, as `draw` gives; with S in front, S latents of each input.

        Returns
        -------
        Output
            The code, with (n, ...); z and logits with (n, ...) or (S, n, ...).
        """
        code = self.head(_wide(self.encoder(x)))
        z = code.sample(noise) if isinstance(code, Gaussian) else code.probs
        logits = self.decoder(z.flatten(0, -2))
        return Output(code, z, _wide(logits).unflatten(0, z.shape[:-1]))


def _wide(x: Tensor) -> Tensor:
    """Return half precision as float32, all else as it is."""
    return x.float() if x.dtype in (torch.bfloat16, torch.float16) else x
