"""What every estimator returns."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """An estimated information or entropy, and how far it can be trusted.

    Attributes
    ----------
    value : float
        Nats.
    error : float
        The standard error in nats, from the sample's or the Monte Carlo's randomness alone; nan where none is
        known.  It does not hold the bias.
    assumes : str
        What must be true for the value to mean what its name says.
    warning : str
        Why the value should not be trusted here, in whole sentences; empty if no sign of it was seen.

    Notes
    -----
    ``float(estimate)`` is the value.  A warning is data and not an exception: an estimator that fails where
    it must is part of the lesson.

    Examples
    --------
    >>> from ibcourse.estimators import entropy_discrete
    >>> estimate = entropy_discrete([50, 50])
    >>> print(round(float(estimate), 4), repr(estimate.warning))
    0.6931 ''
    """

    value: float
    error: float = math.nan
    assumes: str = ""
    warning: str = ""

    def __float__(self) -> float:
        return self.value
