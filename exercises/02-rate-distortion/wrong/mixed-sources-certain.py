"""
problem: mixed-sources
what: Coins without a rate in the first.
loses: [visible, hidden-above]
"""

above = [0, 1, 0.01]
below = [0, 0.3, 0.15]
