"""
problem: codewords
cell: block
what: Each symbol three times, decided by majority.
loses: [visible-block, hidden-block]
"""

block_code = [[0, 0, 0], [1, 1, 1], [2, 2, 2]]
