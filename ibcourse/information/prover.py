r"""A prover of information inequalities that shows why.

The machine
-----------

A claim about discrete information quantities is a linear form over joint entropies,
:math:`c \cdot h \ge 0`, where :math:`h` lists the entropies :math:`H(S)` of all sets of variables.
Shannon's inequalities say that conditional entropies and mutual informations are not negative; premises
such as :math:`I(X;Z|Y) = 0` are further linear relations.  The claim follows from them if and only if it is
a combination of them (Farkas' lemma): weights :math:`\lambda \ge 0`, and :math:`\mu` of any sign for
equations, with

.. math:: c = \sum_j \lambda_j\, m_j + \sum_i \mu_i\, e_i .

Such weights are a *proof*: whoever adds the lines up gets the claim.  A linear program finds them, here with
as few lines as it can, since all Shannon measures are offered and not only the elemental ones.  It computes
in floating point, so the weights are computed once more, in fractions, and the sum is compared with the
claim exactly.  Data processing, :math:`I(X;Z) \le I(X;Y)` for a chain :math:`X \to Y \to Z`, is

.. math:: I(X;Y) - I(X;Z) = I(X;Y|Z) - I(X;Z|Y) = I(X;Y|Z) \ge 0 .

If there are no weights, there is a *polymatroid*: numbers in place of entropies that obey all Shannon
inequalities and the premises, and break the claim.  If they are the entropies of a distribution, then the
claim is false, and the distribution shows it.

The third answer
----------------

They need not be.  Of four or more variables, some polymatroids are nobody's entropies (Zhang and Yeung
1998), so there are true claims that no such sum proves.  The prover then answers *unknown*, and shows the
polymatroid.  What helps is a construction: a further variable whose existence is proved by other means,
and whose properties are added as premises.  The Zhang–Yeung inequality itself becomes provable with one
copy of one variable.  In the other direction, the search for a distribution covers small ones alone, so
that a false claim may be unknown too.

References
----------
- R. W. Yeung, A framework for linear information inequalities, IEEE Transactions on Information Theory 43
  (1997).
- Z. Zhang and R. W. Yeung, On characterization of entropy function via information inequalities, IEEE
  Transactions on Information Theory 44 (1998).
"""

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from ibcourse.information.counterexamples import Counterexample, find_counterexample
from ibcourse.information.expressions import (
    Form,
    Relation,
    parse_expression,
    parse_premises,
    parse_relation,
    quantity,
)
from ibcourse.information.shannon import (
    Vector,
    combination,
    constants,
    members,
    polymatroid,
    scaled,
    shannon_inequalities,
    to_form,
    to_vector,
)

MOST_VARIABLES = 8


class Premise(NamedTuple):
    """A relation that is given, and the text that says so; a chain says several."""

    text: str
    line: Relation


class Term(NamedTuple):
    """One summand of a proof.

    Attributes
    ----------
    weight : Fraction
        How often the line is added.
    line : Relation
        The line: a form that is not negative, or a premise; its ``text`` is what is written on paper.
    premise : str
        The premise that the line belongs to, as it was given; empty for a Shannon inequality.
    """

    weight: Fraction
    line: Relation
    premise: str


@dataclass(frozen=True, repr=False)
class Proof:
    """What `prove` found.

    Attributes
    ----------
    claim : Relation
        The claim.
    given : tuple of str
        The premises, as they were given.
    holds : bool or None
        Whether the claim holds for all distributions that obey the premises; None is "unknown".
    sums : tuple of tuple of Term
        If it holds, the weighted lines that add up to what is to be proved: to "right minus left" for
        ``<=``, to "left minus right" for ``>=``.  An equation has one sum for "left minus right", all of
        whose lines are equations, or two: for "left minus right" and for "right minus left".
    counterexample : Counterexample or None
        If it does not hold, a distribution that obeys the premises and breaks the claim.
    polymatroid : dict of frozenset of str to Fraction, or None
        If it is unknown, numbers in place of the entropies that obey the premises and all Shannon
        inequalities, but not the claim.
    """

    claim: Relation
    given: tuple[str, ...]
    holds: bool | None
    sums: tuple[tuple[Term, ...], ...] = ()
    counterexample: Counterexample | None = None
    polymatroid: Mapping[frozenset[str], Fraction] | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """The proof as lines for `check_proof`: what is added up, then the claim; empty if there is none."""
        if not self.holds:
            return ()
        return (*dict.fromkeys(str(term.line) for terms in self.sums for term in terms), str(self.claim))

    def __str__(self) -> str:
        answer = {True: "True", False: "False", None: "Unknown"}[self.holds]
        head = f"{answer}: {self.claim}" + (f"\ngiven {'; '.join(self.given)}" if self.given else "")
        if self.holds:
            return "\n\n".join([head, *self._reasons()])
        if self.counterexample is not None:
            return f"{head}\n\n{show_counterexample(self.claim, self.counterexample)}"
        return f"{head}\n\n{self._why_unknown()}"

    __repr__ = __str__

    def _reasons(self) -> list[str]:
        if not self.claim.form:
            return ["Both sides are the same sum of joint entropies."]
        directions = ["right - left"] if self.claim.kind == "<=" else ["left - right", "right - left"]
        # An equation that follows from equations alone has one sum.
        return [f"{way} =\n{_show_terms(terms)}" for way, terms in zip(directions, self.sums, strict=False)]

    def _why_unknown(self) -> str:
        text = (
            "No sum of Shannon inequalities and premises gives the claim, and no small distribution that\n"
            "obeys the premises breaks it.  So it is true for another reason, which an auxiliary variable\n"
            "among the premises may show, or it is false and breaking it takes a larger distribution."
        )
        if self.polymatroid is None:
            return text
        ordered = sorted(self.polymatroid.items(), key=lambda item: (len(item[0]), sorted(item[0])))
        values = textwrap.fill("  ".join(f"{quantity([key])}={value}" for key, value in ordered), width=90)
        return (
            f"{text}\n\nThese numbers obey all Shannon inequalities and the premises, and break the claim.\n"
            f"Whether they are the entropies of a distribution is the open point:\n\n{values}"
        )


