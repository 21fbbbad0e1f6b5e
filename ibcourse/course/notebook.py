r"""The notebook that a reader gets from a page of the book.

`export` serves the site's downloads and ``ibcourse lab`` alike.  The page is parsed as the book's build
parses it; only roles, directives, targets and comments are rewritten, and every other character stays as
written.

What becomes of what:

- ``{code-cell}``: a code cell without outputs, and without the lines that glue numbers, which need the book.
  Its tags stay, and those that hide fold the cell in JupyterLab; the caption of its figure follows as a
  Markdown cell.
- Headings and ``+++`` begin a new Markdown cell.
- Theorems and admonitions: quotes with a bold title; those that fold on the site fold here too.  Formulas in
  quotes stand on one line, since JupyterLab takes the quote marks of further lines into the formula.
- Solutions and the answers of a quiz: folded.  Between ``{solution-start}`` and ``{solution-end}`` code stays
  code: its cells and the words between them are folded one by one.
- Exercises, theorems, figures, tables and equations with a label carry the number of the site where
  ``resolve`` knows it, else they are counted on the page.
- Macros are written out: JupyterLab does not know them.
- Pictures in files do not travel; their descriptions do.
"""

import ast
import hashlib
import math
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from string import ascii_uppercase
from typing import Any, NoReturn

import nbformat
import yaml
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.field_list import fieldlist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin
from mdit_py_plugins.substitution import substitution_plugin

Resolve = Callable[[str, str], str | None]
InlineRule = Callable[[StateInline, bool], bool]

#: The macros of the course's formulas, as `_config.yml` gives them to the site.
MACROS = {
    "E": r"\mathbb{E}",
    "KL": r"D_{\mathrm{KL}}\!\left(#1\,\middle\|\,#2\right)",
}

THEOREMS = {
    "algorithm", "assumption", "axiom", "conjecture", "corollary", "criterion", "definition", "example",
    "lemma", "observation", "proof", "property", "proposition", "remark", "theorem",
}  # fmt: skip
ADMONITIONS = {
    "attention", "caution", "danger", "error", "hint", "important", "note", "seealso", "tip", "warning",
}  # fmt: skip
TITLED = {"admonition", "card", "dropdown", "margin", "sidebar", "tab-item", "topic"}
BARE = {"container", "div", "epigraph", "grid", "tab-set"}
DROPPED = {
    "bibliography", "contents", "exercise-end", "index", "only", "raw", "tableofcontents", "toctree",
}  # fmt: skip
CLAIMS = {"source", "erratum"}
CODE_ROLES = {"attr", "class", "code", "const", "data", "exc", "func", "literal", "meth", "mod", "obj"}
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
FOLDED_SOURCE = {"hide-input", "remove-input", "hide-cell", "remove-cell"}
FOLDED_OUTPUT = {"hide-output", "remove-output", "hide-cell", "remove-cell"}


class ExportError(ValueError):
    """A page holds something that has no form in a notebook; the message names it and its line."""


def export(
    text: str, *, glued: Mapping[str, str] | None = None, resolve: Resolve | None = None
) -> nbformat.NotebookNode:
    """Turn the MyST source of a page into the notebook that a reader gets.

    A cell's id is made from its own source, so that an edit leaves the ids of all other cells as they were.

    Parameters
    ----------
    text : str
        The page, with its front matter.
    glued : mapping of str to str, optional
        The text of each glued number of the page.  Without it, as in the labs that a student opens before any
        cell has run, three dots stand in their place; an empty mapping refuses them.
    resolve : callable, optional
        ``resolve(role, target)`` gives the words for a reference, or None where it knows none:
        ``"Theorem 2.1"`` for ``("prf:ref", "gibbs")``, ``"(2.3)"`` for ``("eq", ...)``, ``"Figure 2.1"`` for
        ``("numref", ...)``, a title for ``("doc", ...)``, ``"Shannon [1948]"`` for ``("cite:t", ...)``.
        What it does not know is looked up on the page itself.

    Returns
    -------
    nbformat.NotebookNode
        A valid notebook of format 4.5 without outputs.

    Raises
    ------
    ExportError
        For an unknown role or directive, a glued number that is not given, or a reference without words; the
        message names it and its line.

    Examples
    --------
    >>> notebook = export("# Entropy\\n\\nOf a fair coin: {glue:text}`h` bits.", glued={"h": "1.000"})
    >>> print(notebook.cells[0].source)
    # Entropy
    <BLANKLINE>
    Of a fair coin: 1.000 bits.
    """
    words: dict[str, str] = {}
    # references may point forward: the first reading learns what every label is called
    _Page(glued, resolve, words, draft=True).cells(text)
    page = _Page(glued, resolve, words)
    cells = page.cells(text)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    kernel |= page.front_matter.get("kernelspec", {})
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    nbformat.validate(notebook)
    return notebook


