"""
problem: mixed-sources
what: The rate is believed to be concave in u, so the second cannot be had.
loses: [visible, hidden-below]
"""

above = [0.06, 0.94, 0.01]
below = [0.1, 0.4, 0.05]
