"""
problem: price-to-infinity
cell: rate
what: Data processing from the chain itself.
"""

rate_proof = [
    "Y -> X -> T",
    "I(T;Y|X) = 0",
    "I(X;Y|T) >= 0",
    "I(X;Y) - I(T;Y) = I(X;Y|T) - I(T;Y|X)",
    "I(T;Y) <= I(X;Y)",
    "I(X;T) - 5 I(T;Y) <= I(X;S) - 5 I(S;Y)",
    "I(S;Y) = I(X;Y)",
    "I(X;T) + 5 I(X;Y) - 5 I(T;Y) <= I(X;S)",
    "I(X;S) >= I(X;T)",
    "H(S|X) >= 0",
    "I(X;S) = H(S) - H(S|X)",
    "I(X;S) <= H(S)",
    "I(X;T) <= H(S)",
]
