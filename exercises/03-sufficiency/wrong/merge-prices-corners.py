"""
problem: merge-prices
cell: trap
what: Outer posteriors at the ends, where the price bends most.
loses: [visible-trap, hidden-trap]
"""

trap = [[0.25 * q, 0.25 * (1 - q)] for q in (0.0, 0.4, 0.6, 1.0)]