# ------------------------------------------------------------------------------------------------------------
# Parsing


@dataclass
class _Span:
    """Where an inline construct stands in the text of its paragraph, which markdown-it does not say."""

    rule: str
    start: int
    end: int
    label_end: int  # of links and spans: the closing bracket
    token: Token


@cache
def _parser(*, front_matter: bool = False) -> MarkdownIt:
    """The syntax that `_config.yml` gives the book; inline texts are left to `_spans`."""
    md = MarkdownIt("commonmark").enable("table")
    md.use(myst_block_plugin).use(myst_role_plugin).use(footnote_plugin).use(colon_fence_plugin)
    md.use(amsmath_plugin).use(deflist_plugin).use(fieldlist_plugin).use(substitution_plugin)
    md.use(dollarmath_plugin, double_inline=True)
    md.use(attrs_plugin, spans=True, span_after="footnote_ref")
    if front_matter:
        md.use(front_matter_plugin)
    md.disable(["footnote_inline", "footnote_tail", "inline"])
    tokens = {
        "myst_role": "myst_role",
        "math_inline": "math",
        "substitution_inline": "substitution_inline",
        "link": "link_open",
        "image": "image",
        "attr": "",
        "span": "span_open",
    }
    rules = {rule.name: rule.fn for rule in md.inline.ruler.__rules__}
    for name, kind in tokens.items():
        md.inline.ruler.at(name, _recorded(name, kind, rules[name]))
    return md


def _recorded(name: str, kind: str, rule: InlineRule) -> InlineRule:
    """A parser's rule that also notes where it matched."""

    def run(state: StateInline, silent: bool) -> bool:
        start, before = state.pos, len(state.tokens)
        label_end = state.md.helpers.parseLinkLabel(state, start) if name in ("link", "span") else -1
        matched = rule(state, silent)
        # the description of an image is parsed by itself, with positions of its own
        if matched and not silent and state.src is state.env["content"]:
            new = [token for token in state.tokens[before:] if token.type.startswith(kind)]
            token = new[0] if name in ("link", "span") else state.tokens[-1]
            state.env["spans"].append(_Span(name, start, state.pos, label_end, token))
        return matched

    return run


def _spans(content: str, env: dict[str, Any]) -> list[_Span]:
    env |= {"content": content, "spans": []}
    _parser().inline.parse(content, _parser(), env, [])
    return env["spans"]


def _directive_name(token: Token) -> tuple[str, str]:
    """Name and argument of a directive; empty strings for anything else."""
    found = token.type in ("fence", "colon_fence") and re.match(r"\{([^}\s]+)\}\s*(.*)", token.info.strip())
    return (found[1], found[2].strip()) if found else ("", "")


def _options(content: str, line: int) -> tuple[dict[str, Any], str, int]:
    """Split the content of the directive on a line into options, body and the body's first line."""
    lines = content.split("\n")
    options: dict[str, Any] = {}
    used = 0
    if lines[0].startswith("---"):
        closing = (i for i, text in enumerate(lines) if i and text.startswith("---"))
        used = next(closing, len(lines)) + 1
        try:
            options = yaml.safe_load("\n".join(lines[1 : used - 1])) or {}
        except yaml.YAMLError as error:
            raise ExportError(f"line {line + 1}: the options of the block are not YAML: {error}") from error
    else:
        while used < len(lines) and (option := re.fullmatch(r"\s*:([\w-]+):(?:\s+(.*?))?\s*", lines[used])):
            options[option[1]] = re.sub(r"^(['\"])(.*)\1$", r"\2", option[2] or "")
            used += 1
    return options, "\n".join(lines[used:]), line + 1 + used


# ------------------------------------------------------------------------------------------------------------
# Pieces of Markdown


def _quote(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in text.strip().split("\n"))


def _titled(title: str, text: str) -> str:
    """A bold title and a text, on the title's line unless it begins with a list, a formula or the like."""
    block = re.match(r"[-+*] |\d+[.)] |[>#|<]|```|\$\$|\\begin|!\[", text)
    return f"**{title}**{'' if not text else chr(10) * 2 if block else ' '}{text}"


