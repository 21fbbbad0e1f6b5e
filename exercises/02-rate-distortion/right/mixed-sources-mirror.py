"""
problem: mixed-sources
what: The same on the other side.
"""

above = (0.95, 0.05, 0.005)
below = (1, 0.72, 0.14)
