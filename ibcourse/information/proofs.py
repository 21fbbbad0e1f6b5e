r"""Proofs in lines, checked line by line.

`prove` decides a claim in one stroke, so it cannot tell whether somebody else's proof is one.  Here a proof
is a list of lines, each an equation or inequality, that ends with the claim.  A line may stand if it is

a. an *identity* of joint entropies alone, such as a chain rule: both sides are the same sum of joint
   entropies, and it holds for all distributions;
b. a *premise* that is given;
c. the *non-negativity* of one entropy, conditional entropy, mutual information or conditional mutual
   information;
d. a *combination* of lines that stand above it: inequalities with weights that are not negative, equations
   with any.

The claim comes last and may only be (d): a proof shows the lines that add up to it.  Both sides of a line
are read as forms over joint entropies, so (d) is a linear program, small and verified in fractions.  A
claim that is itself an identity would be the empty combination; it has to be added up from identities *as
they are written*, each quantity being one symbol.

For data processing, :math:`I(X;Z) \le I(X;Y)` for a chain :math:`X \to Y \to Z`, the lines are
``I(X;Y|Z) >= 0`` (c), ``I(X;Z|Y) = 0`` (b) and the claim (d).

References
----------
- R. W. Yeung, A framework for linear information inequalities, IEEE Transactions on Information Theory 43
  (1997).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ibcourse.information.counterexamples import Counterexample
from ibcourse.information.expressions import Form, Relation, parse_premises, parse_relation
from ibcourse.information.prover import (
    MOST_VARIABLES,
    Premise,
    at_least_zero,
    check_premises,
    decide,
    read_premises,
    show_counterexample,
    weighted_sum,
)
from ibcourse.information.shannon import combination, to_vector

LONGEST = 300  # characters of a line
ACCEPTED = {
    "identity": "(a) an identity of joint entropies",
    "premise": "(b) a premise",
    "non-negativity": "(c) never negative",
    "combination": "(d) a combination of lines above",
}
QUANTITY = re.compile(r"\b([HI])\s*[(\[]([^()\[\]]*)[)\]]")


@dataclass(frozen=True)
class Verdict:
    """What `check_proof` says about one line.

    Attributes
    ----------
    line : str
        The line.
    kind : str
        ``"identity"``, ``"premise"``, ``"non-negativity"`` or ``"combination"`` if it may stand; else
        ``"unreadable"``, ``"false"`` (under the premises) or ``"unsupported"``.
    message : str
        Which of the four it is and how, or why it is none.
    counterexample : Counterexample or None
        For a false line, a distribution that obeys the premises and breaks it.
    """

    line: str
    kind: str
    message: str
    counterexample: Counterexample | None = None

    @property
    def accepted(self) -> bool:
        """Whether the line may stand."""
        return self.kind in ACCEPTED


@dataclass(frozen=True, repr=False)
class ProofReport:
    """What `check_proof` says about a proof.

    Attributes
    ----------
    accepted : bool
        Whether every line may stand and the last one is the claim.
    verdicts : tuple of Verdict
        The verdict on each line.
    message : str
        What the verdicts come to.
    """

    accepted: bool
    verdicts: tuple[Verdict, ...]
    message: str

    def __str__(self) -> str:
        lines = [self.message]
        for number, verdict in enumerate(self.verdicts, start=1):
            reason = verdict.message.replace("\n", "\n        ").replace("\n        \n", "\n\n")
            lines.append(f"{number:3}. {verdict.line}\n        {'' if verdict.accepted else 'NO: '}{reason}")
        return "\n".join(lines)

    __repr__ = __str__


def check_proof(claim: str, lines: str | Iterable[str], given: str | Iterable[str] = ()) -> ProofReport:
    r"""Check a proof line by line.

    Parameters
    ----------
    claim : str
        What is to be proved, such as ``"I(X;Z) <= I(X;Y)"``.
    lines : iterable of str, or str
        The proof; one text holds one line of the proof in each of its lines, and empty ones do not count.
        A line is a relation, or a chain that is among the premises.  The last line is the claim.
    given : str or iterable of str
        The premises: relations, and chains such as ``"X -> Y -> Z"``.

    Returns
    -------
    ProofReport
        ``accepted``, and for each line a verdict: why it may stand, or why not, with a distribution that
        breaks it if it is false.  Nothing that stands in a line raises an error.

    Raises
    ------
    ExpressionError
        If the claim or a premise does not parse.
    ValueError
        If the premises are refused, as by `prove`.

    Notes
    -----
    A line may stand if it is (a) an identity of joint entropies alone, (b) a premise, or an equation that a
    given chain contains, (c) the non-negativity of one entropy or (conditional) mutual information, or (d) a
    combination of lines above that stand, with non-negative weights for inequalities.  The claim may only be
    (d), wherever it stands.  Lines that are not needed must be right too.
    Lesson: 01 Information.

    Examples
    --------
    >>> lines = ["I(X;Y|Z) >= 0", "I(X;Z|Y) = 0", "I(X;Z) <= I(X;Y)"]
    >>> check_proof("I(X;Z) <= I(X;Y)", lines, given=["X -> Y -> Z"])
    The proof is accepted.
      1. I(X;Y|Z) >= 0
            (c) never negative
      2. I(X;Z|Y) = 0
            (b) a premise: X -> Y -> Z
      3. I(X;Z) <= I(X;Y)
            (d) a combination of lines above: line 1 - line 2
    """
    relation = parse_relation(claim)
    premises = read_premises(given)
    check_premises(relation, premises)
    texts = lines.splitlines() if isinstance(lines, str) else lines
    checker = _Checker(relation, premises)
    verdicts = tuple(checker.check(text) for text in texts if not isinstance(text, str) or text.strip())

    wrong = [str(number) for number, verdict in enumerate(verdicts, start=1) if not verdict.accepted]
    if not verdicts:
        message = "There are no lines; a proof ends with its claim."
    elif wrong:
        message = f"The proof is not accepted: see line{'s' * (len(wrong) > 1)} {', '.join(wrong)}."
    elif not checker.ends_with_claim:
        message = f"The proof is not accepted: its last line is not the claim, {relation}."
    else:
        return ProofReport(True, verdicts, "The proof is accepted.")
    return ProofReport(False, verdicts, message)


class _Checker:
    """The lines that stand so far, and the verdict on the next."""

    def __init__(self, claim: Relation, premises: Sequence[Premise]) -> None:
        self.claim, self.premises = claim, premises
        self.names = {name for line in (claim, *(p.line for p in premises)) for name in line.form.variables}
        self.symbols: dict[tuple[object, ...], str] = {}
        self.written_claim = self.as_written(claim)
        self.standing: list[
            tuple[int, Relation]
        ] = []  # the relations that stand, with the numbers of their lines
        self.count = 0
        self.ends_with_claim = False

    def check(self, text: object) -> Verdict:
        """Return the verdict on the next line."""
        self.count += 1
        self.ends_with_claim = False
        if not isinstance(text, str):
            return Verdict(str(text), "unreadable", f"A line is a text, not {type(text).__name__}.")
        line = text.strip()
        if len(line) > LONGEST:
            return Verdict(
                f"{line[:60]} ...",
                "unreadable",
                f"A line has at most {LONGEST} characters; this has {len(line)}.",
            )
        if any(inside.count(";") >= MOST_VARIABLES for _, inside in QUANTITY.findall(line)):
            return Verdict(line, "unreadable", f"A quantity has at most {MOST_VARIABLES} parts.")
        try:
            relations = parse_premises(line)
        except ValueError as error:
            return Verdict(line, "unreadable", str(error))
        strangers = sorted({name for relation in relations for name in relation.form.variables} - self.names)
        if strangers:
            message = f"{', '.join(strangers)}: neither the claim nor the premises name such a variable."
            return Verdict(line, "unreadable", message)
        verdicts = [self.verdict(line, relation) for relation in relations]
        first_wrong = next((verdict for verdict in verdicts if not verdict.accepted), None)
        if first_wrong is None:
            self.standing += [(self.count, relation) for relation in relations]
        return first_wrong or verdicts[0]

    def verdict(self, line: str, relation: Relation) -> Verdict:
        """Return the verdict on a relation that was read."""
        written = self.as_written(relation)
        is_claim = self.ends_with_claim = _same(written, self.written_claim)
        if not is_claim and (simple := self.simple_verdict(line, relation)):
            return simple
        if relation.form:
            sum_of_lines = _derivation(relation, self.standing)
        else:  # a claim that is an identity
            sum_of_lines = _derivation(written, [(n, self.as_written(above)) for n, above in self.standing])
        if sum_of_lines is not None:
            return Verdict(line, "combination", f"{ACCEPTED['combination']}: {sum_of_lines}")

        proof = decide(relation, self.premises)
        if proof.counterexample is not None:
            where = "The premises hold and the line does not.\n" if self.premises else "The line is false.\n"
            message = where + show_counterexample(relation, proof.counterexample)
            return Verdict(line, "false", message, proof.counterexample)
        truth = "It holds, but" if proof.holds else "Whether it holds is not known, and"
        if is_claim:
            reason = "the claim may only be (d), and the lines above that stand do not add up to it."
        else:
            reason = (
                "it is no identity, no premise, no non-negativity of one quantity, and no sum of lines above."
            )
        return Verdict(line, "unsupported", f"{truth} {reason}")

    def simple_verdict(self, line: str, relation: Relation) -> Verdict | None:
        """Return a verdict (a), (b) or (c), or None."""
        if not relation.form:
            return Verdict(line, "identity", ACCEPTED["identity"])
        for text, premise in self.premises:
            if _restates(relation, premise) or (re.search("->|→", text) and _is_part(relation, premise)):
                return Verdict(line, "premise", f"{ACCEPTED['premise']}: {text}")
        quantity = at_least_zero(relation).as_quantity()
        if relation.kind != "=" and quantity and quantity.coefficient > 0:
            return Verdict(line, "non-negativity", ACCEPTED["non-negativity"])
        return None

    def as_written(self, relation: Relation) -> Relation:
        """Return the relation with one symbol, an entropy of its own, for each quantity as it is written."""

        def symbol(match: re.Match[str]) -> str:
            letter, inside = match.groups()
            parts, _, given = (re.sub(r"\s", "", inside)).partition("|")
            key = (
                letter,
                frozenset(frozenset(part.split(",")) for part in parts.split(";")),
                frozenset(given.split(",")),
            )
            return f"H({self.symbols.setdefault(key, f'q{len(self.symbols)}')})"

        return parse_relation(QUANTITY.sub(symbol, str(relation)))


def _derivation(relation: Relation, lines: Sequence[tuple[int, Relation]]) -> str | None:
    """Return how lines add up to a relation, or None."""
    if relation.kind != "=":
        return _sum_of_lines(at_least_zero(relation), lines)
    equations = [(number, line) for number, line in lines if line.kind == "="]
    alone = _sum_of_lines(relation.form, equations)
    if alone is not None:
        return alone
    ways = [_sum_of_lines(form, lines) for form in (relation.form, -relation.form)]
    return f"{ways[0]}, and the other way round {ways[1]}" if None not in ways else None


def _sum_of_lines(form: Form, lines: Sequence[tuple[int, Relation]]) -> str | None:
    forms = [line.form if line.kind == "=" else at_least_zero(line) for _, line in lines]
    names = sorted({name for each in (form, *forms) for name in each.variables})
    weights = combination(
        [to_vector(each, names) for each in forms],
        to_vector(form, names),
        costs=[1.0] * len(lines),
        free=[j for j, (_, line) in enumerate(lines) if line.kind == "="],
    )
    if weights is None:
        return None
    return weighted_sum([(weight, f"line {lines[j][0]}") for j, weight in weights.items()])


def _same(a: Relation, b: Relation) -> bool:
    """Whether two relations are one up to a factor."""
    if not a.form and not b.form:
        return True
    if a.kind == "=" or b.kind == "=":
        return a.kind == b.kind and _ratio(a.form, b.form) is not None
    ratio = _ratio(at_least_zero(a), at_least_zero(b))
    return ratio is not None and ratio > 0


def _restates(relation: Relation, premise: Relation) -> bool:
    """Whether a relation is the premise up to a factor, or one of the two inequalities of an equation."""
    return _same(relation, premise) or (
        premise.kind == "=" and _ratio(relation.form, premise.form) is not None
    )


def _is_part(relation: Relation, independence: Relation) -> bool:
    """Whether a relation is I(A';B'|C) = 0 with parts of the A and B of a given I(A;B|C) = 0."""
    whole, part = independence.form.as_quantity(), relation.form.as_quantity()
    if whole is None or part is None or len(part.parts) != 2 or part.given != whole.given:
        return False
    (a, b), (x, y) = part.parts, whole.parts
    return (a <= x and b <= y) or (a <= y and b <= x)


def _ratio(a: Form, b: Form) -> Fraction | None:
    """Return r such that a = r b, or None; forms that are 0 have no ratio."""
    if not a or a.terms.keys() != b.terms.keys():
        return None
    key = next(iter(a.terms))
    ratio = a.terms[key] / b.terms[key]
    return ratio if a == ratio * b else None
