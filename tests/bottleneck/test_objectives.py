"""The objectives of the sources: the same minimisers, scaled and moved, and where the sources err."""

import numpy as np
import pytest

from ibcourse.bottleneck import encoder_information, ib_curve, ib_step, lagrangian
from ibcourse.information import Joint, entropy, mutual_information

IB, DIB = 1.0, 0.0
RNG = np.random.default_rng(0)
P_XY = RNG.dirichlet(np.ones(12)).reshape(4, 3)
ENCODERS = RNG.dirichlet(np.full(3, 0.5), (20, 4))
JOINT = Joint(P_XY[None, :, :, None] * ENCODERS[:, :, None, :], "X Y Z")


@pytest.mark.parametrize("beta", [1.3, 2.0, 7.0])
@pytest.mark.parametrize(
    ("gamma", "form", "scale"),
    [
        pytest.param(IB, "I(X;Z) + {b} I(X;Y|Z)", "1", marks=pytest.mark.source("S1.IB", "S3.2.1c")),
        pytest.param(IB, "I(X;Z|Y) + {b - 1} I(X;Y|Z)", "1", marks=pytest.mark.source("S1.CEB")),
        pytest.param(DIB, "H(Z) - {b} I(Y;Z)", "1", marks=pytest.mark.source("S1.DIB")),
        pytest.param(
            IB, "H(Y|Z) + {1 / (b - 1)} I(X;Z|Y)", "1 / (b - 1)", marks=pytest.mark.source("S1.Obs1-IB")
        ),
        pytest.param(
            IB,
            "H(Y|Z) + {1 / (b - 1)} H(Z|Y) - {1 / (b - 1)} H(Z|X)",
            "1 / (b - 1)",
            marks=pytest.mark.source("S1.Obs1-IB"),
        ),
        pytest.param(DIB, "H(Z|Y) + {b - 1} H(Y|Z)", "1", marks=pytest.mark.source("S1.Obs1-DIB")),
        pytest.param(
            DIB, "H(Y|Z) + {1 / (b - 1)} H(Z|Y)", "1 / (b - 1)", marks=pytest.mark.source("S1.Obs1-DIB")
        ),
        pytest.param(DIB, "H(Y|Z) + {1 / b} H(Z)", "1 / b", marks=pytest.mark.source("S1.Obs1b", "E1.5")),
        pytest.param(
            IB,
            "{2 - 2 / b} H(Y|Z) + {2 / b} H(Z|Y) - {2 / b} H(Z|X)",
            "2 / b",
            marks=pytest.mark.source("S1.Eq23"),
        ),
        pytest.param(
            DIB, "{2 - 2 / b} H(Y|Z) + {2 / b} H(Z|Y)", "2 / b", marks=pytest.mark.source("S1.Eq24")
        ),
    ],
)
def test_forms_of_one_objective(beta, gamma, form, scale):
    """Over many encoders the form is the objective times the scale, up to a constant."""
    pieces = form.replace("{", "}").split("}")
    pieces[1::2] = [repr(eval(piece, {"b": beta})) for piece in pieces[1::2]]
    values = JOINT("".join(pieces)) - eval(scale, {"b": beta}) * lagrangian(P_XY, ENCODERS, beta, gamma)
    np.testing.assert_allclose(values, values[0], atol=1e-12)


@pytest.mark.source("S1.CEB")
def test_the_conditional_entropy_bottleneck_is_the_bottleneck_at_two():
    values = JOINT("I(X;Z|Y) - I(Y;Z)")
    np.testing.assert_allclose(values, lagrangian(P_XY, ENCODERS, 2.0), atol=1e-12)
    moved = JOINT("I(X;Z|Y) + I(X;Y|Z)") - values
    np.testing.assert_allclose(moved, mutual_information(P_XY), atol=1e-12)


