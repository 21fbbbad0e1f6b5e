"""Topic 07, differential entropy: what is invariant and what breaks, and what noise repairs.

The objectives and the lab need torch: import `ibcourse.differential_entropy.objectives` and
`ibcourse.differential_entropy.lab`.
"""

from ibcourse.differential_entropy.bounds import (
    ZERO_ENTROPY_SCALE,
    ZERO_ENTROPY_VARIANCE,
    MaximumEntropyBounds,
    conditional_log_variance,
    largest_second_moment,
    log_variance,
    log_variance_bias,
    maximum_entropy_bounds,
    second_moment,
    second_moment_bound,
)
from ibcourse.differential_entropy.mixture import (
    MixtureShape,
    SoftClustering,
    mixture_shape,
    soft_clustering,
)

__all__ = [
    "ZERO_ENTROPY_SCALE",
    "ZERO_ENTROPY_VARIANCE",
    "MaximumEntropyBounds",
    "MixtureShape",
    "SoftClustering",
    "conditional_log_variance",
    "largest_second_moment",
    "log_variance",
    "log_variance_bias",
    "maximum_entropy_bounds",
    "mixture_shape",
    "second_moment",
    "second_moment_bound",
    "soft_clustering",
]
