"""The Information Bottleneck: an executable course.

Each topic of the course is a module or a package of this one: ``ibcourse.information`` holds the entropies
and divergences of topic 01, and so on.  Quantities are in nats; ``ibcourse.information.bits`` converts.
"""

__version__ = "0.1.0"
