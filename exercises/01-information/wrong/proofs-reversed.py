"""
problem: proofs
cell: ends
what: The inequality is turned round.
loses: [visible-ends, hidden-ends]
"""

ends_proof = [
    "I(X;Z|Y) = 0",
    "I(X;Y|Z) >= 0",
    "I(X;Y) <= I(X;Z)",
    "I(W;Z|X) = 0",
    "I(X;Z|W) >= 0",
    "I(X;Z) <= I(W;Z)",
    "I(X;Y) <= I(W;Z)",
]
