"""
problem: proofs
cell: ends
what: Without chain rules; the program adds up joint entropies.
"""

ends_proof = [
    "I(W;Z|X) = 0",
    "I(X;Z|W) >= 0",
    "I(X;Z) >= I(W;Z)",
    "I(X;Z|Y) = 0",
    "I(X;Y|Z) >= 0",
    "I(X;Z) <= I(X;Y)",
    "I(W;Z) <= I(X;Y)",
]
