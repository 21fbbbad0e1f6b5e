"""
problem: top-labels
cell: draws
what: All images are alike, and the claim is an equality.
loses: [visible-draws, hidden-draws]
"""


def draws_witness(k):
    """A model whose k independent draws are all wrong more often than (1 - exp(-loss))^k."""
    best = (-np.inf,)
    for share in np.linspace(0.02, 0.98, 49):
        for right in np.linspace(0.02, 0.98, 49):
            lead = share * (1 - right) ** k - (1 - right**share) ** k
            best = max(best, (lead, share, right))
    share, right = 1.0, best[2]
    return {
        "p_xy": np.array([[0.5, 0], [0.5, 0]]),
        "decoder": np.array([[right, 1 - right], [right, 1 - right]]),
    }
