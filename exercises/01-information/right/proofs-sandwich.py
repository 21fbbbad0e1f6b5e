"""
problem: proofs
cell: finer
what: Both stones at once, then the difference of the ends.
"""

finer_proof = [
    "I(Y;R|X) = 0",
    "I(Y;T|R) = 0",
    "I(Y;R|T) >= 0",
    "I(X;Y|R) >= 0",
    "I(X;Y) = I(Y;R) + I(X;Y|R)",
    "I(Y;R) >= I(Y;T)",
    "I(Y;R) <= I(X;Y)",
    "I(Y;T) = I(X;Y)",
    "I(X;Y|R) <= 0",
    "I(X;Y|R) = 0",
]
