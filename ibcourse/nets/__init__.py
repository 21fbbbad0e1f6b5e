"""Nets for the labs: encoders, stochastic heads, one training loop, ensembles as one batched model."""

from ibcourse import pip_install

try:
    import torch  # noqa: F401
    import tqdm  # noqa: F401
except ImportError as error:
    raise ImportError(
        f"ibcourse.nets needs PyTorch and tqdm: {pip_install('torch')}. On Linux without a GPU, ask for "
        "PyTorch's CPU build: its install page, https://pytorch.org/get-started/locally/, shows the command."
    ) from error

from ibcourse.nets.device import Tensors, pick_device, tensors
from ibcourse.nets.ensemble import EnsembleRun, fit_ensemble
from ibcourse.nets.heads import (
    Bottleneck,
    Categorical,
    CategoricalHead,
    FixedNoiseHead,
    Gaussian,
    GaussianHead,
    Output,
)
from ibcourse.nets.layers import dense, dropout_cnn, resnet18
from ibcourse.nets.randomness import seeded
from ibcourse.nets.training import Run, fit

__all__ = [
    "Bottleneck",
    "Categorical",
    "CategoricalHead",
    "EnsembleRun",
    "FixedNoiseHead",
    "Gaussian",
    "GaussianHead",
    "Output",
    "Run",
    "Tensors",
    "dense",
    "dropout_cnn",
    "fit",
    "fit_ensemble",
    "pick_device",
    "resnet18",
    "seeded",
    "tensors",
]
