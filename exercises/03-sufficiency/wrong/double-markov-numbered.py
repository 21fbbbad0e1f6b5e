"""
problem: double-markov
what: The posteriors of each witness are numbered as they appear.
loses: [visible, hidden]
"""


def agreed(p_xyz):
    def numbered(rows):
        rows = (rows / rows.sum(axis=1, keepdims=True)).round(8).tolist()
        kinds = [row for i, row in enumerate(rows) if row not in rows[:i]]
        return [kinds.index(row) for row in rows]

    return numbered(p_xyz.sum(axis=2)), numbered(p_xyz.sum(axis=0).T)
