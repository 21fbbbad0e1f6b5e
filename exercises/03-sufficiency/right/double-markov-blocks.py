"""
problem: double-markov
what: The blocks of values that occur together.
"""


def agreed(p_xyz):
    together = p_xyz.sum(axis=1) > 0
    from_x = np.arange(len(together))
    for _ in range(len(together)):
        from_z = np.where(together, from_x[:, None], len(together)).min(axis=0)
        from_x = np.where(together, from_z, len(together)).min(axis=1)
    return from_x.tolist(), from_z.tolist()
