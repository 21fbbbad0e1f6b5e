"""
problem: repairs
cell: numbers
what: Three symbols, and many x.
"""

lopsided = (np.array([1e-15, 0.5, 0.5 - 1e-15]), np.array([0.08, 0.46, 0.46]))
gloomy = np.array([[0.93 / 2 * 0.75, 0.93 / 2 * 0.25], [0.93 / 2 * 0.75, 0.93 / 2 * 0.25], [0.07, 0]])
