"""Encoders and decoders without noise of their own: images to features, or codes to logits."""

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F


def dense(*sizes: int, dropout: float = 0.0) -> nn.Sequential:
    """Return a fully connected net: flattened input, ReLU between the layers, none after the last.

    Parameters
    ----------
    *sizes : int
        The widths, input first: ``dense(784, 1024, 1024, 512)`` has three layers of weights.
    dropout : float
        The probability with which a hidden unit is dropped in training.

    Returns
    -------
    torch.nn.Sequential
        Maps (n, ...), of ``sizes[0]`` numbers an example, to (n, ``sizes[-1]``).

    Raises
    ------
    ValueError
        For fewer than two sizes.

    Examples
    --------
    >>> import torch
    >>> dense(64, 32, 10)(torch.zeros(5, 1, 8, 8)).shape
    torch.Size([5, 10])
    """
    if len(sizes) < 2:
        raise ValueError(f"dense got the sizes {sizes}; expected two or more: the input's and the output's.")
    layers: list[nn.Module] = [nn.Flatten()]
    for inputs, outputs in pairwise(sizes[:-1]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        if dropout:
            layers.append(nn.Dropout(dropout))
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))


def dropout_cnn(outputs: int, *, channels: int = 1, size: int = 28, dropout: float = 0.5) -> nn.Sequential:
    """Return the small convolutional net with dropout of PyTorch's MNIST example.

    Two 3×3 convolutions without padding, of 32 and 64 channels, each followed by ReLU; 2×2 max-pooling;
    dropout with half the given probability; a dense layer of 128 units with ReLU; dropout with the given
    probability; a dense layer.  With 10 outputs for MNIST it has 1 199 882 parameters.

    Parameters
    ----------
    outputs : int
        How many features or logits come out.
    channels : int
        Channels of the images: 1 for grey, 3 for colour.
    size : int
        Height and width of the images in pixels, 6 or more.
    dropout : float
        The probability with which a unit of the dense layer is dropped; 0.5 in the example.

    Returns
    -------
    torch.nn.Sequential
        Maps (n, channels, size, size) to (n, outputs).

    Raises
    ------
    ValueError
        If the images are too small.

    Notes
    -----
    In training mode the masks come from PyTorch's global generator.
    Source: A. Kirsch, C. Lyle and Y. Gal, Unpacking Information Bottlenecks (2020), section 7.2, which takes
    this net with 128 outputs.  Lesson: 07 Differential entropy.

    Examples
    --------
    >>> sum(p.numel() for p in dropout_cnn(10).parameters())
    1199882
    """
    if size < 6:
        raise ValueError(f"dropout_cnn got images of {size} × {size} pixels; expected 6 × 6 or more.")
    return nn.Sequential(
        nn.Conv2d(channels, 32, 3),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(dropout / 2),
        nn.Flatten(),
        nn.Linear(64 * ((size - 4) // 2) ** 2, 128),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(128, outputs),
    )


class _Residual(nn.Module):
    """Two 3×3 convolutions with batch norm, added to the input."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.residual = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut = (
            nn.Identity()
            if stride == 1 and inputs == outputs
            else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.residual(x) + self.shortcut(x))


def resnet18(outputs: int, *, channels: int = 3) -> nn.Sequential:
    """Return the residual net of 18 layers, for images of 32×32 pixels.

    The first layer is a 3×3 convolution with stride 1 and no max-pooling follows, as usual for CIFAR-10: the
    7×7 convolution of stride 2 for ImageNet would leave little of a small image.  Four stages of two residual
    blocks follow, of 64, 128, 256 and 512 channels; all but the first halve height and width.  Then the mean
    over the image and a dense layer.

    Parameters
    ----------
    outputs : int
        How many features or logits come out.
    channels : int
        Channels of the images.

    Returns
    -------
    torch.nn.Sequential
        Maps (n, channels, H, W) to (n, outputs).

    Notes
    -----
    Source: K. He, X. Zhang, S. Ren and J. Sun, Deep residual learning for image recognition (2016).
    Lesson: 06 Decoder uncertainty.

    Examples
    --------
    >>> sum(p.numel() for p in resnet18(10).parameters())
    11173962
    """
    blocks = [
        _Residual(inputs, stage, 1 if inputs == stage else 2)
        for before, stage in pairwise([64, 64, 128, 256, 512])
        for inputs in (before, stage)
    ]
    return nn.Sequential(
        nn.Conv2d(channels, 64, 3, padding=1, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        *blocks,
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(512, outputs),
    )
