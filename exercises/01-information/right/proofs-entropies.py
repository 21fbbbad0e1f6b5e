"""
problem: proofs
cell: ends
what: Through conditional entropies.
"""

ends_proof = [
    "W -> X -> Y -> Z",
    "H(Z|X) = H(Z|W,X)",
    "I(X;Z|W) >= 0",
    "H(Z|W,X) <= H(Z|W)",
    "H(Z|X) <= H(Z|W)",
    "I(W;Z) = H(Z) - H(Z|W)",
    "I(X;Z) = H(Z) - H(Z|X)",
    "I(W;Z) <= I(X;Z)",
    "I(X;Z|Y) = 0",
    "H(X|Y) = H(X|Y,Z)",
    "I(X;Y|Z) >= 0",
    "H(X|Y,Z) <= H(X|Z)",
    "H(X|Y) <= H(X|Z)",
    "I(X;Z) <= I(X;Y)",
    "I(W;Z) <= I(X;Y)",
]
