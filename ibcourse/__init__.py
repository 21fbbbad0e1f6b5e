"""The Information Bottleneck: an executable course.

Each topic of the course is a module or a package of this one: ``ibcourse.information`` holds the entropies
and divergences of topic 01, and so on.  Quantities are in nats; ``ibcourse.information.bits`` converts.
"""

__version__ = "0.1.0"


def pip_install(extra: str) -> str:
    """Return the command that installs an extra: for the published package, and for a checkout.

    >>> print(pip_install("labs"))
    pip install "ibcourse[labs]" (or, in the course's folder, pip install ".[labs]")
    """
    return f'pip install "ibcourse[{extra}]" (or, in the course\'s folder, pip install ".[{extra}]")'
