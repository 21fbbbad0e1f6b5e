"""
problem: collapse-cures
cell: cures
what: The schedule is constant.
loses: [visible-cures, hidden-schedule]
"""


def cures(rho, beta, target):
    """A price, free nats, and a schedule of prices, each of which cures a collapsed run."""
    left = np.exp(-2 * target) * rho**2
    price = left / (1 - rho**2 + left)
    schedule = np.full(STEPS, beta)
    return {"price": price, "free": target, "prices": schedule}
