"""
problem: merge-prices
cell: trap
what: Greed is trapped, and loses too little.
loses: [visible-trap, hidden-trap]
"""

trap = [[0.25 * q, 0.25 * (1 - q)] for q in (0.1, 0.4, 0.6, 0.9)]
