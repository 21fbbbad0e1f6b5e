"""
problem: collapse-cures
cell: cures
what: A higher price.
loses: [visible-cures, hidden-constant]
"""


def cures(rho, beta, target):
    """A price, free nats, and a schedule of prices, each of which cures a collapsed run."""
    schedule = np.minimum(np.arange(STEPS) / 400, 1) * beta
    return {"price": 2 * beta, "free": target, "prices": schedule}
