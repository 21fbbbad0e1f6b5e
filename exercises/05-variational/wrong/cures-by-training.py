"""
problem: collapse-cures
cell: cures
what: The price is found by runs that end too early.
loses: [visible-cures, hidden-constant]
"""


def cures(rho, beta, target):
    """A price, free nats, and a schedule of prices, each of which cures a collapsed run."""
    price, high = 0.01, rho**2
    for _ in range(20):
        middle = (price + high) / 2
        enough = train(rho, np.full(STEPS, middle))["information"] > target
        price, high = (middle, high) if enough else (price, middle)
    schedule = np.minimum(np.arange(STEPS) / 400, 1) * beta
    return {"price": price, "free": target, "prices": schedule}