def _folded(summary: str, text: str) -> str:
    return f"<details>\n<summary>{summary}</summary>\n\n{text.strip()}\n\n</details>"


def _argument(tex: str, position: int) -> tuple[str, int]:
    """The TeX argument that begins at a position, without its braces, and where it ends."""
    token = re.compile(r"\s*(\\[A-Za-z]+|\\.|[^\s])", re.DOTALL)
    found = token.match(tex, position)
    if not found:
        return "", position
    if found[1] != "{":
        return found[1], found.end()
    begin, position, depth = found.end(), found.end(), 1
    while depth and (found := token.match(tex, position)):
        depth += {"{": 1, "}": -1}.get(found[1], 0)
        position = found.end()
    return tex[begin : position - 1], position


def _expand(tex: str) -> str:
    """Write out the macros of the course."""
    macro = re.compile(rf"(?<!\\)((?:\\\\)*)\\({'|'.join(MACROS)})(?![A-Za-z])")
    while found := macro.search(tex):
        body, end = MACROS[found[2]], found.end()
        arguments = []
        for _ in range(max(map(int, re.findall(r"#(\d)", body)), default=0)):
            argument, end = _argument(tex, end)
            arguments.append(argument)
        body = re.sub(r"#(\d)", lambda number: arguments[int(number[1]) - 1], body)  # noqa: B023  called at once
        space = " " if re.search(r"\\[A-Za-z]+$", body) and tex[end : end + 1].isalpha() else ""
        tex = tex[: found.start()] + found[1] + body + space + tex[end:]
    return tex


def _typeset(tex: str) -> str:
    """A displayed formula with its macros written out, split into lines as Sphinx does."""
    tex = _expand(tex)
    if r"\\" in tex and r"\begin" not in tex:
        tex = f"\\begin{{split}}\n{tex.strip()}\n\\end{{split}}"
    return tex


def _one_line(tex: str) -> str:
    return " ".join(re.sub(r"(?<!\\)%.*", "", line).strip() for line in tex.strip().split("\n"))


# ------------------------------------------------------------------------------------------------------------
# The page


