"""
problem: proofs
cell: finer
what: Stops before the claim.
loses: [visible-finer, hidden-finer]
"""

finer_proof = [
    "I(Y;T|R) = 0",
    "I(Y;R|T) >= 0",
    "I(Y;T) <= I(Y;R)",
    "I(Y;R|X) = 0",
    "I(X;Y|R) >= 0",
    "I(Y;R) <= I(X;Y)",
]
