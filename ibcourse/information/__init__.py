"""Topic 01, information: entropies, divergences and the diagram that relates them."""

from ibcourse.information.measures import (
    atoms,
    bits,
    conditional_entropy,
    cross_entropy,
    entropy,
    information_content,
    kl_divergence,
    mutual_information,
)

__all__ = [
    "atoms",
    "bits",
    "conditional_entropy",
    "cross_entropy",
    "entropy",
    "information_content",
    "kl_divergence",
    "mutual_information",
]
