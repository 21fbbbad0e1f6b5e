"""Encoders: their shapes, and the numbers of parameters that are known."""

import pytest
import torch
from torch import nn

from ibcourse.nets import dense, dropout_cnn, resnet18


def count(model):
    return sum(parameter.numel() for parameter in model.parameters())


def test_dense_is_affine_maps_with_relu_between():
    model = dense(6, 5, 4, 3)
    x = torch.randn(7, 2, 3)
    (w1, b1), (w2, b2), (w3, b3) = [(m.weight, m.bias) for m in model if isinstance(m, nn.Linear)]
    expected = ((x.flatten(1) @ w1.T + b1).relu() @ w2.T + b2).relu() @ w3.T + b3
    torch.testing.assert_close(model(x), expected)


def test_dense_of_alemi_has_its_parameters():
    assert count(dense(784, 1024, 1024, 512)) == 785 * 1024 + 1025 * 1024 + 1025 * 512


def test_dense_drops_hidden_units_in_training_only():
    model = dense(6, 5, 4, dropout=0.5)
    x = torch.ones(20, 6)
    assert len({tuple(row.tolist()) for row in model(x)}) > 1
    assert len({tuple(row.tolist()) for row in model.eval()(x)}) == 1
    assert not any(isinstance(module, nn.Dropout) for module in dense(6, 5, 4))


def test_dense_needs_two_sizes():
    with pytest.raises(ValueError, match=r"got the sizes \(784,\); expected two or more"):
        dense(784)


@pytest.mark.parametrize(("channels", "size"), [(1, 8), (1, 28), (3, 9), (1, 6)])
def test_dropout_cnn_takes_images_of_any_size(channels, size):
    assert dropout_cnn(5, channels=channels, size=size)(torch.zeros(2, channels, size, size)).shape == (2, 5)


def test_dropout_cnn_is_the_example():
    model = dropout_cnn(10)
    assert count(model) == 10 * 32 + (9 * 32 + 1) * 64 + (64 * 144 + 1) * 128 + 129 * 10
    assert [module.p for module in model if isinstance(module, nn.Dropout)] == [0.25, 0.5]


def test_dropout_cnn_refuses_tiny_images():
    with pytest.raises(ValueError, match="images of 5 × 5 pixels; expected 6 × 6"):
        dropout_cnn(10, size=5)


def test_resnet18_has_the_known_parameters():
    assert count(resnet18(10)) == 11_173_962  # the net of 11.17 million for CIFAR-10
    assert (
        sum(isinstance(m, nn.Conv2d | nn.Linear) for m in resnet18(10).modules()) == 18 + 3
    )  # and shortcuts


def test_resnet18_keeps_small_images_until_its_second_stage():
    model = resnet18(4, channels=1).eval()
    shapes = []
    for module in model:
        module.register_forward_hook(lambda module, inputs, output: shapes.append(tuple(output.shape[1:])))
    with torch.no_grad():
        assert model(torch.zeros(1, 1, 32, 32)).shape == (1, 4)
    assert shapes[2] == (64, 32, 32)
    stages = [(64, 32, 32), (128, 16, 16), (256, 8, 8), (512, 4, 4)]
    assert shapes[3:11] == [stage for stage in stages for _ in range(2)]
