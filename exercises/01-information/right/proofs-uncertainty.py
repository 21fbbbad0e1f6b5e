"""
problem: proofs
cell: finer
what: Through what is left of Y, in conditional entropies.
"""

finer_proof = [
    "I(Y;R|X) = 0",
    "I(Y;T|R) = 0",
    "H(Y|R,T) <= H(Y|T)",
    "H(Y|R) = H(Y|R,T)",
    "H(Y|R) <= H(Y|T)",
    "I(Y;T) <= I(Y;R)",
    "I(X;Y|R) >= 0",
    "H(Y|X,R) = H(Y|X)",
    "H(Y|X) <= H(Y|R)",
    "I(Y;R) <= I(X;Y)",
    "I(Y;T) = I(X;Y)",
    "H(Y|T) = H(Y|X)",
    "H(Y|R) = H(Y|X)",
    "I(X;Y|R) = H(Y|R) - H(Y|X,R)",
    "I(X;Y|R) = 0",
]
