"""
problem: price-to-infinity
cell: rate
what: The claim alone, with the premises.
loses: [visible-rate, hidden-rate]
"""

rate_proof = [
    "I(X;T) - 5 I(T;Y) <= I(X;S) - 5 I(S;Y)",
    "I(S;Y) = I(X;Y)",
    "H(S|X) = 0",
    "I(X;T) <= H(S)",
]
