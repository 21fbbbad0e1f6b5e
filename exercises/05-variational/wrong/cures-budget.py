"""
problem: collapse-cures
cell: cures
what: beta is read as a budget of nats.
loses: [visible-cures, hidden-constant]
"""


def cures(rho, beta, target):
    """A price, free nats, and a schedule of prices, each of which cures a collapsed run."""
    schedule = np.minimum(np.arange(STEPS) / 400, 1) * beta
    return {"price": target, "free": target, "prices": schedule}
