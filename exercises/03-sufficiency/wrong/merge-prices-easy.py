"""
problem: merge-prices
cell: trap
what: Two clear groups, which greed finds.
loses: [visible-trap, hidden-trap]
"""

trap = [[0.25 * q, 0.25 * (1 - q)] for q in (0.1, 0.15, 0.85, 0.9)]
