r"""The language of information quantities, read exactly.

Every information quantity of discrete variables is a linear form over joint entropies.  For parts
:math:`S_1, \ldots, S_k` and a condition :math:`C`, all of them sets of variables,

.. math:: I(S_1; \ldots; S_k \,|\, C) = \sum_{T \subseteq \{1, \ldots, k\}} (-1)^{|T| + 1} H(S_T, C),

with :math:`S_T` the union of the parts in T, and :math:`H(S_1 | C)` for one part.  So a claim about
information is a claim about numbers :math:`H(S)`, one for each non-empty set of variables, and an identity
between quantities holds for all distributions if and only if the two forms are equal (Yeung 1991).  This
module turns text into such forms, with exact fractions and without any array:

================  =================================================================================
``H(X,Y|Z)``      an entropy; variables are words, joined by commas
``I(X;Y|Z,W)``    an information; parts are separated by semicolons, ``I(X,Y;Z)`` has two
``I(X;Y;Z)``      an interaction information, :math:`I(X;Y) - I(X;Y|Z)`
``2 H(X,Y)``      a multiple, also ``0.5 I(X;Y|Z)``, ``1/3 H(X)`` and ``2 (H(X) + H(Y))``
``0``             the only number that stands alone
``=  <=  >=``     relations
``W -> X -> Y``   a Markov chain; ``(X,Y) -> Z -> W`` has a group in it
================  =================================================================================

`Evaluator` is what `Joint` and `Gaussian` have in common: an object with named variables and entropies, which
is called with a text.

References
----------
- R. W. Yeung, A new outlook on Shannon's information measures, IEEE Transactions on Information Theory 37
  (1991).
"""

import operator
import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, reduce
from itertools import combinations
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn

WORD = r"[^\W\d][\w\u0300-\u036f]*"  # a letter or _, then letters, digits, _ and combining accents
TOKEN = re.compile(
    rf"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{{1,3}}(?!\d))?)|(?P<word>{WORD})"
    r"|(?P<symbol>->|→|<=|>=|≤|≥|[-=+−*·/()\[\],;|])"
)
SAME = {"→": "->", "≤": "<=", "≥": ">=", "−": "-", "·": "*"}
RELATIONS = ("=", "<=", ">=")
MOST_PARTS = 10  # k parts make 2^k joint entropies
BRACKETS = {"(": ")", "[": "]"}


class ExpressionError(ValueError):
    """A text that is not in the language; the message points at the character.

    Attributes
    ----------
    text : str
        The text.
    position : int
        Where in it, counted from 0.
    reason : str
        What is wrong there, or what was expected.

    Examples
    --------
    >>> print(ExpressionError("I(X;Y", 5, 'expected ")"'))
    expected ")"
        I(X;Y
             ^
    """

    def __init__(self, text: str, position: int, reason: str) -> None:
        super().__init__(text, position, reason)
        self.text, self.position, self.reason = text, position, reason

    def __str__(self) -> str:
        line = re.sub(r"\s", " ", self.text)  # one line, so that the caret stands under its character
        return f"{self.reason}\n    {line}\n    {' ' * self.position}^"


class Quantity(NamedTuple):
    """A multiple of one entropy H(part|given), or of one mutual information I(part;part|given)."""

    coefficient: Fraction
    parts: tuple[frozenset[str], ...]
    given: frozenset[str]


