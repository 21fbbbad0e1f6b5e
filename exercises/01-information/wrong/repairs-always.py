"""
problem: repairs
cell: numbers
what: All x alike, so that none leaves Y less certain.
loses: [visible-numbers, hidden-numbers]
"""

lopsided = [[1e-12, 1 - 1e-12], [0.09, 0.91]]
gloomy = [[0.4, 0.1], [0.4, 0.1]]
