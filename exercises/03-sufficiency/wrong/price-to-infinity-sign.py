"""
problem: price-to-infinity
cell: loss
what: The comparison the wrong way round.
loses: [visible-loss, hidden-loss]
"""

loss_proof = [
    "I(S;Y) = I(X;Y)",
    "I(X;S) - 5 I(S;Y) <= I(X;T) - 5 I(T;Y)",
    "H(S) = I(X;S) + H(S|X)",
    "H(S|X) = 0",
    "I(X;S) <= H(S)",
    "5 I(X;Y) - 5 I(T;Y) <= H(S)",
]
