"""
problem: repairs
cell: numbers
what: One of the two is left as it was.
loses: [visible-numbers, hidden-numbers]
"""

lopsided = None
gloomy = [[0.95 * 0.8, 0.95 * 0.2], [0.05, 0]]
