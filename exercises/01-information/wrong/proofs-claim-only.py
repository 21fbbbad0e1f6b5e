"""
problem: proofs
cell: ends
what: The claim and nothing else.
loses: [visible-ends, hidden-ends]
"""

ends_proof = ["I(W;Z) <= I(X;Y)"]
