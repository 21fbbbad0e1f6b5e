"""
problem: merge-prices
cell: trap
what: Four posteriors at even distances from one another.
"""

trap = [[0.25 * q, 0.25 * (1 - q)] for q in (0.1, 0.35, 0.65, 0.9)]
