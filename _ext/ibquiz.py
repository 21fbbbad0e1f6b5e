"""The ``quiz`` directive: a question to pause at, checked in the page itself.

A quiz of type ``choice`` lists options, each with its explanation; one right option gives radio buttons,
several give check boxes::

    :::{quiz} Optional title
    Which quantity cannot be negative?

    - [x] $I(X;Y)$
      > It is a Kullback–Leibler divergence.
    - [ ] $h(X)$
      > A narrow density has a negative differential entropy.
    :::

A quiz of type ``number`` lists wrong answers that are worth an explanation.  Numbers are written out or are
keys of numbers glued on the page::

    :::{quiz}
    :type: number
    :answer: h_x
    :tolerance: 0.001
    :unit: bits
    How many bits is $H(X)$?

    - 0.368: This is the entropy in nats.
    - otherwise: Sum $-p \\log_2 p$ over the outcomes.
    :::

What a page shows without its script, and in print, is complete: the answers are folded below the question.
"""

import json
import math
import re
from pathlib import Path
from string import ascii_uppercase
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from myst_nb.core.variables import RetrievalError
from myst_nb.ext.glue.utils import retrieve_glue_data
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

ASSETS = Path(__file__).parent / "assets"
MARK = re.compile(r"\[([ xX])\]\s+")
KEY = re.compile(r"([^:]+):\s*")


# Builders other than HTML know only the base classes of these nodes and show an admonition with two lists.
class quiz(nodes.admonition):
    """The whole quiz; ``check`` is what the script must know."""


class quiz_part(nodes.container):
    """The question, or the group of options."""


class quiz_label(nodes.paragraph):
    """The text of an option, with its letter and its control, which is a radio or a checkbox."""


class quiz_answers(nodes.container):
    """The folded answers; ``unit`` is None where options are chosen."""


class quiz_summary(nodes.paragraph):
    """The heading of the answers."""


def opening(text: nodes.Element, pattern: re.Pattern[str]) -> str | None:
    """Take what the pattern matches off the start of a paragraph; None where it does not match."""
    first = text[0] if isinstance(text, nodes.paragraph) and len(text) else None
    match = pattern.match(first) if isinstance(first, nodes.Text) else None
    if match is None:
        return None
    text[0] = nodes.Text(first[match.end() :])
    return match[1].strip()


def answer(word: str, explanation: list[nodes.Node]) -> nodes.list_item:
    """An entry of the answers: a word in bold, then the explanation."""
    if not isinstance(explanation[0], nodes.paragraph):
        explanation = [nodes.paragraph(), *explanation]
    explanation[0][0:0] = [nodes.strong("", word), nodes.Text(" ")]
    return nodes.list_item("", *explanation)


class Quiz(SphinxDirective):
    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = dict.fromkeys(
        ("type", "answer", "tolerance", "unit"), directives.unchanged
    )

    def run(self) -> list[nodes.Node]:
        build = {"choice": self.choice, "number": self.number}.get(self.options.get("type", "choice"))
        if build is None:
            raise self.error(f"quiz: type is {self.options['type']!r}, expected choice or number")
        question = quiz_part(ids=[f"quiz-{self.env.new_serialno('quiz')}"], classes=["quiz-question"])
        self.state.nested_parse(self.content, self.content_offset, question)
        if len(question) < 2 or not isinstance(question[-1], nodes.bullet_list):
            raise self.error("quiz: expected a question and, after it, a list")
        items = question.pop().children
        title, messages = self.state.inline_text(
            self.arguments[0] if self.arguments else "Pause and check", self.lineno
        )
        node = quiz("", nodes.title("", "", *title), question, classes=["quiz"])
        self.set_source_info(node)
        build(node, items)
        return [node, *messages]

    def choice(self, node: quiz, items: list[nodes.list_item]) -> None:
        right, options, answers = [], [], []
        for index, item in enumerate(items):
            mark = opening(item[0], MARK) if len(item) else None
            words = item.astext().partition("\n")[0]
            if mark is None:
                raise self.error(f"quiz: option {words!r} does not start with [x] (right) or [ ] (wrong)")
            if [child for child in item if isinstance(child, nodes.block_quote)] != [item[-1]]:
                raise self.error(f"quiz: option {words!r} must end with its explanation, one quote (> why)")
            if mark:
                right.append(index)
            explanation = item.pop().children
            answers.append(answer("Right." if mark else "Wrong.", explanation))
            options.append(item)
        if len(options) < 2:
            raise self.error("quiz: one option only; give at least two")
        if not right:
            raise self.error("quiz: no option is marked as right with [x]")
        control = "radio" if len(right) == 1 else "checkbox"
        for letter, option in zip(ascii_uppercase, options, strict=False):
            option[0] = quiz_label("", "", *option[0].children, control=control, letter=letter)
        group = quiz_part(role="group", **{"aria-labelledby": node[1]["ids"][0]})
        group += nodes.enumerated_list("", *options, enumtype="upperalpha", prefix="", suffix=".")
        node["check"] = {"right": right}
        node += group
        several = "Answers" if len(right) > 1 else "Answer"
        listed = nodes.enumerated_list("", *answers, enumtype="upperalpha", prefix="", suffix=".")
        node += quiz_answers("", quiz_summary("", several), listed, unit=None)

    def number(self, node: quiz, items: list[nodes.list_item]) -> None:
        for name in ("answer", "tolerance", "unit"):
            if not self.options.get(name):
                raise self.error(f"quiz: a number needs :{name}:")
        unit = self.options["unit"]
        value, tolerance = self.value(self.options["answer"]), self.value(self.options["tolerance"])
        if not tolerance > 0:
            raise self.error(f"quiz: tolerance is {tolerance:g}, expected a number above 0")
        digits = max(0, math.ceil(-math.log10(tolerance)))

        def written(number: float) -> str:
            return f"{round(number, digits):.12g}" + (f" {unit}" if unit != "1" else "")

        within = nodes.paragraph("", f"{written(value)}, give or take {tolerance:g}.")
        wrong, answers = [], [answer("Right.", [within])]
        for item in items:
            words = item.astext()
            key = opening(item[0], KEY) if len(item) else None
            if key is None or not item.astext().strip():
                raise self.error(f"quiz: entry {words!r} is not of the form `value: explanation`")
            if (key == "otherwise") != (item is items[-1]):
                raise self.error("quiz: the list must end with `otherwise: explanation`")
            if key == "otherwise":
                answers.append(answer("Any other value.", item.children))
                continue
            wrong.append(self.value(key))
            if abs(wrong[-1] - value) <= tolerance:
                raise self.error(f"quiz: the wrong answer {key} is within the tolerance of the right one")
            answers.append(answer(f"{written(wrong[-1])}.", item.children))
        node["check"] = {"answer": value, "tolerance": tolerance, "unit": unit, "wrong": wrong}
        node += quiz_answers("", quiz_summary("", "Answer"), nodes.bullet_list("", *answers), unit=unit)

    def value(self, text: str) -> float:
        """A number as written, or the one glued under this key: cells ran before their page is parsed."""
        try:
            return float(text)
        except ValueError:
            pass
        try:
            shown = retrieve_glue_data(self.state.document, text).data["text/plain"]
            # NumPy shows its scalars as np.float64(0.5), a glued string has quotes.
            return float(re.sub(r"^np\.\w+\((.*)\)$", r"\1", shown).strip("'\""))
        except (RetrievalError, KeyError):
            raise self.error(f"quiz: {text!r} is neither a number nor glued on this page") from None
        except ValueError:
            raise self.error(f"quiz: {shown}, glued as {text!r}, is not a number") from None


