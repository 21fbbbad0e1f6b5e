"""
problem: proofs
cell: ends
what: Z is said to tell as much as Y.
loses: [visible-ends, hidden-ends]
"""

ends_proof = [
    "I(W;Z|X) = 0",
    "I(X;Z|W) >= 0",
    "I(W;Z) <= I(X;Z)",
    "I(X;Z) = I(X;Y)",
    "I(X;Z) <= I(X;Y)",
    "I(W;Z) <= I(X;Y)",
]
