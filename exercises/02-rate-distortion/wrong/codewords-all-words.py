"""
problem: codewords
cell: block
what: All words, without an error.
loses: [visible-block, hidden-block]
"""

block_code = [[a, b] for a in range(3) for b in range(3)]
