"""
problem: reading
cell: report
what: Sums over all cells, one by one.
"""


def report(p_xy, encoder):
    n, m = p_xy.shape
    k = encoder.shape[1]
    p_x, p_y = p_xy.sum(axis=1), p_xy.sum(axis=0)
    p_t, p_ty = np.zeros(k), np.zeros((k, m))
    for x in range(n):
        for t in range(k):
            p_t[t] += p_x[x] * encoder[x, t]
            for y in range(m):
                p_ty[t, y] += p_xy[x, y] * encoder[x, t]
    p_x_given_t, p_y_given_t = np.zeros((k, n)), np.zeros((k, m))
    i_xt = i_ty = i_xy = 0.0
    for t in range(k):
        if p_t[t] > 0:
            for x in range(n):
                p_x_given_t[t, x] = p_x[x] * encoder[x, t] / p_t[t]
                if p_x[x] * encoder[x, t] > 0:
                    i_xt += p_x[x] * encoder[x, t] * np.log(encoder[x, t] / p_t[t])
            for y in range(m):
                p_y_given_t[t, y] = p_ty[t, y] / p_t[t]
                if p_ty[t, y] > 0:
                    i_ty += p_ty[t, y] * np.log(p_y_given_t[t, y] / p_y[y])
    for x in range(n):
        for y in range(m):
            if p_xy[x, y] > 0:
                i_xy += p_xy[x, y] * np.log(p_xy[x, y] / (p_x[x] * p_y[y]))
    return {
        "p_t": p_t.tolist(),
        "p_x_given_t": p_x_given_t.tolist(),
        "p_y_given_t": p_y_given_t.tolist(),
        "i_xt": i_xt,
        "i_ty": i_ty,
        "missing": i_xy - i_ty,
    }