@pytest.mark.source("S1.4.1c", "E1.23")
def test_a_coin_costs_the_deterministic_bottleneck_only():
    coin = np.concatenate([ENCODERS / 2, ENCODERS / 2], axis=-1)
    np.testing.assert_allclose(lagrangian(P_XY, coin, 3.0), lagrangian(P_XY, ENCODERS, 3.0), atol=1e-12)
    more = lagrangian(P_XY, coin, 3.0, DIB) - lagrangian(P_XY, ENCODERS, 3.0, DIB)
    np.testing.assert_allclose(more, np.log(2), atol=1e-12)


@pytest.mark.source("S1.Obs1-triv", "E0.6", "E2.19")
def test_up_to_beta_one_a_constant_is_best():
    assert (lagrangian(P_XY, ENCODERS, 1.0) >= 0).all()
    for gamma in (IB, DIB):
        curve = ib_curve(P_XY, [0.3, 0.9], gamma=gamma)
        assert [encoder.shape[1] for encoder in curve.encoder] == [1, 1]
        np.testing.assert_array_equal(curve.lagrangian, 0)


@pytest.mark.source("E0.6")
def test_every_encoder_that_ignores_x_is_a_fixed_point():
    ignorant = np.tile(RNG.dirichlet(np.ones(3)), (4, 1))
    for beta in (0.5, 3.0, 50.0):
        np.testing.assert_allclose(ib_step(P_XY, ignorant, beta), ignorant, atol=1e-12)
    assert ib_curve(P_XY, [50.0]).lagrangian[0] < -1


@pytest.mark.source("S0.WE1", "E0.1", "E0.2")
def test_the_worked_update():
    p_xy = np.array([[0.1, 0.9], [0.8, 0.2]]) / 2
    encoder = np.array([[6, 1], [1, 6]]) / 7  # the clusters then have p(y = 1|t) = 0.8 and 0.3
    near = 0.9 * np.log(1.125) + 0.1 * np.log(0.5)
    far = 0.9 * np.log(3) + 0.1 * np.log(1 / 7)
    assert near == pytest.approx(0.03669, abs=5e-6)
    assert far == pytest.approx(0.7942, abs=5e-5)
    first = ib_step(p_xy, encoder, 2.0)[0]
    np.testing.assert_allclose(first[0], 1 / (1 + np.exp(-2 * (far - near))), rtol=1e-12)
    assert first[0] == pytest.approx(0.820, abs=5e-4)


@pytest.mark.source("S1.A2.1c", "E1.16")
def test_at_beta_two_label_noise_makes_a_constant_best():
    for noise, clusters in ((0.1, 2), (0.12, 1)):
        channel = np.array([[1 - noise, noise], [noise, 1 - noise]]) / 2
        assert ib_curve(channel, [2.0], gamma=DIB).encoder[0].shape[1] == clusters
        copy = lagrangian(channel, np.eye(2), 2.0, DIB)
        np.testing.assert_allclose(copy, 2 * entropy([noise, 1 - noise]) - np.log(2), atol=1e-12)
        assert (copy < 0) == (clusters == 2)


@pytest.mark.source("E3.25")
def test_normal_marginals_do_not_make_the_bottleneck_normal():
    """φ(x) φ(y) (1 + 0.6 sgn x sgn y) in cells of equal probability: all that X says is its sign."""
    sign = np.repeat([-1.0, 1.0], 4)
    p_xy = (1 + 0.6 * np.outer(sign, sign)) / 64
    bits = np.array([[0.4, 0.1], [0.1, 0.4]])
    betas = [2.0, 3.0, 10.0, 60.0]
    curve = ib_curve(p_xy, betas)
    np.testing.assert_allclose(curve.lagrangian, ib_curve(bits, betas).lagrangian, atol=1e-9)
    for encoder in curve.encoder:
        assert encoder.shape[1] <= 2
        np.testing.assert_allclose(encoder, encoder[[0] * 4 + [7] * 4])
    kept = encoder_information(p_xy, np.eye(2)[(sign > 0).astype(int)])
    np.testing.assert_allclose(kept.i_ty, mutual_information(p_xy), atol=1e-12)
