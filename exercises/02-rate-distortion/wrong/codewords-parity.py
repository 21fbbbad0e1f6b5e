"""
problem: codewords
cell: block
what: A check symbol at the end; no block is far, and too many words.
loses: [visible-block, hidden-block]
"""

block_code = [[a, b, (a + b) % 3] for a in range(3) for b in range(3)]
