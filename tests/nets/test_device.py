"""The device, the data on it, and what happens without PyTorch."""

import importlib
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import ibcourse.nets
from ibcourse.nets import pick_device, tensors


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"), [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")]
)
def test_the_first_device_there_is(monkeypatch, cuda, mps, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert pick_device().type == expected
    assert pick_device("cpu").type == "cpu"
    assert pick_device(torch.device("cpu")).type == "cpu"


@pytest.mark.parametrize("name", ["cuda", "cuda:3", "mps", "meta"])
def test_a_device_that_is_not_here_is_refused(monkeypatch, name):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(ValueError, match=f'device "{name}" is not available .* here it has: cpu'):
        pick_device(name)


def test_a_gpu_beyond_the_last_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert pick_device("cuda:1") == torch.device("cuda", 1)
    with pytest.raises(ValueError, match='"cuda:2" is not available'):
        pick_device("cuda:2")


def test_an_unknown_device_is_refused():
    with pytest.raises(ValueError, match=r'there is no device "gpu"; expected one of: .*cpu'):
        pick_device("gpu")


@pytest.mark.parametrize(("centred", "black", "white"), [(False, 0.0, 1.0), (True, -1.0, 1.0)])
def test_images_become_tensors(centred, black, white):
    pixels = np.array([0, 16, 8, 16], np.uint8).reshape(2, 1, 1, 2)
    pixels.flags.writeable = False
    labels = np.array([3, 1])
    images = SimpleNamespace(x_train=pixels, y_train=labels, x_test=pixels[:1], y_test=labels[:1], white=16)
    x, y, x_test, y_test = tensors(images, torch.device("cpu"), centred=centred)
    assert x.dtype == torch.float32
    assert y.dtype == torch.int64
    assert x.shape == (2, 1, 1, 2)
    assert x.flatten().tolist() == [black, white, (black + white) / 2, white]
    assert y.tolist() == [3, 1]
    assert torch.equal(x_test, x[:1])
    assert torch.equal(y_test, y[:1])


@pytest.mark.parametrize("missing", ["torch", "tqdm"])
def test_without_a_package_the_import_says_how_to_get_it(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=r"needs PyTorch and tqdm: pip install .*pytorch\.org/get-started"):
        importlib.reload(ibcourse.nets)
