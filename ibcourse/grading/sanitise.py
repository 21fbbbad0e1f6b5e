r"""A student's notebook made harmless to look at.

formgrader shows a student's work in the instructor's browser, with the instructor's rights; nbconvert passes
HTML in Markdown on as it is, allows ``javascript:`` links, and gives headings ids by which a student could
redirect formgrader's own buttons.  Outputs are rebuilt from the few kinds that cannot act, and text loses,
by a space or an invisible character, what would make it more than text.
"""

import base64
import re
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

IMAGES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}  # and how each begins
MARKDOWN = 20_000  # characters of a student's Markdown cell that are shown
NOT_SHOWN = "(an output that may hold active content is not shown)"
# Tags without attributes that the course's own cells may hold; they cannot act.
_PLAIN_TAGS = "|".join(f"{tag}>|/{tag}>" for tag in ("details", "summary", "b", "i", "br", "sub", "sup"))
# They would change links or classes, load parts of MathJax, or redefine macros for the whole page.
_MACROS = (
    "href|class|cssId|style|require|unicode|bbox|mmlToken|toggle|action|texttip|tooltip|mathtip"
    "|def|gdef|edef|xdef|let|newcommand|renewcommand|providecommand|newenvironment|renewenvironment"
    "|DeclareMathOperator|Newextarrow"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ufeff]")
_ANSI = re.compile(r"[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]")  # the escape of colours stays


def sanitise(notebook: NotebookNode) -> NotebookNode:
    """Take from a notebook all that could act when it is shown; code, plots, text and formulas stay.

    Markdown keeps its emphasis, lists, tables, code and formulas.  HTML tags, links, pictures, headings of
    the student's and macros that reach beyond their formula become text that shows what was written.  Of
    outputs, streams, errors, plain text, LaTeX, PNG and JPEG stay.  Attachments, widget states and metadata
    go, but nbgrader's and the course's.  Sanitising twice is sanitising once.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        In format 4; its own cells are marked as locked by nbgrader's metadata, which `precheck` restores.

    Returns
    -------
    nbformat.NotebookNode
        A new notebook.

    Examples
    --------
    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> sanitise(new_notebook(cells=[new_markdown_cell("*a* <script>")])).cells[0].source
    '*a* < script>'
    """
    about = notebook.get("metadata", {})
    kept = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    metadata: dict[str, Any] = kept | {"language_info": {"name": "python"}}
    if "ibcourse" in about:
        metadata["ibcourse"] = about["ibcourse"]
    return NotebookNode(
        cells=[_cell(cell, f"cell-{number}") for number, cell in enumerate(notebook.cells)],
        metadata=NotebookNode(metadata),
        nbformat=4,
        nbformat_minor=5,
    )


def inert(text: str, locked: bool = False) -> str:
    r"""Markdown without what is more than text, emphasis, lists, tables, code and formulas.

    Parameters
    ----------
    text : str
        Markdown as nbconvert understands it.
    locked : bool
        Whether it is the course's own: it keeps headings, links to pages, and a few tags without attributes.

    Examples
    --------
    >>> inert("[x](javascript:alert) and $a<b$")
    '[x] (javascript:alert) and $a< b$'
    """
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2424", "\n"))
    tags = f"(?!{_PLAIN_TAGS})" if locked else ""
    text = re.sub(rf"<(?=[A-Za-z/!?]){tags}", "< ", text)
    text = re.sub(r"!(?=\[)", "! ", text)
    pages = r"(?!\(https?://[\w./#%?=&-]*\))" if locked else ""
    text = re.sub(rf"\](?=[(:\[]){pages}", "] ", text)
    text = re.sub(rf"\\(?=(?:{_MACROS})(?![A-Za-z]))", r"\\ ", text)
    if not locked:
        # a heading's text becomes its id; a list or a quote may stand before it
        text = re.sub(r"^([ \t>*+.)\d-]*)(?=#)", "\\1\u200b", text, flags=re.M)
        text = re.sub(r"(?i)\b(https?:)(?=//)", "\\1\u200b", text)  # a bare address becomes a link
        lines = text.split("\n")
        for number in range(1, len(lines)):
            if lines[number - 1].strip():
                lines[number] = _no_underline(lines[number])
        text = "\n".join(lines)
    return text


def _no_underline(line: str) -> str:
    """A line that does not make a heading of the line above it."""
    end = line.rstrip(" \t")
    if end[-1:] not in ("=", "-") or end.strip(" \t>*+.)0123456789=-"):
        return line
    before = len(end.rstrip(end[-1]))
    return f"{line[:before]}\u200b{line[before:]}"


def _cell(cell: NotebookNode, name: str) -> NotebookNode:
    about = cell.get("metadata", {})
    marks = about.get("nbgrader", {})
    kind = cell.cell_type if cell.cell_type in ("code", "markdown") else "raw"
    given = str(cell.get("id", ""))
    clean = NotebookNode(
        cell_type=kind,
        id=given if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", given) else name,
        metadata=NotebookNode(
            {key: about[key] for key in ("nbgrader", "ibcourse", "deletable", "editable") if key in about}
        ),
        source=_text(cell.get("source", "")),
    )
    locked = bool(marks.get("locked"))
    if kind == "code":
        if not locked:
            clean.source = _few_blanks(clean.source)
        clean.execution_count = _count(cell)
        clean.outputs = [_output(output) for output in cell.get("outputs", ())]
    else:
        clean.source = inert(clean.source if locked else _cut(clean.source), locked)
    return clean


def _output(output: NotebookNode) -> NotebookNode:
    match output.get("output_type"):
        case "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            return new_output("stream", name=name, text=_ANSI.sub("", _text(output.get("text", ""))))
        case "error":
            lines = output.get("traceback", ())
            return new_output(
                "error",
                ename=_ANSI.sub("", _text(output.get("ename", ""))),
                evalue=_ANSI.sub("", _text(output.get("evalue", ""))),
                traceback=[_ANSI.sub("", _text(line)) for line in lines],
            )
    data = _data(output.get("data", {}))
    if output.get("output_type") == "execute_result":
        return new_output("execute_result", data=data, execution_count=_count(output))
    return new_output("display_data", data=data)


def _data(given: dict[str, Any]) -> dict[str, str]:
    """The representations of an output that only show something."""
    data = {}
    for kind, begin in IMAGES.items():
        if kind in given:
            try:
                image = base64.b64decode(_text(given[kind]))
            except ValueError:  # also for text that is not ASCII
                continue
            if image.startswith(begin):
                data[kind] = base64.b64encode(image).decode()
    if "text/plain" in given:
        data["text/plain"] = _ANSI.sub("", _text(given["text/plain"]))
    if "text/latex" in given:
        data["text/latex"] = inert(_cut(_text(given["text/latex"])))
    return data or {"text/plain": NOT_SHOWN}


def _few_blanks(code: str) -> str:
    """Code without long runs of blanks, over which the colouring of code takes its time."""
    return re.sub(r"\n{10,}", "\n" * 10, "\n".join(line.rstrip() for line in code.split("\n")))


def _cut(markdown: str) -> str:
    """Markdown that is short enough to be read by programs whose time grows with its square."""
    return markdown if len(markdown) <= MARKDOWN else f"{markdown[:MARKDOWN]}\n\n(the rest is not shown)"


def _text(value: object) -> str:
    """The text of a field: a string, or a list of lines."""
    if isinstance(value, list | tuple):
        return "".join(map(str, value))
    return str(value)


def _count(where: NotebookNode) -> int | None:
    count = where.get("execution_count")
    return count if type(count) is int else None