class _Page:
    """One reading of a page: what it has counted and learnt so far."""

    def __init__(
        self,
        glued: Mapping[str, str] | None,
        resolve: Resolve | None,
        words: dict[str, str],
        draft: bool = False,
    ) -> None:
        self.glued = glued
        self.resolve = resolve or (lambda role, target: None)
        self.words = words  # what a reference to a label of this page says
        self.draft = draft
        self.counts: dict[str, int] = {}
        self.targets: list[str] = []  # ``(label)=`` lines that wait for the block they name
        self.front_matter: dict[str, Any] = {}

    # ---- cells

    def cells(self, text: str) -> list[nbformat.NotebookNode]:
        lines = text.split("\n")
        cells: list[nbformat.NotebookNode] = []
        taken: set[str] = set()
        solution = ""  # the summary of the solution that is open
        start = 0

        def add(kind: str, source: str, origin: str, metadata: dict[str, Any] | None = None) -> None:
            copy = 0
            while (cell_id := hashlib.sha256(f"{kind} {copy} {origin}".encode()).hexdigest()[:12]) in taken:
                copy += 1
            taken.add(cell_id)
            new_cell = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
            cells.append(new_cell(source, id=cell_id, metadata=metadata or {}))

        def flush(end: int) -> None:
            nonlocal solution
            origin = "\n".join(lines[start:end]).strip()
            source = self.convert("\n".join(lines[start:end]), start).strip()
            if source and solution:
                source = _folded(solution, source)
                solution = f"{solution.removesuffix(', continued')}, continued"
            if source:
                add("markdown", source, origin)

        for token in _parser(front_matter=True).parse(text):
            if token.level or token.nesting < 0 or not token.map:
                continue
            name, argument = _directive_name(token)
            first, after = token.map
            if token.type == "heading_open":
                if not solution:
                    flush(first)
                    start = first
                continue
            breaks = token.type in ("front_matter", "myst_block_break")
            if not breaks and name not in ("code-cell", "solution-start", "solution-end"):
                continue
            flush(first)
            start = after
            if token.type == "front_matter":
                self.front_matter = yaml.safe_load(token.content) or {}
            elif name == "code-cell":
                options, body, _ = _options(token.content, first)
                body = self.without_glue(body.strip("\n"), first)
                if not body:
                    continue
                metadata = self.cell_metadata(options)
                if solution:
                    metadata["jupyter"] = metadata.get("jupyter", {}) | {"source_hidden": True}
                add("code", body, body, metadata)
                figure = (options.get("mystnb") or {}).get("figure") or {}
                if "caption" in figure:
                    caption = self.convert(figure["caption"].strip(), first)
                    caption = self.captioned("Figure", [figure.get("name"), *self.targets], caption)
                    add("markdown", caption, figure["caption"])
                self.targets = []
            elif name == "solution-start":
                solution = f"Solution to {self.reference('ref', argument, first)}"
            elif name == "solution-end":
                solution = ""
        flush(len(lines))
        if solution:
            self.fail(len(lines) - 1, "a {solution-start} has no {solution-end}")
        return cells

    def without_glue(self, code: str, line: int) -> str:
        """A cell without the lines that import and call `glue`: they need the book's packages."""
        if "myst_nb" not in code and "glue(" not in code:
            return code
        lines = code.split("\n")
        statements = [
            node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ImportFrom | ast.Expr)
        ]
        for statement in sorted(statements, key=lambda node: -node.lineno):
            imported = isinstance(statement, ast.ImportFrom) and statement.module == "myst_nb"
            call = statement.value if isinstance(statement, ast.Expr) else None
            if imported or (isinstance(call, ast.Call) and ast.unparse(call.func) == "glue"):
                indent = " " * statement.col_offset  # a loop keeps a body
                lines[statement.lineno - 1 : statement.end_lineno] = [f"{indent}pass"] if indent else []
        rest = "\n".join(lines).strip("\n")
        if "myst_nb" in rest:
            self.fail(line, "a cell uses myst_nb, which readers do not have, for more than gluing")
        return rest

    @staticmethod
    def cell_metadata(options: dict[str, Any]) -> dict[str, Any]:
        tags = options.get("tags") or []
        if isinstance(tags, str):
            tags = yaml.safe_load(tags)
        metadata: dict[str, Any] = {"tags": list(tags)} if tags else {}
        folds = {"source_hidden": FOLDED_SOURCE, "outputs_hidden": FOLDED_OUTPUT}
        if folded := {key: True for key, names in folds.items() if names & set(tags)}:
            metadata["jupyter"] = folded
        return metadata

    # ---- blocks

    def convert(self, text: str, line: int, *, quoted: bool = False) -> str:
        """Rewrite a piece of the page, whose first line is the given one, as plain Markdown."""
        lines = text.split("\n")
        begins = [0]
        for source in lines:
            begins.append(begins[-1] + len(source) + 1)
        edits: list[tuple[int, int, str]] = []
        searched = [0] * (len(lines) + 1)  # per line: up to where inline texts have been found
        env: dict[str, Any] = {}
        quotes = int(quoted)
        heading_targets: list[str] = []
        for token in _parser().parse(text, env):
            quotes += token.nesting * (token.type in ("blockquote_open", "blockquote_close"))
            if not token.map or token.nesting < 0:
                continue
            first, after = token.map
            if token.type == "inline":
                edits += self.inline_edits(token, line, lines, begins, searched, env, flat=bool(quotes))
                if heading_targets:
                    self.words |= dict.fromkeys(heading_targets, self.inline(token.content, line + first))
                    heading_targets = []
                continue
            if token.type == "myst_target":
                self.targets.append(token.content)
            elif token.type == "heading_open":
                heading_targets, self.targets = self.targets, []
            if token.type == "dt_open":
                edits.append((begins[first], begins[first], "- **"))
                edits.append((begins[first + 1] - 1, begins[first + 1] - 1, "**:"))
            elif token.type == "dd_open":
                mark = begins[first] + re.match(r"\s*", lines[first]).end()  # type: ignore[union-attr]
                edits.append((mark, mark + 1, " "))
            else:
                replacement = self.block(token, line, flat=bool(quotes))
                if replacement is not None:
                    if token.type == "amsmath":  # the parser's end leaves out the last line
                        after = first + token.content.count("\n") + 1
                    end = min(begins[after], len(text))
                    edits.append((begins[first], end, self.placed(token, replacement, lines)))
        for start, end, replacement in sorted(edits, reverse=True):
            text = text[:start] + replacement + text[end:]
        return text

    @staticmethod
    def placed(token: Token, replacement: str, lines: Sequence[str]) -> str:
        """A block's new text with the quote marks and the indentation of the place where the block stood."""
        assert token.map is not None
        first, after = token.map
        prefix = ""
        if token.level:
            mark = {"myst_target": "(", "amsmath": "\\begin", "substitution_block": "{{"}
            prefix = lines[first][: lines[first].index(mark.get(token.type, token.markup))]
        rest = re.sub(r"[^>\s]", " ", prefix)
        begins = [prefix, *[rest] * replacement.count("\n")]
        parts = zip(begins, replacement.split("\n"), strict=True)
        new = [begin + part if part else begin.rstrip() for begin, part in parts]
        # a paragraph right above or below would flow into the new text
        if first and not prefix.strip("> ") and lines[first - 1].strip("> "):
            new.insert(0, rest.rstrip())
        if after < len(lines) and lines[after].strip("> "):
            new.append(rest.rstrip())
        return "\n".join(new) + "\n"

    def block(self, token: Token, line: int, *, flat: bool) -> str | None:
        """What replaces a block of the page; None where it stays."""
        assert token.map is not None
        first = line + token.map[0]
        targets = self.targets
        if token.type not in ("myst_target", "myst_line_comment"):
            self.targets = []
        match token.type:
            case "myst_target" | "myst_line_comment" | "myst_block_break" | "front_matter":
                return ""
            case "math_block" | "math_block_label":
                labels = [token.info, *targets] if token.info else targets
                unchanged = not labels and not flat and _typeset(token.content) == token.content
                return None if unchanged else self.display(token.content, labels, flat)
            case "amsmath":
                tex = _expand(token.content)
                return _one_line(tex) if flat else tex.strip()
            case "substitution_block":
                self.fail(first, f"the substitution {{{{{token.content}}}}} has no form in a notebook")
            case "fence" | "colon_fence":
                name, argument = _directive_name(token)
                if name:
                    return self.directive(name, argument, token.content, targets, first, flat).strip("\n")
                if token.type == "colon_fence":
                    self.fail(first, f"':::{token.info}' is not a directive: expected :::{{name}}")
        return None

    def display(self, tex: str, labels: Sequence[str], flat: bool) -> str:
        r"""A displayed formula; with a label it carries its number as a ``\tag``."""
        new = _typeset(tex)
        if labels:
            new = rf"{new.strip()} \tag{{{self.number('Equation', labels, 'eq').strip('()')}}}"
        return f"$${_one_line(new)}$$" if flat else f"$$\n{new.strip()}\n$$"

    # ---- inline texts

    def inline_edits(
        self,
        token: Token,
        line: int,
        lines: Sequence[str],
        begins: Sequence[int],
        searched: list[int],
        env: dict[str, Any],
        *,
        flat: bool,
    ) -> list[tuple[int, int, str]]:
        """The edits of a paragraph, heading or table cell, as places in the text around it.

        The parser gives the paragraph without the marks of the lists and quotes that hold it, so each of its
        lines is looked up in the line of the page.
        """
        assert token.map is not None
        content, first = token.content, token.map[0]
        places: list[tuple[int, bool]] = []  # of each line: where it begins, and whether its bars are escaped
        for row, part in enumerate(content.split("\n"), first):
            column = lines[row].find(part, searched[row])
            escaped = column < 0  # a table's cell is given without the backslashes of its bars
            if escaped:
                part = part.replace("|", r"\|")
                column = lines[row].find(part, searched[row])
            places.append((column, escaped))
            searched[row] = max(searched[row], column + len(part))

        def place(position: int) -> int:
            row = content.count("\n", 0, position)
            before = content[content.rfind("\n", 0, position) + 1 : position]
            column, escaped = places[row]
            if column < 0:
                self.fail(
                    line + first + row, f"a role or formula is not found where it was read: {content!r}"
                )
            return begins[first + row] + column + len(before) + (before.count("|") if escaped else 0)

        edits = []
        for span in _spans(content, env):
            row = content.count("\n", 0, span.start)
            for start, end, new in self.edits_of(span, content, line + first + row, flat):
                edits.append((place(start), place(end), new.replace("|", r"\|") if places[row][1] else new))
        return edits

    def edits_of(self, span: _Span, content: str, line: int, flat: bool) -> Iterable[tuple[int, int, str]]:
        token, start, end = span.token, span.start, span.end
        match span.rule:
            case "myst_role":
                new = self.role(token.meta["name"], token.content, line)
                while not new and start and content[start - 1] == " ":
                    start -= 1
                yield start, end, new
            case "math_inline":
                new = _expand(token.content)
                new = " ".join(new.split("\n")) if flat else new
                if new != token.content:
                    yield start, end, f"{token.markup}{new}{token.markup}"
            case "substitution_inline":
                self.fail(line, f"the substitution {{{{{token.content}}}}} has no form in a notebook")
            case "attr":
                yield start, end, ""
            case "span":
                yield start, start + 1, ""
                yield span.label_end, end, ""
            case "image":
                if any(child.type == "myst_role" for child in token.children or []):
                    self.fail(line, "the description of a picture holds a role")
                if not re.match(r"https?:", str(token.attrs["src"])):
                    yield start, end, f"*(picture: {self.inline(token.content, line)})*"
            case "link":
                target = str(token.attrs["href"])
                if re.match(r"[a-z][a-z+.-]*:", target):
                    return
                if span.label_end == start + 1:  # MyST: [](#label)
                    role = "ref" if target.startswith("#") else "doc"
                    yield start, end, self.reference(role, target.lstrip("#"), line)
                else:
                    yield start, start + 1, ""
                    yield span.label_end, end, ""

    def inline(self, text: str, line: int) -> str:
        return self.convert(text, line, quoted=True).strip()

    # ---- labels

    def number(self, kind: str, labels: Sequence[str | None], role: str) -> str:
        """What a labelled thing is called, by the site or by counting; without a label, its kind."""
        names = [label for label in labels if label]
        if not names:
            return kind
        self.counts[kind] = self.counts.get(kind, 0) + 1
        counted = f"({self.counts[kind]})" if role == "eq" else f"{kind} {self.counts[kind]}"
        words = next(filter(None, (self.resolve(role, name) for name in names)), counted)
        self.words |= dict.fromkeys(names, words)
        return words

    def reference(self, role: str, target: str, line: int) -> str:
        words = self.resolve(role, target) or self.words.get(target)
        if words is None and not self.draft:
            self.fail(
                line,
                f"the reference ({role}) to '{target}' has no words: it is not on this page, and the caller "
                f"knows none. Write {{{role}}}`words <{target}>`, [words]({target}) or plain text",
            )
        return words or ""

    def captioned(self, kind: str, labels: Sequence[str | None], caption: str) -> str:
        return _titled(f"{self.number(kind, labels, 'numref')}.", caption.strip())

    def fail(self, line: int, message: str) -> NoReturn:
        raise ExportError(f"line {line + 1}: {message}.")

    # ---- roles

    def role(self, name: str, content: str, line: int) -> str:
        titled = re.fullmatch(r"(.+?)\s*<([^<>]+)>", content, re.DOTALL)
        title, target = (titled[1], titled[2]) if titled else ("", content)
        if name in CLAIMS:
            return ""
        if name.removeprefix("py:") in CODE_ROLES:
            return f"`{title or (target.rpartition('.')[2] if target.startswith('~') else target)}`"
        match name:
            case "math":
                return f"${_expand(content)}$"
            case "glue" | "glue:any" | "glue:text" | "glue:md":
                return self.glue(content, line)
            case "numref" if title:
                number = self.reference(name, target, line).rpartition(" ")[2]
                return title.replace("%s", number).replace("{number}", number)
            case "ref" | "doc" | "numref" | "eq" | "prf:ref":
                return title or self.reference(name, target, line)
            case "cite" | "cite:t" | "cite:p" | "cite:ts" | "cite:ps":
                return ", ".join(self.reference(name, key.strip(), line) for key in content.split(","))
            case "term":
                return title or target
            case "index":
                return title or target.removeprefix("!")
            case "abbr":
                return content
            case "kbd" | "sub" | "sup":
                return f"<{name}>{content}</{name}>"
        self.fail(line, f"the role {{{name}}} has no form in a notebook: `{content}`")

    def glue(self, content: str, line: int) -> str:
        """A glued number as text: ``key``, or ``key:format``; dots where no numbers are known."""
        if self.glued is None:
            return "…"
        key, _, spec = (content, "", "") if content in self.glued else content.rpartition(":")
        if key not in self.glued:
            given = ", ".join(sorted(self.glued)) or "none"
            self.fail(line, f"the glued number '{content}' is not given; given are: {given}")
        # a glued string has quotes, and NumPy shows its scalars as np.float64(0.5)
        text = re.sub(r"^np\.\w+\((.*)\)$", r"\1", str(self.glued[key])).strip("'\"")
        return format(float(text), spec) if spec else text

    # ---- directives

    def directive(
        self, name: str, argument: str, content: str, targets: list[str], line: int, flat: bool
    ) -> str:
        options, body, below = _options(content, line)
        label = options.get("label") or options.get("name")
        labels = [str(label), *targets] if label else targets

        def text(quoted: bool = flat) -> str:
            return self.convert(body, below, quoted=quoted).strip("\n")

        kind = name.removeprefix("prf:")
        if name.startswith("prf:") and kind in THEOREMS:
            title = self.number(kind.capitalize(), labels, "prf:ref")
            title += f" ({self.inline(argument, line)})." if argument else "."
            return _quote(_titled(title, text(True)))
        if name in ADMONITIONS:
            title = {"seealso": "See also"}.get(name, name.capitalize())
            inside = text(True)
            if argument:  # these take no title: the words beside the name are the first of the text
                inside = f"{self.inline(argument, line)}\n\n{inside}".strip()
            return _quote(f"**{title}**\n\n{inside}")
        folds = name == "dropdown" or "dropdown" in str(options.get("class", "")).split()
        if name in TITLED and argument and folds:
            return _folded(self.inline(argument, line), text())
        if name in TITLED or name == "grid-item-card":
            return _quote((f"**{self.inline(argument, line)}**\n\n" if argument else "") + text(True))
        if name in BARE:
            return text()
        if name in DROPPED:
            return ""
        match name:
            case "exercise" | "exercise-start":
                title = self.number("Exercise", labels, "ref")
                title += f" ({self.inline(argument, line)})" if argument else ""
                return f"#### {title}\n\n{text()}"
            case "solution":
                return _folded(f"Solution to {self.reference('ref', argument, line)}", text())
            case "quiz":
                return self.quiz(argument, options, text(), line)
            case "math":
                return self.display(f"{argument}\n{body}", labels, flat)
            case "figure" | "image":
                alt = options.get("alt", "")
                remote = re.match(r"https?:", argument)
                picture = f"![{alt}]({argument})" if remote else f"*(picture: {alt.rstrip('.')})*"
                if name == "image":
                    return picture
                return f"{picture}\n\n{self.captioned('Figure', labels, text())}"
            case "table" | "list-table":
                header = bool(int(options.get("header-rows") or 0))
                table = text() if name == "table" else self.list_table(text(), header, line)
                if not argument:
                    return table
                return f"{self.captioned('Table', labels, self.inline(argument, line))}\n\n{table}"
            case "glossary":
                return self.glossary(body, below)
            case "code-block" | "code" | "sourcecode":
                fence = "`" * max([3, *(len(run) + 1 for run in re.findall(r"`{3,}", body))])
                return f"{fence}{argument}\n{body.strip(chr(10))}\n{fence}"
            case "rubric":
                return f"**{self.inline(argument, line)}**"
            case "glue" | "glue:any" | "glue:text" | "glue:md":
                return self.glue(argument, line)
            case "glue:math":
                return self.display(self.glue(argument, line), labels, flat)
            case "glue:figure":
                return _quote(_titled("Figure.", f"{text(True)} *(The code above draws it.)*".strip()))
            case "code-cell":
                self.fail(line, "a code cell stands inside a block; use {solution-start} and {solution-end}")
            case "solution-start" | "solution-end":
                self.fail(line, f"{{{name}}} stands inside another block")
        self.fail(line, f"the directive {{{name}}} has no form in a notebook")

    def quiz(self, title: str, options: dict[str, Any], body: str, line: int) -> str:
        """A question, with its answer and all explanations folded."""
        question, items, rest = _last_list(body)
        if not question or not items or rest:
            self.fail(line, "the quiz is not a question and, after it, a list")
        match options.get("type", "choice"):
            case "choice":
                shown, answers = self.choice(items, line)
                question = f"{question}\n\n{shown}"
            case "number":
                answers = self.numbers(options, items, line)
            case other:
                self.fail(line, f"the quiz has type {other!r}; expected choice or number")
        heading = self.inline(title, line) if title else "Pause and check"
        return f"**{heading}**\n\n{question}\n\n{_folded('Answer', answers)}"

    def choice(self, items: list[str], line: int) -> tuple[str, str]:
        options, answers, right = [], [], 0
        for letter, item in zip(ascii_uppercase, items, strict=False):
            mark = re.match(r"\[([ xX])\]\s+", item)
            if not mark:
                self.fail(line, f"option {letter} of the quiz begins with neither [x] nor [ ]: {item!r}")
            right += mark[1] != " "
            option, _, why = item[mark.end() :].partition("\n>")
            why = re.sub(r"^>? ?", "", why, flags=re.MULTILINE)
            verdict = "Wrong." if mark[1] == " " else "Right."
            options.append(_item("- ", f"**{letter}.** {option.strip()}"))
            answers.append(_item("- ", f"**{letter}. {verdict}** {why}".strip()))
        if not right:
            self.fail(line, "the quiz has no right option; mark it with [x]")
        if right > 1:
            options.insert(0, "More than one is right.\n")
        return "\n".join(options), "\n".join(answers)

    def numbers(self, options: dict[str, Any], items: list[str], line: int) -> str:
        if missing := [name for name in ("answer", "tolerance", "unit") if not options.get(name)]:
            self.fail(line, f"the quiz asks for a number and has no :{missing[0]}:")
        tolerance = self.value(options["tolerance"], line)
        digits = max(0, math.ceil(-math.log10(tolerance)))
        unit = "" if options["unit"] == "1" else f" {options['unit']}"

        def written(key: str) -> str:
            return f"{round(self.value(key, line), digits):.12g}{unit}"

        answers = [f"- **{written(options['answer'])}**, give or take {tolerance:g}."]
        for item in items:
            key, colon, why = item.partition(":")
            if not colon:
                self.fail(line, f"the quiz's entry {item!r} is not of the form `value: explanation`")
            wrong = "Any other value" if key == "otherwise" else written(key)
            answers.append(_item("- ", f"**{wrong}.** {why.strip()}"))
        return "\n".join(answers)

    def value(self, key: str, line: int) -> float:
        """A number as it is written, or the one glued under this key."""
        return float(key if re.fullmatch(NUMBER, key) else self.glue(key, line))

    def list_table(self, body: str, header: bool, line: int) -> str:
        rows = [_last_list(row)[1] for row in _last_list(body)[1]]
        if not rows or len({len(row) for row in rows}) != 1:
            self.fail(line, "the rows of the {list-table} have different lengths, or there are none")
        cells = [[" ".join(cell.split()).replace("|", r"\|") for cell in row] for row in rows]
        if not header:
            cells.insert(0, [""] * len(cells[0]))
        cells.insert(1, ["---"] * len(cells[0]))
        return "\n".join(f"| {' | '.join(row)} |" for row in cells)

    def glossary(self, body: str, line: int) -> str:
        """Terms at the margin, definitions indented below them."""
        items: list[str] = []
        lines = body.split("\n")
        i = 0
        while i < len(lines):
            begin = i
            while i < len(lines) and (not lines[i].strip() or not lines[i].startswith(" ")):
                i += 1
            terms = [self.inline(term, line + begin) for term in lines[begin:i] if term.strip()]
            begin = i
            while i < len(lines) and (not lines[i].strip() or lines[i].startswith(" ")):
                i += 1
            definition = self.convert(textwrap.dedent("\n".join(lines[begin:i])).strip(), line + begin)
            if terms:
                items.append(_item("- ", f"**{', '.join(terms)}**: {definition}".strip()))
        return "\n".join(items)


def _item(mark: str, text: str) -> str:
    return mark + text.replace("\n", "\n" + " " * len(mark))


def _last_list(text: str) -> tuple[str, list[str], str]:
    """A Markdown text's last bullet list: the text above it, its items, and the text below it."""
    lines = text.split("\n")
    tokens = _parser().parse(text)
    begin, end = next(
        (
            token.map
            for token in reversed(tokens)
            if token.type == "bullet_list_open" and not token.level and token.map
        ),
        (len(lines), len(lines)),
    )
    items = []
    for token in tokens:
        if token.type == "list_item_open" and token.level == 1 and token.map and begin <= token.map[0] < end:
            first, *others = lines[token.map[0] : token.map[1]]
            first = re.sub(r"\s*[-*+]\s*", "", first, count=1)
            items.append(f"{first}\n{textwrap.dedent(chr(10).join(others))}".strip())
    return "\n".join(lines[:begin]).strip(), items, "\n".join(lines[end:]).strip()
