"""Topic 04, the bottleneck: what X says about Y, said as briefly as possible."""

from ibcourse.bottleneck.convexity import Envelope, envelope
from ibcourse.bottleneck.curve import ib_curve
from ibcourse.bottleneck.gaussian import GaussianIB, ar1_covariances, gaussian_ib, gaussian_ib_at_rate
from ibcourse.bottleneck.hard import agglomerative_ib, sequential_ib
from ibcourse.bottleneck.proof import certify
from ibcourse.bottleneck.result import IBCurve
from ibcourse.bottleneck.step import (
    Decoder,
    EncoderInformation,
    decoder,
    encoder_information,
    ib_step,
    lagrangian,
)
from ibcourse.bottleneck.threshold import ClusterDivergences, Onset, cluster_divergences, onset

__all__ = [
    "ClusterDivergences",
    "Decoder",
    "EncoderInformation",
    "Envelope",
    "GaussianIB",
    "IBCurve",
    "Onset",
    "agglomerative_ib",
    "ar1_covariances",
    "certify",
    "cluster_divergences",
    "decoder",
    "encoder_information",
    "envelope",
    "gaussian_ib",
    "gaussian_ib_at_rate",
    "ib_curve",
    "ib_step",
    "lagrangian",
    "onset",
    "sequential_ib",
]
