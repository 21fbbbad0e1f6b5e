"""
problem: top-labels
cell: top
what: A bound above one, and above zero where nothing is left out.
loses: [visible-top, hidden-top]
"""


def top_bound(loss, k, classes):
    """The least upper bound of the error with k guesses."""
    return loss / np.log(k + 1)


def top_witness(loss, k, classes):
    """A model with this loss whose error with k guesses is within 0.001 of the bound."""
    right = (1 - 1e-6) / (k + 1)
    share = loss / -np.log(right)
    decoder, p_xy = np.zeros((2, classes)), np.zeros((2, classes))
    decoder[0, : k + 1] = (1 - right) / k
    decoder[0, 0] = right
    decoder[1, 0] = 1
    p_xy[:, 0] = share, 1 - share
    return {"p_xy": p_xy, "decoder": decoder}
