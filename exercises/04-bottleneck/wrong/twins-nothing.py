"""
problem: twins
cell: alike
what: The encoder as it was.
loses: [visible-alike, hidden-alike]
"""


def treat_alike(p_xy, encoder):
    return encoder
