"""
problem: merge-prices
cell: trap
what: Counts in place of probabilities.
loses: [visible-trap, hidden-trap]
"""

trap = [[1, 19], [7, 13], [13, 7], [19, 1]]
