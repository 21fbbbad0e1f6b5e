"""
problem: one-bit
what: An independent pair.
loses: [bit]
"""

table = [[0.25, 0.25], [0.25, 0.25]]
