"""
problem: proofs
cell: finer
what: R is taken for a function of T, and not T for one of R.
loses: [visible-finer, hidden-finer]
"""

finer_proof = [
    "I(Y;R|T) = 0",
    "I(Y;T|R) >= 0",
    "I(Y;T) <= I(Y;R)",
    "I(Y;R|X) = 0",
    "I(X;Y|R) >= 0",
    "I(Y;R) <= I(X;Y)",
    "I(Y;T) = I(X;Y)",
    "I(X;Y|R) = 0",
]
