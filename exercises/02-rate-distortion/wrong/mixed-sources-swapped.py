"""
problem: mixed-sources
what: The two answers are exchanged.
loses: [visible, hidden-above, hidden-below]
"""

above = [0, 0.3, 0.15]
below = [0.06, 0.94, 0.01]
