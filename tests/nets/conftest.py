"""A small problem that all tests of the nets share."""

from types import SimpleNamespace

import pytest
import torch
from torch.nn import functional as F

from ibcourse.nets import Bottleneck, GaussianHead, dense


def make():
    """A dense bottleneck for 8×8 images; its weights come from the global generator."""
    return Bottleneck(dense(64, 16, 8), GaussianHead(4), dense(4, 10))


def objective(output, y, beta=0.001):
    error, rate = F.cross_entropy(output.logits, y), output.code.kl_to_standard().mean()
    return {"loss": error + beta * rate, "error": error, "rate": rate}


@pytest.fixture
def problem():
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(50, 1, 8, 8, generator=generator)
    y = torch.randint(10, (50,), generator=generator)
    return SimpleNamespace(make=make, objective=objective, x=x, y=y)
