"""
problem: price-to-infinity
cell: rate
what: Argues at infinity, where T has the largest information about Y.
loses: [visible-rate, hidden-rate]
"""

rate_proof = [
    "I(T;Y) = I(X;Y)",
    "I(T;Y) <= I(X;Y)",
    "I(S;Y) = I(X;Y)",
    "I(X;T) - 5 I(T;Y) <= I(X;S) - 5 I(S;Y)",
    "I(X;T) <= I(X;S)",
    "H(S) = I(X;S) + H(S|X)",
    "H(S|X) = 0",
    "I(X;T) <= H(S)",
]
