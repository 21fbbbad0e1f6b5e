"""
problem: unlearn
what: A random search over how certain both encoders are, which codes are exchanged, and the rate.
"""


def lag(p_y):
    """Yesterday's encoder, today's, and a learning rate whose step unlearns."""
    generator = np.random.default_rng(3)

    def numbers(q, decoder):
        joint = p_y[:, None] * q
        return -np.sum(joint * np.log(decoder.T)), -np.sum(joint * np.log(joint / joint.sum(axis=0)))

    best = -np.inf
    for _ in range(1500):
        a, b = generator.uniform(0.3, 0.96, 2)
        past = a * np.eye(3) + (1 - a) / 3
        before = b * np.eye(3)[generator.permutation(3)] + (1 - b) / 3
        rate = np.exp(generator.uniform(1, np.log(100)))
        joint = p_y[:, None] * past
        decoder = (joint / joint.sum(axis=0)).T
        cost = -np.log(decoder).T
        q = before * np.exp(-rate * p_y[:, None] * before * (cost - np.sum(before * cost, axis=1)[:, None]))
        (loss, h), (new_loss, new_h) = (numbers(e, decoder) for e in (before, q / q.sum(axis=1)[:, None]))
        if min(loss - new_loss, new_h - h) > best:
            best = min(loss - new_loss, new_h - h)
            found = {"past": past, "before": before, "rate": rate}
    return found
