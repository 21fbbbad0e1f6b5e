"""Estimates of entropy and information: what each assumes, and where it cannot be trusted.

The critics, which need torch, are in ``ibcourse.estimators.critics``.
"""

from ibcourse.estimators.counts import binned, entropy_discrete, information_discrete, shuffled_information
from ibcourse.estimators.mixtures import (
    EntropyBounds,
    MixtureInformation,
    kde_bounds,
    mixture,
    mixture_bounds,
)
from ibcourse.estimators.neighbours import entropy_knn, ksg
from ibcourse.estimators.result import Estimate
from ibcourse.estimators.scores import donsker_varadhan, info_nce, nwj, smile

__all__ = [
    "EntropyBounds",
    "Estimate",
    "MixtureInformation",
    "binned",
    "donsker_varadhan",
    "entropy_discrete",
    "entropy_knn",
    "info_nce",
    "information_discrete",
    "kde_bounds",
    "ksg",
    "mixture",
    "mixture_bounds",
    "nwj",
    "shuffled_information",
    "smile",
]
