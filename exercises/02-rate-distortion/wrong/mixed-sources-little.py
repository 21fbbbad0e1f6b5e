"""
problem: mixed-sources
what: The differences are too small.
loses: [visible, hidden-above, hidden-below]
"""

above = [0.2, 0.6, 0.05]
below = [0.1, 0.4, 0.2]
