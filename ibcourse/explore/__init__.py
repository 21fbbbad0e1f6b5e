"""Explorables: figures that the reader moves.

Python chooses the problem and checks it; one script, `SCRIPT`, draws it in the browser.  The same
object works on the static site (which loads the script once a page) and in JupyterLab (where the output
carries it).  `interact` is for the figures of a lab, which need a running kernel.
"""

import ibcourse.plots  # noqa: F401  (first: without Matplotlib, it says which extra to install)
from ibcourse.explore.bifurcation import BifurcationDiagram
from ibcourse.explore.binning import BinningPicture
from ibcourse.explore.bounds import BoundsPicture
from ibcourse.explore.controls import interact
from ibcourse.explore.diagram import InfoDiagram
from ibcourse.explore.element import SCRIPT, Explorable
from ibcourse.explore.envelope import EnvelopePicture
from ibcourse.explore.gibbs import GibbsBars
from ibcourse.explore.rate import RatePicture
from ibcourse.explore.rate_distortion import RateDistortionPlane
from ibcourse.explore.simplex import PosteriorSimplex
from ibcourse.explore.stepper import IBStepper
from ibcourse.explore.surrogate import SurrogatePicture

__all__ = [
    "SCRIPT",
    "BifurcationDiagram",
    "BinningPicture",
    "BoundsPicture",
    "EnvelopePicture",
    "Explorable",
    "GibbsBars",
    "IBStepper",
    "InfoDiagram",
    "PosteriorSimplex",
    "RateDistortionPlane",
    "RatePicture",
    "SurrogatePicture",
    "interact",
]
