"""
problem: repairs
cell: numbers
what: A table like that of the lesson; one x leaves Y less certain, and is rare.
loses: [visible-numbers, hidden-numbers]
"""

lopsided = [[1e-12, 1 - 1e-12], [0.09, 0.91]]
gloomy = [[0.8, 0.02], [0.09, 0.09]]
