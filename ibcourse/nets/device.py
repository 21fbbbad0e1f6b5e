"""Where the nets run, and the images as tensors there."""

from typing import Any, NamedTuple

import torch
from torch import Tensor


def pick_device(name: str | torch.device | None = None) -> torch.device:
    """Return the device to train on.

    Parameters
    ----------
    name : str or torch.device, optional
        The device wanted, such as ``"cpu"`` or ``"cuda:1"``.  By default the first there is of a CUDA GPU,
        an Apple GPU (mps) and the CPU.

    Returns
    -------
    torch.device
        The device.

    Raises
    ------
    ValueError
        If there is no such device here.

    Examples
    --------
    >>> pick_device("cpu")
    device(type='cpu')
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    here = [kind for kind, there in available.items() if there]
    if name is None:
        return torch.device(here[0])
    try:
        device = torch.device(name)
    except RuntimeError:
        raise ValueError(f'there is no device "{name}"; expected one of: {", ".join(here)}.') from None
    if not available.get(device.type) or (
        device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count()
    ):
        raise ValueError(
            f'the device "{name}" is not available to PyTorch {torch.__version__}; here it has: '
            f"{', '.join(here)}. Choose one of these, or install a build of PyTorch for your GPU: "
            "https://pytorch.org/get-started/locally/"
        )
    return device


class Tensors(NamedTuple):
    """A data set on a device: images in float32, shape (N, C, H, W), and labels in int64, shape (N,)."""

    x: Tensor
    y: Tensor
    x_test: Tensor
    y_test: Tensor


def tensors(images: Any, device: torch.device, *, centred: bool = False) -> Tensors:
    """Return a data set of images as tensors on a device.

    Parameters
    ----------
    images : ibcourse.data.Images
        What `ibcourse.data.load` returns: pixels from 0 to ``images.white``.
    device : torch.device
        Where the tensors shall lie.  All of the data moves there at once, so that training never waits for
        it: CIFAR-10 takes 0.7 GB.
    centred : bool
        Map black and white to −1 and 1 instead of 0 and 1.

    Returns
    -------
    Tensors
        Images in float32, labels in int64.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> import numpy as np
    >>> x, y = np.full((2, 1, 1, 1), 16, np.uint8), np.zeros(2, np.int64)
    >>> digits = SimpleNamespace(x_train=x, y_train=y, x_test=x[:1], y_test=y[:1], white=16)
    >>> tensors(digits, torch.device("cpu")).x.flatten()
    tensor([1., 1.])
    """

    def pixels(array: Any) -> Tensor:
        unit = torch.tensor(array, device=device).float() / images.white
        return 2 * unit - 1 if centred else unit

    def labels(array: Any) -> Tensor:
        return torch.tensor(array, device=device, dtype=torch.int64)

    return Tensors(
        pixels(images.x_train), labels(images.y_train), pixels(images.x_test), labels(images.y_test)
    )
