"""
problem: twins
cell: merge
what: Groups as keys of a dictionary.
"""


def merge_twins(p_xy):
    numbers, group, table = {}, [], []
    for row in np.asarray(p_xy):
        key = tuple((row / row.sum()).round(5) + 0.0)
        match = [k for k in numbers if np.abs(np.subtract(k, key)).max() < 1e-4]
        key = match[0] if match else key
        if key not in numbers:
            numbers[key] = len(numbers)
            table.append(np.zeros(len(row)))
        group.append(numbers[key])
        table[numbers[key]] = table[numbers[key]] + row
    return {"group": group, "table": [row.tolist() for row in table]}
