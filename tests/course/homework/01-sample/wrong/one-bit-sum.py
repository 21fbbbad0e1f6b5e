"""
problem: one-bit
what: Counts in place of probabilities.
loses: [sum]
"""

table = [[1, 0], [0, 1]]
