"""
problem: repairs
cell: numbers
what: The divergence that is small is the second.
loses: [visible-numbers, hidden-numbers]
"""

lopsided = [[0.09, 0.91], [1e-12, 1 - 1e-12]]
gloomy = [[0.95 * 0.8, 0.95 * 0.2], [0.05, 0]]
