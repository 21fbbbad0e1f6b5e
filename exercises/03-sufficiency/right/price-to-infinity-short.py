"""
problem: price-to-infinity
cell: loss
what: Without the premise that S is a function of X.
"""

loss_proof = [
    "I(X;T) - 5 I(T;Y) <= I(X;S) - 5 I(S;Y)",
    "I(S;Y) = I(X;Y)",
    "I(X;S) - I(X;T) >= 5 I(X;Y) - 5 I(T;Y)",
    "I(X;T) >= 0",
    "H(S|X) >= 0",
    "H(S|X) = H(S) - I(X;S)",
    "H(S) >= I(X;S)",
    "5 I(X;Y) - 5 I(T;Y) <= H(S)",
]
