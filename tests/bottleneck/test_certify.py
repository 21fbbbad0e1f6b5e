"""The proof by branch and bound."""

import dataclasses

import numpy as np
import pytest
import torch

from ibcourse.bottleneck import certify, ib_curve, lagrangian

BETAS = np.array([0.5, 1.5, 3.0, 8.0, 30.0])


def random_joint(seed, rows, columns):
    rng = np.random.default_rng(seed)
    table = rng.dirichlet(np.full(columns, 2.0), rows) * rng.dirichlet(np.ones(rows))[:, None] + 1e-3
    return table / table.sum()


@pytest.mark.parametrize("shape", [(2, 2), (8, 2), (5, 3), (6, 4), (4, 5), (4, 1)])
def test_the_curve_is_proven_optimal(shape):
    p_xy = random_joint(1, *shape)
    curve = ib_curve(p_xy, BETAS)
    bounds = certify(p_xy, curve)
    assert bounds.shape == BETAS.shape
    assert (bounds >= 0).all()
    assert bounds.max() < 3e-6
    assert bounds[0] == 0


def test_a_worse_encoder_gets_a_larger_bound():
    """The bound is on the encoders that the curve holds, however they came about."""
    p_xy = random_joint(2, 5, 3)
    best = ib_curve(p_xy, BETAS)
    worse = dataclasses.replace(best, encoder=tuple(np.full((5, 1), 1.0) for _ in BETAS))
    gap = -best.lagrangian
    bounds = certify(p_xy, worse)
    assert (bounds >= gap - 1e-12).all()
    assert (bounds <= gap + 3e-6).all()
    blurred = dataclasses.replace(best, encoder=tuple(0.9 * e + 0.1 / e.shape[1] for e in best.encoder))
    values = np.array([lagrangian(p_xy, e, b) for e, b in zip(blurred.encoder, BETAS, strict=True)])
    np.testing.assert_allclose(certify(p_xy, blurred), values - best.lagrangian, atol=3e-6)


def test_too_few_boxes_leave_a_valid_bound():
    p_xy = random_joint(3, 6, 4)
    curve = ib_curve(p_xy, BETAS)
    few, many = certify(p_xy, curve, boxes=50), certify(p_xy, curve)
    assert (few >= many - 1e-9).all()
    assert few.max() > 1e-5
    assert np.isfinite(few).all()


def test_it_sees_a_missed_first_order_transition():
    """A constant encoder that no small change improves, though it is not optimal."""
    table = np.array([[6.0, 1, 1, 1], [1, 8, 1, 1], [2, 2, 2, 2], [2, 2, 3, 2], [2, 3, 2, 2], [3, 2, 2, 2]])
    table[2:] *= 20
    p_xy = table / table.sum()
    sigma = np.linalg.svd(p_xy / np.sqrt(np.outer(p_xy.sum(axis=1), p_xy.sum(axis=0))))[1][1]
    curve = ib_curve(p_xy, [0.95 / sigma**2])
    stuck = dataclasses.replace(curve, encoder=(np.ones((6, 1)),))
    assert certify(p_xy, curve)[0] < 3e-6
    assert certify(p_xy, stuck)[0] > 1e-4


def test_torch_in_torch_out():
    p_xy = random_joint(4, 4, 2)
    bounds = certify(torch.tensor(p_xy), ib_curve(torch.tensor(p_xy), torch.tensor(BETAS)))
    assert isinstance(bounds, torch.Tensor)
    np.testing.assert_allclose(bounds.numpy(), certify(p_xy, ib_curve(p_xy, BETAS)), atol=1e-6)


def test_it_refuses_what_it_cannot_prove():
    wide, zero, plain = random_joint(5, 4, 6), np.eye(3) / 3, random_joint(6, 4, 3)
    with pytest.raises(ValueError, match="Y has 6 symbols; a proof is feasible up to 5"):
        certify(wide, ib_curve(wide, BETAS))
    with pytest.raises(ValueError, match=r"least p\(y\|x\) is 0; a proof is feasible from 0.0001"):
        certify(zero, ib_curve(zero, BETAS))
    with pytest.raises(ValueError, match="gamma = 0"):
        certify(plain, ib_curve(plain, BETAS, gamma=0))
    with pytest.raises(ValueError, match="p_xy has 4 rows and the encoders of the curve 3"):
        certify(plain, ib_curve(zero, BETAS))
