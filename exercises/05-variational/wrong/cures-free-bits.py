"""
problem: collapse-cures
cell: cures
what: The free nats are in bits.
loses: [visible-cures, hidden-constant]
"""


def cures(rho, beta, target):
    """A price, free nats, and a schedule of prices, each of which cures a collapsed run."""
    left = np.exp(-2 * target) * rho**2
    price = left / (1 - rho**2 + left)
    schedule = np.minimum(np.arange(STEPS) / 400, 1) * beta
    return {"price": price, "free": target / np.log(2), "prices": schedule}
