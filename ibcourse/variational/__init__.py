"""Topic 05, variational bounds: a guess where the truth is too dear, and what the guess costs."""

from ibcourse.variational.point import PointLoss, point_loss
from ibcourse.variational.tables import (
    Bound,
    VIBLoss,
    backward_bound,
    decoder_bound,
    evidence_bound,
    marginal_bound,
    optimal_backward,
    optimal_decoder,
    optimal_marginal,
    true_posterior,
    vib_loss,
)

__all__ = [
    "Bound",
    "PointLoss",
    "VIBLoss",
    "backward_bound",
    "decoder_bound",
    "evidence_bound",
    "marginal_bound",
    "optimal_backward",
    "optimal_decoder",
    "optimal_marginal",
    "point_loss",
    "true_posterior",
    "vib_loss",
]
