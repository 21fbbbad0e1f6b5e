"""
problem: codewords
cell: block
what: A generator that gives words twice.
loses: [visible-block, hidden-block]
"""

block_code = [[a + b, a + b, 0, a + b] for a in range(2) for b in range(2)]