@dataclass(frozen=True)
class Form:
    """A linear form over joint entropies, with exact coefficients.  It never changes.

    Parameters
    ----------
    terms : mapping of frozenset of str to Fraction
        The coefficient of H(S) for each set S.  The empty set, whose entropy is 0, and zero coefficients are
        dropped.

    Notes
    -----
    Forms are added, subtracted, multiplied by an ``int`` or a ``Fraction``, compared and hashed.  Two texts
    mean the same for all distributions if and only if their forms are equal.  ``str`` gives a text that
    parses to the form again.
    Source: Yeung (1991).  Lesson: 01 Information.

    Examples
    --------
    >>> form = parse_expression("I(X;Y) + I(X;Z|Y)")
    >>> form == parse_expression("I(X; Y,Z)")
    True
    >>> print(form - parse_expression("I(X;Z)"))
    I(X;Y|Z)
    >>> print(2 * form - parse_expression("I(X;Z)"))
    H(X) - H(Z) + H(X,Z) + 2 H(Y,Z) - 2 H(X,Y,Z)
    """

    terms: Mapping[frozenset[str], Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kept = {variables: Fraction(c) for variables, c in self.terms.items() if variables and c}
        object.__setattr__(self, "terms", MappingProxyType(kept))

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables, sorted."""
        return tuple(sorted(frozenset[str]().union(*self.terms)))

    def __add__(self, other: "Form") -> "Form":
        if not isinstance(other, Form):
            return NotImplemented
        keys = [*self.terms, *other.terms]
        zero = Fraction(0)
        return Form({key: self.terms.get(key, zero) + other.terms.get(key, zero) for key in keys})

    def __sub__(self, other: "Form") -> "Form":
        return self + -other if isinstance(other, Form) else NotImplemented

    def __neg__(self) -> "Form":
        return -1 * self

    def __mul__(self, factor: int | Fraction) -> "Form":
        if not isinstance(factor, int | Fraction):
            return NotImplemented
        return Form({key: factor * c for key, c in self.terms.items()})

    __rmul__ = __mul__

    def __hash__(self) -> int:
        return hash(frozenset(self.terms.items()))

    def __bool__(self) -> bool:
        return bool(self.terms)

    def as_quantity(self) -> Quantity | None:
        """Return the form as a multiple of one entropy or mutual information, or None if it is neither.

        >>> parse_expression("H(X,Y) - H(Y)").as_quantity() == parse_expression("H(X|Y)").as_quantity()
        True
        >>> parse_expression("I(X;Y) - I(X;Z)").as_quantity() is None
        True
        """
        if not 1 <= len(self.terms) <= 4:
            return None
        *rest, top = sorted(self.terms, key=len)
        c = self.terms[top]
        positive, negative = ([s for s in rest if self.terms[s] == sign * c] for sign in (-1, 1))
        if not negative and len(positive) == len(rest) <= 1:  # c H(top) − c H(given)
            given = frozenset[str]().union(*positive)
            return Quantity(c, (top - given,), given) if given < top else None
        if len(positive) != 2 or len(positive) + len(negative) != len(rest):
            return None
        a, b = sorted(positive, key=sorted)  # −c H(a) − c H(b) + c H(a ∪ b) + c H(a ∩ b)
        if a | b != top or a & b != frozenset[str]().union(*negative):
            return None
        return Quantity(-c, (a - b, b - a), a & b)

    def __str__(self) -> str:
        if (found := self.as_quantity()) is not None:
            named = [(found.coefficient, _term(found.parts, found.given))]
        else:
            ordered = sorted(self.terms, key=lambda variables: (len(variables), sorted(variables)))
            named = [(self.terms[variables], _term([variables])) for variables in ordered]
        text = "".join(
            f" {'-' if c < 0 else '+'} {'' if abs(c) == 1 else f'{abs(c)} '}{term}" for c, term in named
        )
        return (text[1:2].strip("+") + text[3:]) or "0"

    def __repr__(self) -> str:
        return f"<Form {self}>"


def _term(parts: Sequence[Iterable[str]], given: Iterable[str] = ()) -> str:
    condition = ",".join(sorted(given))
    inside = ";".join(",".join(sorted(part)) for part in parts) + (f"|{condition}" if condition else "")
    return f"{'H' if len(parts) == 1 else 'I'}({inside})"


def quantity(parts: Sequence[Iterable[str]], given: Iterable[str] = ()) -> Form:
    r"""Return one information quantity as a linear form over joint entropies.

    .. math:: I(S_1; \ldots; S_k \,|\, C) = \sum_{T \subseteq \{1, \ldots, k\}} (-1)^{|T| + 1} H(S_T, C)

    Parameters
    ----------
    parts : sequence of iterables of str
        The sets :math:`S_1, \ldots, S_k` of variables: one for an entropy, two for a mutual information, more
        for an interaction information.  They may overlap.
    given : iterable of str
        The set C of variables that are conditioned on.

    Returns
    -------
    Form
        The linear form.

    Notes
    -----
    Source: Yeung (1991).  Lesson: 01 Information.

    Examples
    --------
    >>> print(quantity([["X"], ["Y"]], given=["Z"]))
    I(X;Y|Z)
    >>> print(quantity([["X"], ["Y"], ["Z"]]))
    H(X) + H(Y) + H(Z) - H(X,Y) - H(X,Z) - H(Y,Z) + H(X,Y,Z)
    """
    sets, condition = [frozenset(part) for part in parts], frozenset(given)
    form = Form()
    for size in range(len(sets) + 1):
        for chosen in combinations(sets, size):
            form += Form({condition.union(*chosen): Fraction((-1) ** (size + 1))})
    return form


@dataclass(frozen=True)
class Relation:
    """A relation between two expressions, as the sign of their difference.

    Attributes
    ----------
    form : Form
        Left minus right.
    kind : str
        ``"="``, ``"<="`` or ``">="``: how the form compares with 0.
    text : str
        The relation as it was written; it does not count in comparisons.
    """

    form: Form
    kind: str
    text: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.text or f"{self.form} {self.kind} 0"


def parse_expression(text: str) -> Form:
    """Read an expression, such as ``I(X;Y|Z) + 0.5 H(X)``.

    Parameters
    ----------
    text : str
        The expression.  White space does not matter, and square brackets may replace round ones.

    Returns
    -------
    Form
        The expression as a linear form over joint entropies.

    Raises
    ------
    ExpressionError
        If the text is not an expression; the message points at the character and says what was expected.

    Notes
    -----
    Decimal numbers are read exactly: ``0.1`` is 1/10.
    Lesson: 01 Information.

    Examples
    --------
    >>> print(parse_expression("H(X) - H(X|Y)"))
    I(X;Y)
    >>> parse_expression("H(X;Y)")
    Traceback (most recent call last):
    ibcourse.information.expressions.ExpressionError: H takes no ";": did you mean I(X;Y) or H(X,Y)?
        H(X;Y)
           ^
    """
    return _Parser(text).expression()


def parse_relation(text: str) -> Relation:
    """Read a relation between two expressions, such as ``I(X;Z) <= I(X;Y)``.

    Parameters
    ----------
    text : str
        Two expressions with ``=``, ``<=`` or ``>=`` between them (also ``≤`` and ``≥``).

    Returns
    -------
    Relation
        Its form is left minus right.

    Raises
    ------
    ExpressionError
        If the text is not a relation; the message points at the character and says what was expected.

    Notes
    -----
    Lesson: 01 Information.

    Examples
    --------
    >>> relation = parse_relation("H(X) >= I(X;Y)")
    >>> print(relation.form, relation.kind, 0)
    H(X|Y) >= 0
    """
    return _Parser(text).relation()


def parse_premises(given: str | Iterable[str]) -> tuple[Relation, ...]:
    """Read premises: relations, and Markov chains such as ``W -> X -> Y -> Z``.

    Parameters
    ----------
    given : str or iterable of str
        One premise, or several.

    Returns
    -------
    tuple of Relation
        The relations in their order.  A chain becomes one equation for each inner position: past and future
        are independent given the present.

    Raises
    ------
    ExpressionError
        If a text is neither a relation nor a chain; the message points at the character.

    Notes
    -----
    Lesson: 01 Information.

    Examples
    --------
    >>> for premise in parse_premises(["W -> X -> Y -> Z", "H(Z|W) = 0"]):
    ...     print(premise)
    I(W;Y,Z|X) = 0
    I(W,X;Z|Y) = 0
    H(Z|W) = 0
    """
    texts = [given] if isinstance(given, str) else given
    return tuple(relation for text in texts for relation in _Parser(text).premise())


def as_names(names: str | Iterable[str]) -> tuple[str, ...]:
    """Return distinct names of variables, given as a list or as a text with spaces or commas.

    >>> as_names("X Y Z")
    ('X', 'Y', 'Z')
    >>> as_names(["X", "X"])
    Traceback (most recent call last):
    ValueError: "X X" names X twice; expected distinct words, such as "X Y Z".
    """
    words = tuple(re.split(r"[\s,]+", names.strip()) if isinstance(names, str) else names)
    shown = names if isinstance(names, str) else " ".join(map(str, words))
    for i, word in enumerate(words):
        if not isinstance(word, str) or not re.fullmatch(WORD, word):
            raise ValueError(
                f'"{shown}" does not name variables: {word!r} is not a word of letters, digits and _ that '
                'starts with a letter; expected distinct words, such as "X Y Z".'
            )
        if word in words[:i]:
            raise ValueError(f'"{shown}" names {word} twice; expected distinct words, such as "X Y Z".')
    return words


def split_names(names: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names before and after a bar.

    >>> split_names("Z | X,Y")
    (('Z',), ('X', 'Y'))
    """
    targets, *given = names.split("|")
    if len(given) != 1:
        raise ValueError(f'names is "{names}"; expected one bar, as in "Y | X" or "Z | X,Y".')
    return as_names(targets), as_names(given[0])


class Evaluator(ABC):
    """Named variables that have entropies; a call with a text evaluates it.

    A class derives from this one by giving `variables`, a `tolerance` for relations, and two quantities.
    """

    variables: tuple[str, ...]
    tolerance: float
    continuous = False  # if so, what a variable shares with itself is infinite, and is refused

    def __call__(self, text: str) -> Any:
        """Return the value of an expression in nats, or whether a relation or a Markov chain holds."""
        statement = _Parser(text, self.variables, self.continuous).statement()
        if isinstance(statement, Form):
            return self._values([statement])[0]
        values = self._values([relation.form for relation in statement])
        return reduce(operator.and_, map(self._holds, statement, values))

    def _check_known(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self.variables:
                raise ValueError(f'unknown variable "{name}"; the variables are {", ".join(self.variables)}.')

    def _holds(self, relation: Relation, value: Any) -> Any:
        if relation.kind == "=":
            return abs(value) <= self.tolerance
        return value <= self.tolerance if relation.kind == "<=" else value >= -self.tolerance

    def _values(self, forms: Iterable[Form]) -> list[Any]:
        joint_entropy = cache(lambda variables: self._entropy(variables, frozenset()))

        def value(form: Form) -> Any:
            # A difference of entropies loses digits where it is small, and may come out negative.  A single
            # entropy or information is therefore computed as it is defined, a sum of non-negative terms.
            if (found := form.as_quantity()) is not None:
                coefficient, (a, *b), given = found
                measure = self._mutual_information(a, b[0], given) if b else self._entropy(a, given)
                return float(coefficient) * measure
            if not form:
                whole = joint_entropy(frozenset(self.variables))
                return whole - whole
            return sum(float(c) * joint_entropy(variables) for variables, c in form.terms.items())

        return [value(form) for form in forms]

    @abstractmethod
    def _entropy(self, a: frozenset[str], given: frozenset[str]) -> Any:
        """Return H(a|given); the sets are disjoint and a is not empty."""

    @abstractmethod
    def _mutual_information(self, a: frozenset[str], b: frozenset[str], given: frozenset[str]) -> Any:
        """Return I(a;b|given); the sets are disjoint, a and b are not empty."""


class _Token(NamedTuple):
    kind: str  # "number", "word", "end", or a symbol
    text: str
    position: int


class _Parser:
    """Recursive descent: each method reads one rule of the grammar; `token` is the first one not read."""

    def __init__(self, text: str, known: Collection[str] | None = None, continuous: bool = False) -> None:
        self.text, self.known, self.continuous = text, known, continuous
        self.tokens = self._tokens()
        self.index = 0

    def _tokens(self) -> list[_Token]:
        tokens, position = [], 0
        while position < len(self.text):
            if self.text[position].isspace():
                position += 1
            elif match := TOKEN.match(self.text, position):
                symbol = SAME.get(match.group(), match.group())
                kind = symbol if match.lastgroup == "symbol" else str(match.lastgroup)
                tokens.append(_Token(kind, symbol, position))
                position = match.end()
            else:
                wrong = self.text[position]
                hint = ": a strict inequality is not in the language, write <= or >=" * (wrong in "<>")
                raise ExpressionError(self.text, position, f'unexpected "{wrong}"{hint}')
        return [*tokens, _Token("end", "", len(self.text))]

    @property
    def token(self) -> _Token:
        return self.tokens[self.index]

    def fail(self, reason: str, at: _Token | None = None) -> NoReturn:
        raise ExpressionError(self.text, (at or self.token).position, reason)

    def advance(self) -> _Token:
        self.index += 1
        return self.tokens[self.index - 1]

    def accept(self, *kinds: str) -> _Token | None:
        return self.advance() if self.token.kind in kinds else None

    # A text is one of these four.

    def expression(self) -> Form:
        form = self.sum()
        if self.token.kind in RELATIONS:
            self.fail(f'an expression holds no "{self.token.kind}": it is one side of a relation')
        self.end()
        return form

    def relation(self) -> Relation:
        return self.relation_from(self.sum())

    def premise(self) -> Sequence[Relation]:
        return self.chain() if any(token.kind == "->" for token in self.tokens) else [self.relation()]

    def statement(self) -> Form | Sequence[Relation]:
        if any(token.kind == "->" for token in self.tokens):
            return self.chain()
        form = self.sum()
        return form if self.token.kind == "end" else [self.relation_from(form)]

    # The rules they are made of.

    def relation_from(self, left: Form) -> Relation:
        sign = self.accept(*RELATIONS)
        if sign is None:
            self.fail('expected "+", "-", "=", "<=" or ">="')
        right = self.sum()
        if self.token.kind in RELATIONS:
            self.fail("one relation at a time: write two")
        self.end()
        return Relation(left - right, sign.kind, self.text.strip())

    def end(self) -> None:
        if self.token.kind != "end":
            self.fail(f'unexpected "{self.token.text}": expected "+", "-" or the end')

    def chain(self) -> Sequence[Relation]:
        links: list[tuple[str, ...]] = []
        while not links or self.accept("->"):
            start = self.token
            opening = self.accept("(")
            link = self.group()
            if opening and not self.accept(")"):
                self.fail('expected "," or ")"')
            for name in link:
                if any(name in earlier for earlier in links):
                    self.fail(f"{name} stands in the chain twice: write the premise as I(...) = 0", start)
            links.append(link)
        if self.token.kind != "end":
            self.fail('expected "->" or ","')
        if len(links) < 3:
            self.fail(
                'a chain of two says nothing: expected a third link, as in X -> Y -> Z; write "Y is a '
                'function of X" as H(Y|X) = 0'
            )
        return [
            Relation(quantity(parts, present), "=", f"{_term(parts, present)} = 0")
            for i, present in enumerate(links[1:-1], start=1)
            for parts in [[sum(links[:i], ()), sum(links[i + 1 :], ())]]
        ]

    def sum(self) -> Form:
        form = self.product()
        while sign := self.accept("+", "-"):
            term = self.product()
            form = form + term if sign.kind == "+" else form - term
        return form

    def product(self) -> Form:
        if sign := self.accept("+", "-"):
            return self.product() if sign.kind == "+" else -self.product()
        start = self.token
        factor = self.number() if start.kind == "number" else Fraction(1)
        times = start.kind == "number" and self.accept("*")
        if self.token.kind == "word":
            return factor * self.quantity()
        if opening := self.accept(*BRACKETS):
            inner = self.sum()
            if not self.accept(BRACKETS[opening.kind]):
                self.fail(f'expected "+", "-" or "{BRACKETS[opening.kind]}"')
            return factor * inner
        if start.kind != "number" or times:
            self.fail("expected H(...), I(...), a number or a bracket")
        if factor:
            self.fail("only 0 stands alone: a number multiplies a quantity, as in 2 H(X)", start)
        return Form()

    def number(self) -> Fraction:
        value = Fraction(self.advance().text)
        if self.accept("/"):
            if self.token.kind != "number" or not Fraction(self.token.text):
                self.fail("expected a number other than 0")
            value /= Fraction(self.advance().text)
        return value

    def quantity(self) -> Form:
        start = self.index
        letter = self.advance()
        if any(token.kind == "->" for token in self.tokens):
            self.fail("a chain is a premise of its own, not part of an expression", letter)
        if letter.text not in ("H", "I"):
            self.fail(f'unknown quantity "{letter.text}": expected H(...) or I(...)', letter)
        opening = self.accept(*BRACKETS)
        if opening is None:
            self.fail(f'expected "(" after {letter.text}')
        parts = [self.group()]
        separator = self.token
        while self.accept(";"):
            parts.append(self.group())
        given = self.group() if self.accept("|") else ()
        closing = BRACKETS[opening.kind]
        if given and self.token.kind in (";", "|"):
            self.fail('after "|" variables are joined by commas, as in I(X;Y|Z,W)')
        if self.token.kind != closing:
            others = '","' if given else '",", ";", "|"'
            self.fail(f'expected {others} or "{closing}"')
        if letter.text == "H" and len(parts) > 1:
            names = [",".join(part) for part in parts]
            self.fail(
                f'H takes no ";": did you mean I({";".join(names)}) or H({",".join(names)})?', separator
            )
        if len(parts) > MOST_PARTS:
            self.fail(f"{len(parts)} parts: an information has at most {MOST_PARTS} here", separator)
        if letter.text == "I" and len(parts) == 1:
            self.fail('I needs two parts with ";" between them, as in I(X;Y)', separator)
        self.advance()
        if self.continuous:
            self.check_disjoint(self.tokens[start + 1 : self.index])
        return quantity(parts, given)

    def check_disjoint(self, tokens: Sequence[_Token]) -> None:
        seen: set[str] = set()
        for token in tokens:
            if token.text in seen:
                self.fail(
                    f"{token.text} stands in one quantity twice: what a continuous variable tells about "
                    "itself is infinite",
                    token,
                )
            if token.kind == "word":
                seen.add(token.text)

    def group(self) -> tuple[str, ...]:
        names = [self.variable()]
        while self.accept(","):
            names.append(self.variable())
        return tuple(names)

    def variable(self) -> str:
        word = self.accept("word")
        if word is None:
            self.fail("expected a variable")
        if self.known is not None and word.text not in self.known:
            self.fail(f'unknown variable "{word.text}": the variables are {", ".join(self.known)}', word)
        return word.text
