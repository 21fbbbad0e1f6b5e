"""
problem: mixed-sources
what: A distortion of one half, where all rates are zero.
loses: [visible, hidden-above, hidden-below]
"""

above = [0.1, 0.9, 0.5]
below = [0, 0.6, 0.5]
