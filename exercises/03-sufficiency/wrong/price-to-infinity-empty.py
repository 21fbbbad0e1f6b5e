"""
problem: price-to-infinity
cell: loss
what: The inequality of data processing in place of the comparison.
loses: [visible-loss, hidden-loss]
"""

loss_proof = [
    "I(S;Y) = I(X;Y)",
    "I(T;Y) <= I(S;Y)",
    "5 I(X;Y) - 5 I(T;Y) <= I(X;S) - I(X;T)",
    "I(X;S) <= H(S)",
    "5 I(X;Y) - 5 I(T;Y) <= H(S)",
]
