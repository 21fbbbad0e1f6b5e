"""
problem: price-to-infinity
cell: rate
what: A right proof that leaves a stepping stone out.
loses: [visible-rate, hidden-rate]
"""

rate_proof = [
    "I(X,T;Y) = I(X;Y) + I(T;Y|X)",
    "I(X,T;Y) = I(T;Y) + I(X;Y|T)",
    "I(T;Y|X) = 0",
    "I(X;Y|T) >= 0",
    "I(T;Y) <= I(X;Y)",
    "I(S;Y) = I(X;Y)",
    "I(X;T) - 5 I(T;Y) <= I(X;S) - 5 I(S;Y)",
    "H(S) = I(X;S) + H(S|X)",
    "H(S|X) = 0",
    "I(X;T) <= H(S)",
]
