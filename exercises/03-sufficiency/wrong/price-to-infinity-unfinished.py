"""
problem: price-to-infinity
cell: loss
what: Stops at the last stepping stone.
loses: [visible-loss, hidden-loss]
"""

loss_proof = [
    "I(S;Y) = I(X;Y)",
    "I(X;T) - 5 I(T;Y) <= I(X;S) - 5 I(S;Y)",
    "5 I(X;Y) - 5 I(T;Y) <= I(X;S) - I(X;T)",
    "H(S) = I(X;S) + H(S|X)",
    "H(S|X) = 0",
    "I(X;S) <= H(S)",
]
