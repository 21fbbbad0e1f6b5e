"""
problem: proofs
cell: ends
what: The lines that prove finds; a proof, without the stepping stones.
loses: [visible-ends, hidden-ends]
"""

ends_proof = [
    "I(X;Z|W) >= 0",
    "I(W;Z|X,Y) >= 0",
    "I(W,X;Y|Z) >= 0",
    "I(W;Y,Z|X) = 0",
    "I(W,X;Z|Y) = 0",
    "I(W;Z) <= I(X;Y)",
]
