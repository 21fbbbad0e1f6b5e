"""
problem: processing
cell: break
what: Z is X, cell by cell, with X counted backwards.
"""


def break_processing(p_xy):
    n = len(p_xy)
    table = [[[0.0] * n for _ in row] for row in p_xy]
    for x, row in enumerate(p_xy):
        for y, probability in enumerate(row):
            table[x][y][n - 1 - x] = float(probability)
    return table
