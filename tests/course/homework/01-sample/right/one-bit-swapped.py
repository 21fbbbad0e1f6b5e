"""
problem: one-bit
what: The other diagonal.
"""

table = [[0, 0.5], [0.5, 0]]
