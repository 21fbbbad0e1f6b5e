"""
problem: posterior-map
what: A representative of each class, in the order of appearance.
loses: [visible, hidden-map]
"""


def posterior_map(p_xy):
    values, labels = [], []
    for row in p_xy:
        if row.sum() == 0:
            labels.append(-1)
            continue
        posterior = row / row.sum()
        for k, other in enumerate(values):
            if np.abs(other - posterior).max() < 1e-9:
                labels.append(k)
                break
        else:
            labels.append(len(values))
            values.append(posterior)
    return labels, np.array(values)
