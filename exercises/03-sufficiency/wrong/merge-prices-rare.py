"""
problem: merge-prices
cell: trap
what: Rare rows.
loses: [visible-trap, hidden-trap]
"""

trap = [[0.48 * q, 0.48 * (1 - q)] for q in (0.02, 0.98)] + [[0.02 * q, 0.02 * (1 - q)] for q in (0.3, 0.7)]
