"""Topic 06, decoder uncertainty: what the code leaves open about the label, and what training makes small."""

from ibcourse.decoder_uncertainty.samples import (
    MonteCarlo,
    SampleLosses,
    multi_sample_bound,
    multi_sample_loss,
    sample_losses,
    sampled_multi_sample_bound,
)
from ibcourse.decoder_uncertainty.tables import (
    Errors,
    Uncertainties,
    argmax_error_bound,
    decoder_uncertainty,
    encoder_gradient,
    errors,
    sampled_error_bound,
    uncertainties,
)
from ibcourse.variational import optimal_decoder

__all__ = [
    "Errors",
    "MonteCarlo",
    "SampleLosses",
    "Uncertainties",
    "argmax_error_bound",
    "decoder_uncertainty",
    "encoder_gradient",
    "errors",
    "multi_sample_bound",
    "multi_sample_loss",
    "optimal_decoder",
    "sample_losses",
    "sampled_error_bound",
    "sampled_multi_sample_bound",
    "uncertainties",
]
