"""
problem: merge-prices
cell: trap
what: Posteriors on three states.
"""

shares = [(0.3, 0.05), (0.2, 0.35), (0.2, 0.64), (0.3, 0.95)]
trap = [[w * q, w * (1 - q) / 2, w * (1 - q) / 2] for w, q in shares]
