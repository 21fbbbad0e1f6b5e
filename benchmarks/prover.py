"""How long the prover takes, by the number of variables: ``python -m benchmarks.prover``.

Claims that hold, that do not, and that are unknown; with chains and without premises.  The first row of
each n includes the time to write down the inequalities of n variables.
"""

import time
from itertools import combinations, pairwise
from string import ascii_uppercase

from ibcourse.information import prove


def cases(n: int) -> list[tuple[str, str, list[str]]]:
    """Return a name, a claim and premises for each case of n variables."""
    names = ascii_uppercase[:n]
    every = ",".join(names)
    chain = " -> ".join(names)
    faces = [",".join(subset) for subset in combinations(names, n - 1)]
    han = " + ".join(f"H({face})" for face in faces)
    first, last, middle = names[0], names[-1], names[n // 2]
    singles = " + ".join(f"H({name})" for name in names)
    zhang_yeung = "2 I(C;D) <= I(A;B) + I(A;C,D) + 3 I(C;D|A) + I(C;D|B)"
    links = " + ".join(f"I({a};{b})" for a, b in pairwise(names))
    return [
        ("Han", f"{n - 1} H({every}) <= {han}", []),
        ("Han, too strong", f"{n} H({every}) <= {han}", []),
        ("subadditivity", f"H({every}) <= {singles}", []),
        ("data processing", f"I({first};{last}) <= I({names[1]};{middle})", [chain]),
        ("data processing, reversed", f"I({first};{last}) >= I({names[1]};{middle})", [chain]),
        ("chain, entropy", f"H({every}) = {singles} - {links.replace('+', '-')}", [chain]),
        ("conditioning", f"I({first};{last}|{','.join(names[1:-1])}) <= I({first};{last})", []),
        ("pairs", f"H({every}) <= H({first}) + {' + '.join(f'H({n}|{first})' for n in names[1:])}", []),
        (
            "Zhang-Yeung",
            zhang_yeung,
            [f"I({a},A;B,C,D|{b}) = 0" for a, b in pairwise(names[4:])],
        ),
    ]


def main() -> None:
    """Print a table of seconds, and of how many lines a proof has."""
    print(f"{'n':>2}  {'case':28}{'answer':10}{'first':>8}{'again':>8}  lines")
    for n in range(4, 9):
        for name, claim, given in cases(n):
            seconds = []
            for _ in range(2):
                start = time.perf_counter()
                proof = prove(claim, given)
                seconds.append(time.perf_counter() - start)
            answer = {True: "true", False: "false", None: "unknown"}[proof.holds]
            lines = sum(map(len, proof.sums)) or ""
            print(f"{n:2}  {name:28}{answer:10}{seconds[0]:8.3f}{seconds[1]:8.3f}  {lines}")


if __name__ == "__main__":
    main()
