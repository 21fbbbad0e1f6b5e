"""
problem: one-bit
what: More than a bit.
loses: [bit]
"""

table = [[0.4, 0, 0], [0, 0.3, 0], [0, 0, 0.3]]
