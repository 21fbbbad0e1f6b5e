"""Topic 01, information: entropies, divergences and the diagram that relates them."""

from ibcourse.information.expressions import (
    ExpressionError,
    Form,
    Relation,
    parse_expression,
    parse_premises,
    parse_relation,
)
from ibcourse.information.gaussian import (
    Gaussian,
    gaussian_entropy,
    gaussian_kl,
    gaussian_mutual_information,
)
from ibcourse.information.joint import Joint, atoms, entropy_distance, total_correlation
from ibcourse.information.measures import (
    bits,
    conditional_entropy,
    cross_entropy,
    entropy,
    information_content,
    kl_divergence,
    mutual_information,
)
from ibcourse.information.proofs import check_proof
from ibcourse.information.prover import prove

__all__ = [
    "ExpressionError",
    "Form",
    "Gaussian",
    "Joint",
    "Relation",
    "atoms",
    "bits",
    "check_proof",
    "conditional_entropy",
    "cross_entropy",
    "entropy",
    "entropy_distance",
    "gaussian_entropy",
    "gaussian_kl",
    "gaussian_mutual_information",
    "information_content",
    "kl_divergence",
    "mutual_information",
    "parse_expression",
    "parse_premises",
    "parse_relation",
    "prove",
    "total_correlation",
]
