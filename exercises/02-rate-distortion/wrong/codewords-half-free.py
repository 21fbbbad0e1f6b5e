"""
problem: codewords
cell: block
what: Two symbols are sent and two guessed, which is time sharing.
loses: [visible-block, hidden-block]
"""

block_code = [[a, b, 0, 0] for a in range(3) for b in range(3)]
