"""The baselines: agglomerative and sequential clustering."""

import numpy as np
import pytest
import torch

from ibcourse.bottleneck import agglomerative_ib, ib_curve, lagrangian, sequential_ib

BETAS = np.array([30.0, 2.0, 6.0, 0.5])


def planted(seed, groups=3, each=4, labels=5, noise=0.02):
    """Rows in groups with nearly the same p(y|x)."""
    rng = np.random.default_rng(seed)
    centres = 0.7 * np.eye(labels)[:groups] + 0.3 * rng.dirichlet(np.full(labels, 0.5), groups)
    rows = np.repeat(centres, each, axis=0) + noise * rng.dirichlet(np.ones(labels), groups * each)
    table = rows * rng.dirichlet(np.full(groups * each, 10.0))[:, None]
    return table / table.sum()


@pytest.mark.parametrize("method", [agglomerative_ib, sequential_ib])
def test_the_curve_is_that_of_its_hard_encoders(method):
    p_xy = planted(1)
    curve = method(p_xy, BETAS)
    np.testing.assert_array_equal(curve.beta, BETAS)
    for i, (beta, encoder) in enumerate(zip(BETAS, curve.encoder, strict=True)):
        assert set(np.unique(encoder)) <= {0.0, 1.0}
        np.testing.assert_allclose(lagrangian(p_xy, encoder, beta, 0.0), curve.lagrangian[i], atol=1e-12)
    np.testing.assert_allclose(curve.i_xt, curve.h_t, atol=1e-12)
    assert np.isnan(curve.bound).all()
    assert (curve.lagrangian <= 1e-12).all()
    # None is below the bottleneck's optimum, nor below the deterministic bottleneck.
    assert (curve.lagrangian >= ib_curve(p_xy, BETAS).lagrangian - 1e-6).all()
    assert (curve.lagrangian >= ib_curve(p_xy, BETAS, gamma=0).lagrangian - 1e-9).all()


@pytest.mark.source("E2.28")
@pytest.mark.parametrize("method", [agglomerative_ib, sequential_ib])
def test_planted_groups_are_found(method):
    """At this β the groups are worth their entropy, and what is within them is not."""
    groups = np.repeat(np.arange(3), 4)
    (encoder,) = method(planted(2), [8.0]).encoder
    assert encoder.shape == (12, 3)
    together = encoder.argmax(axis=1)
    assert ((together[:, None] == together) == (groups[:, None] == groups)).all()


def test_no_single_move_improves_the_sequential_clustering():
    p_xy = planted(3, groups=2, each=4)
    curve = sequential_ib(p_xy, [10.0], clusters=4, restarts=3)
    encoder, value = np.eye(4)[curve.encoder[0].argmax(axis=1)], curve.lagrangian[0]
    for x in range(8):
        for t in range(4):
            changed = encoder.copy()
            changed[x] = np.eye(4)[t]
            assert lagrangian(p_xy, changed, 10.0, 0.0) >= value - 1e-12


def test_the_number_of_clusters_and_the_seed():
    p_xy = planted(4)
    curve = sequential_ib(p_xy, [1e3], clusters=2)
    assert curve.encoder[0].shape[1] == 2
    again = sequential_ib(p_xy, [1e3], clusters=2)
    np.testing.assert_array_equal(curve.encoder[0], again.encoder[0])


def test_torch_in_torch_out():
    p_xy = planted(5)
    for method in (agglomerative_ib, sequential_ib):
        ours, theirs = method(p_xy, BETAS), method(torch.tensor(p_xy), BETAS)
        assert isinstance(theirs.lagrangian, torch.Tensor)
        np.testing.assert_allclose(theirs.lagrangian.numpy(), ours.lagrangian, atol=1e-12)


def test_errors_say_what_was_expected():
    with pytest.raises(ValueError, match="clusters is 0"):
        sequential_ib(planted(1), [1.0], clusters=0)
    with pytest.raises(ValueError, match="restarts 0"):
        sequential_ib(planted(1), [1.0], restarts=0)
    with pytest.raises(ValueError, match="p_xy sums to 2"):
        agglomerative_ib(2 * planted(1), [1.0])
    with pytest.raises(ValueError, match="expected one axis"):
        agglomerative_ib(planted(1), 1.0)
