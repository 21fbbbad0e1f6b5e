"""
problem: repairs
cell: numbers
what: A zero makes the divergence infinite.
loses: [visible-numbers, hidden-numbers]
"""

lopsided = [[0, 1], [0.09, 0.91]]
gloomy = [[0.95 * 0.8, 0.95 * 0.2], [0.05, 0]]
