"""
problem: collapse-cures
cell: cures
what: Bisection for the price, free nats by trial, and a step in the schedule.
"""


def cures(rho, beta, target):
    """A price, free nats, and a schedule of prices, each of which cures a collapsed run."""

    def slope(rate):
        step = 1e-5
        cost = [np.log(1 - rho**2 * (1 - np.exp(-2 * r))) / 2 for r in (rate - step, rate + step)]
        return (cost[0] - cost[1]) / (2 * step)

    schedule = np.full(STEPS, beta)
    schedule[:150] = 0
    return {"price": slope(target), "free": target, "prices": schedule}
