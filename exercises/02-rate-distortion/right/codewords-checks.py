"""
problem: codewords
cell: block
what: All words that pass two checks.
"""

words = np.array(list(np.ndindex(3, 3, 3, 3)))
block_code = words[np.all(words @ [[1, 0], [1, 1], [1, 2], [0, 1]] % 3 == 0, axis=1)]
