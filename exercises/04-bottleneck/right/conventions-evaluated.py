"""
problem: conventions
what: Evaluated on four encoders of one table, and solved.
"""


def identify(objective):
    draw = np.random.default_rng(0)
    p_xy, encoders = draw.dirichlet(np.ones(9)).reshape(3, 3), draw.dirichlet(np.ones(3), (6, 3))

    def h(p):
        return -np.sum(p * np.log(p))

    rows = []
    for encoder in encoders:
        p = p_xy[:, :, None] * encoder[:, None, :]
        x, y, t = h(p.sum((1, 2))), h(p.sum((0, 2))), h(p.sum((0, 1)))
        xy, xt, yt, xyt = h(p.sum(2)), h(p.sum(1)), h(p.sum(0)), h(p)
        quantities = {"H(T)": t, "H(T|X)": xt - x, "H(T|Y)": yt - y, "H(Y|T)": yt - t}
        quantities |= {"I(X;T)": x + t - xt, "I(T;Y)": t + y - yt}
        quantities |= {"I(X;T|Y)": xy + yt - y - xyt, "I(X;Y|T)": xt + yt - t - xyt}
        value = sum(weight * quantities[name] for name, weight in objective["terms"].items())
        rows.append([quantities["H(T)"], quantities["H(T|X)"], quantities["I(T;Y)"], 1, value])
    rows = np.array(rows)
    solution = np.linalg.lstsq(rows[:, :4], rows[:, 4], rcond=None)[0]
    s, noise, relevance = solution[:3] * (1 if objective["sense"] == "min" else -1)
    if s < 1e-7 or noise > 1e-7 or relevance > 1e-7:
        return None
    return [-noise / s, -relevance / s]
