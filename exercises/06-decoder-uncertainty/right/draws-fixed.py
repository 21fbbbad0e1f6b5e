"""
problem: top-labels
cell: draws
what: One easy kind of image and one hard kind, with numbers found by hand.
"""


def draws_witness(k):
    """A model whose k independent draws are all wrong more often than (1 - exp(-loss))^k."""
    share, right = {2: (0.25, 0.2), 3: (0.3, 0.1)}.get(k, (0.4, 0.05))
    hard, easy = [right, 1 - right], [1.0, 0.0]
    return {"p_xy": np.array([[share, 0.0], [0.0, 1 - share]]), "decoder": np.array([hard, easy[::-1]])}
