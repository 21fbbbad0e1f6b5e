"""
problem: mixed-sources
what: Two equal coins make no difference.
loses: [visible, hidden-above, hidden-below]
"""

above = [0.3, 0.3, 0.1]
below = [0.3, 0.3, 0.1]
