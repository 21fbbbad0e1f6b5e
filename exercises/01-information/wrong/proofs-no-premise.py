"""
problem: proofs
cell: ends
what: The chain rules are there, the chain is not used.
loses: [visible-ends, hidden-ends]
"""

ends_proof = [
    "I(W,X;Z) = I(X;Z) + I(W;Z|X)",
    "I(W,X;Z) = I(W;Z) + I(X;Z|W)",
    "I(X;Z|W) >= 0",
    "I(W;Z) <= I(X;Z)",
    "I(X;Y,Z) = I(X;Y) + I(X;Z|Y)",
    "I(X;Y,Z) = I(X;Z) + I(X;Y|Z)",
    "I(X;Y|Z) >= 0",
    "I(X;Z) <= I(X;Y)",
    "I(W;Z) <= I(X;Y)",
]