# ---------------------------------------------------------------- HTML


def visit_quiz(self: Any, node: quiz) -> None:
    # Submitting a form of this method, outside a dialog, does nothing: the page stays without its script too.
    check = {"data-check": json.dumps(node["check"])}
    self.body.append(
        self.starttag(node, "form", CLASS="admonition", method="dialog", autocomplete="off", **check)
    )


def depart_quiz(self: Any, node: quiz) -> None:
    self.body.append("</form>\n")


def visit_part(self: Any, node: quiz_part) -> None:
    attributes = {name: node[name] for name in ("role", "aria-labelledby") if name in node}
    self.body.append(self.starttag(node, "div", **attributes))


def depart_part(self: Any, node: quiz_part) -> None:
    self.body.append("</div>\n")


def visit_label(self: Any, node: quiz_label) -> None:
    self.body.append(f'<label><input type="{node["control"]}" name="option"><b>{node["letter"]}</b><span>')


def depart_label(self: Any, node: quiz_label) -> None:
    self.body.append("</span></label>")


def visit_answers(self: Any, node: quiz_answers) -> None:
    self.body.append('<div class="quiz-entry">')
    if node["unit"] is not None:
        unit = "" if node["unit"] == "1" else f" in {self.encode(node['unit'])}"
        field = '<input type="text" inputmode="decimal" name="value" spellcheck="false">'
        self.body.append(f"<label>Your answer{unit} {field}</label>")
    self.body.append('<button>Check</button></div>\n<div class="quiz-verdict" aria-live="polite"></div>\n')
    self.body.append(self.starttag(node, "details", CLASS="quiz-answers"))


def depart_answers(self: Any, node: quiz_answers) -> None:
    self.body.append("</details>\n")


def visit_summary(self: Any, node: quiz_summary) -> None:
    self.body.append(f"<summary>Show {node.astext().lower()}</summary>\n")
    raise nodes.SkipNode


def provide_assets(app: Sphinx, config: Any) -> None:
    config.html_static_path += [str(ASSETS / "ibquiz.js"), str(ASSETS / "ibquiz.css")]


def link_assets(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    if doctree is not None and next(doctree.findall(quiz), None) is not None:
        app.add_js_file("ibquiz.js", loading_method="defer")
        app.add_css_file("ibquiz.css")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("quiz", Quiz)
    app.add_node(quiz, html=(visit_quiz, depart_quiz))
    app.add_node(quiz_part, html=(visit_part, depart_part))
    app.add_node(quiz_label, html=(visit_label, depart_label))
    app.add_node(quiz_answers, html=(visit_answers, depart_answers))
    app.add_node(quiz_summary, html=(visit_summary, None))
    app.connect("config-inited", provide_assets)
    app.connect("html-page-context", link_assets)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
