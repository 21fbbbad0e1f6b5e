"""
problem: double-markov
what: The posteriors of both in one sorted list.
"""


def agreed(p_xyz):
    of_x, of_z = p_xyz.sum(axis=2), p_xyz.sum(axis=0).T
    both = np.concatenate([of_x / of_x.sum(axis=1)[:, None], of_z / of_z.sum(axis=1)[:, None]])
    _, labels = np.unique((both + 0.3e-7).round(7), axis=0, return_inverse=True)
    return labels[: len(of_x)], labels[len(of_x) :]