def prove(claim: str, given: str | Iterable[str] = ()) -> Proof:
    r"""Decide whether a claim about information quantities holds for all distributions, and show why.

    Parameters
    ----------
    claim : str
        A relation between two expressions, such as ``"I(X;Z) <= I(X;Y)"``.
    given : str or iterable of str
        The premises: relations, and chains such as ``"X -> Y -> Z"``.

    Returns
    -------
    Proof
        ``holds`` is True, with the weighted sum of lines that proves the claim, verified in exact fractions;
        or False, with a distribution that obeys the premises and breaks the claim, evaluated exactly; or
        None, "unknown".  Print it to see why.

    Raises
    ------
    ExpressionError
        If a text does not parse; the message points at the character.
    ValueError
        If the premises contradict each other, that is, if they force a variable to be constant without
        saying so; for more than eight variables.

    Notes
    -----
    Unknown means that the claim does not follow from Shannon's inequalities, and that no small distribution
    breaks it; see the module's introduction.  Premises without numbers that stand alone can all be obeyed at
    once, by constants.  They count as contradictory if they force some H(X) = 0, and neither a premise nor
    the claim is an equation that says so.
    Source: Yeung (1997).  Lesson: 01 Information.

    Examples
    --------
    >>> print(prove("I(X;Z) <= I(X;Y)", given=["X -> Y -> Z"]))
    True: I(X;Z) <= I(X;Y)
    given X -> Y -> Z
    <BLANKLINE>
    right - left =
          I(X;Y|Z)  >= 0
        - I(X;Z|Y)  = 0, given X -> Y -> Z
    >>> print(prove("I(X;Y|Z) <= I(X;Y)"))
    False: I(X;Y|Z) <= I(X;Y)
    <BLANKLINE>
    ...
    """
    relation = parse_relation(claim)
    premises = read_premises(given)
    check_premises(relation, premises)
    return decide(relation, premises)


def read_premises(given: str | Iterable[str]) -> tuple[Premise, ...]:
    """Parse premises, and keep the text of each."""
    texts = [given] if isinstance(given, str) else given
    return tuple(Premise(text.strip(), line) for text in texts for line in parse_premises(text))


def check_premises(claim: Relation, premises: Sequence[Premise]) -> None:
    """Raise ValueError for too many variables, or for premises that leave a variable no randomness."""
    lines = [premise.line for premise in premises]
    names = _names(claim, *lines)
    if len(names) > MOST_VARIABLES:
        raise ValueError(
            f"The claim and its premises name {len(names)} variables, {', '.join(names)}; the linear program "
            f"has an unknown for each set of them, and takes at most {MOST_VARIABLES}."
        )
    names = _names(*lines)
    zeros = [line.form for line in (claim, *lines) if line.kind == "=" and len(line.form.terms) == 1]
    said = {name for form in zeros for name in form.variables}
    for i in constants(len(names), *_split(lines, names)):
        entropy = quantity([[names[i]]])
        reasons = _weights(-entropy, names, premises, shannon_inequalities(len(names)))
        if reasons and names[i] not in said:
            texts = ", ".join(f'"{text}"' for text in dict.fromkeys(term.premise for term in reasons) if text)
            raise ValueError(
                f"The premises contradict each other unless {names[i]} is constant: {texts} force "
                f'{entropy} = 0. Look for a wrong sign; if {names[i]} is to be one, add "{entropy} = 0".'
            )


