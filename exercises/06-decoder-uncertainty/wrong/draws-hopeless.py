"""
problem: top-labels
cell: draws
what: The hard images are all but hopeless, and the claim says nothing.
loses: [visible-draws, hidden-draws]
"""


def draws_witness(k):
    """A model whose k independent draws are all wrong more often than (1 - exp(-loss))^k."""
    best = (-np.inf,)
    for share in np.linspace(0.02, 0.98, 49):
        for right in np.linspace(0.02, 0.98, 49):
            lead = share * (1 - right) ** k - (1 - right**share) ** k
            best = max(best, (lead, share, right))
    share, right = 0.5, 1e-6
    return {"p_xy": np.array([[share, 0], [1 - share, 0]]), "decoder": np.array([[right, 1 - right], [1, 0]])}
