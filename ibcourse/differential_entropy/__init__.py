"""Topic 07, differential entropy: what is invariant and what breaks, and what noise repairs.

What is imported here needs NumPy and SciPy alone.  The modules ``layers``, ``objectives`` and ``lab`` need
PyTorch.

.. rubric:: References

- A. Kirsch, C. Lyle and Y. Gal, Unpacking information bottlenecks: unifying information-theoretic
  objectives in deep learning (2020), sections 6 and 7 and appendix A.
- T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd ed. (2006), chapter 8.
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