def decide(claim: Relation, premises: Sequence[Premise]) -> Proof:
    """Do the work of `prove` on what it has read and checked."""
    given = tuple(dict.fromkeys(premise.text for premise in premises))
    used = _connected(claim, premises)
    lines = [premise.line for premise in used]
    names = _names(claim, *lines)
    equations = [premise for premise in used if premise.line.kind == "="]
    if claim.kind == "=" and (terms := _weights(claim.form, names, equations, ())) is not None:
        return Proof(claim, given, True, (terms,))
    goals = [claim.form, -claim.form] if claim.kind == "=" else [at_least_zero(claim)]
    sums = [_weights(goal, names, used, shannon_inequalities(len(names))) for goal in goals]
    proved = tuple(terms for terms in sums if terms is not None)
    if len(proved) == len(goals):
        return Proof(claim, given, True, proved)

    zero, non_negative = _split(lines, names)
    unproved = [
        scaled(to_vector(goal, names)) for goal, terms in zip(goals, sums, strict=True) if terms is None
    ]
    for goal in unproved:
        found = find_counterexample(names, goal, zero, non_negative)
        if found is not None:
            everything = sorted(_names(claim, *(premise.line for premise in premises)))
            return Proof(claim, given, False, counterexample=found.over(everything))
    values = polymatroid(len(names), unproved[0], zero, non_negative)
    if values is None:
        return Proof(claim, given, None)
    return Proof(claim, given, None, polymatroid={members(mask, names): h for mask, h in values.items()})


def at_least_zero(relation: Relation) -> Form:
    """Return the form that an inequality says is not negative."""
    return relation.form if relation.kind == ">=" else -relation.form


def show_counterexample(relation: Relation, found: Counterexample) -> str:
    """Return a distribution with the values of both sides of the relation that it breaks."""
    left, right = (found.value(parse_expression(side)) for side in re.split("<=|>=|≤|≥|=", str(relation)))
    return f"The left side is {left:.4g} nats,\nthe right side {right:.4g} nats:\n\n{found}"


def weighted_sum(terms: Sequence[tuple[Fraction, str]]) -> str:
    """Return weights and what they multiply as a sum.

    >>> weighted_sum([(Fraction(1), "H(X)"), (Fraction(-1, 2), "H(Y)")])
    'H(X) - 1/2 H(Y)'
    """
    text = " ".join(f"{'-' if weight < 0 else '+'} {_multiple(weight, what)}" for weight, what in terms)
    return text.removeprefix("+ ") or "0"


def _multiple(weight: Fraction, what: str) -> str:
    return what if abs(weight) == 1 else f"{abs(weight)} {what}"


def _show_terms(terms: Sequence[Term]) -> str:
    """Return the summands, one a line, with the reason why each may be added."""
    rows: list[tuple[str, str, str]] = []
    for weight, line, premise in terms:
        form = line.form if line.kind == "=" else at_least_zero(line)
        what = _multiple(weight, str(form) if form.as_quantity() else f"({form})")
        reason = f"{'=' if line.kind == '=' else '>='} 0{f', given {premise}' if premise else ''}"
        rows.append(("-" if weight < 0 else "+" if rows else " ", what, reason))
    wide = max(len(what) for _, what, _ in rows)
    return "\n".join(f"    {sign} {what:{wide}}  {reason}" for sign, what, reason in rows)


def _weights(
    goal: Form, names: Sequence[str], premises: Sequence[Premise], inequalities: Sequence[Vector]
) -> tuple[Term, ...] | None:
    """Return terms that add up to the goal exactly, or None."""
    given = [to_vector(line.form if line.kind == "=" else at_least_zero(line), names) for _, line in premises]
    # Short lines are the cheaper ones; a premise is what one expects to use.
    costs = [0.5] * len(given) + [1 + max(vector).bit_count() / 10 for vector in inequalities]
    free = [j for j, (_, line) in enumerate(premises) if line.kind == "="]
    weights = combination([*given, *inequalities], to_vector(goal, names), costs, free)
    if weights is None:
        return None
    terms = [
        Term(weight, premises[j].line, premises[j].text) for j, weight in weights.items() if j < len(given)
    ]
    shannon = [
        (weight, to_form(inequalities[j - len(given)], names))
        for j, weight in weights.items()
        if j >= len(given)
    ]
    return (*(Term(weight, Relation(form, ">=", f"{form} >= 0"), "") for weight, form in shannon), *terms)


def _connected(claim: Relation, premises: Sequence[Premise]) -> list[Premise]:
    """Return the premises that share variables with the claim, directly or through others.

    The others say nothing about the claim: what they speak of might be constant.
    """
    known = set(claim.form.variables)
    while (
        new := {v for _, line in premises if known & {*line.form.variables} for v in line.form.variables}
        - known
    ):
        known |= new
    return [premise for premise in premises if known & {*premise.line.form.variables}]


def _names(*relations: Relation) -> list[str]:
    return list(dict.fromkeys(name for relation in relations for name in relation.form.variables))


def _split(lines: Sequence[Relation], names: Sequence[str]) -> tuple[list[Vector], list[Vector]]:
    """Return the vectors that are zero, and those that are not negative, scaled."""
    zero = [scaled(to_vector(line.form, names)) for line in lines if line.kind == "="]
    return zero, [scaled(to_vector(at_least_zero(line), names)) for line in lines if line.kind != "="]
