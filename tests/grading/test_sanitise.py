"""What a student writes, shown by nbgrader's own pages: text, plots and formulas, and nothing that acts."""

import base64
import re
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode, validate
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from traitlets.config import Config

from ibcourse.grading.sanitise import NOT_SHOWN, inert, sanitise

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries under nbgrader

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 20).decode()
JPEG = base64.b64encode(b"\xff\xd8\xff\xe0" + b"0" * 20).decode()
CANARY = "window.canary=1"
MARKDOWN = [
    f"<script>{CANARY}</script>",
    f"<ScRiPt\n>{CANARY}</sCrIpT >",
    f"<img src=x onerror={CANARY}>",
    f"text <svg/onload={CANARY}> text",
    f"<svg><script>{CANARY}</script></svg>",
    f"<iframe srcdoc='<script>{CANARY}</script>'></iframe>",
    "<style>* { display: none }</style>",
    "<link rel=stylesheet href=x><meta http-equiv=refresh content='0;url=/x'><base href=/x>",
    f"<details open ontoggle={CANARY}><summary>x</summary></details>",
    "<form action=/x><input name=a><button>Full credit</button></form>",
    f"<!-- <img src=x onerror={CANARY}> -->",
    f"<![CDATA[<script>{CANARY}</script>]]>",
    f"<?x <script>{CANARY}</script> ?>",
    f"[a](javascript:{CANARY})",
    f"[a](<javascript:{CANARY}>)",
    f"[a]( &#106;avascript:{CANARY})",
    f"[a](java\tscript:{CANARY})",
    f"[a](data:text/html,<script>{CANARY}</script>)",
    f"[a][b]\n\n[b]: javascript:{CANARY}",
    f"[b]\n\n[b]:\n  javascript:{CANARY}",
    f"> - [b]\n\n> [b]: javascript:{CANARY}",
    f"<javascript:{CANARY}>",
    f"![x](javascript:{CANARY})",
    f"![x](data:image/svg+xml;base64,{base64.b64encode(b'<svg onload=alert(1)>').decode()})",
    "![x](/logout)",
    "![x](attachment:a.svg)",
    "![x][y]\n\n[y]: /logout",
    f"`` ` `` <script>{CANARY}</script>",
    f"```mermaid\n</pre><script>{CANARY}</script>\n```",
    f"```html\n<script>{CANARY}</script>\n```",
    f"    <script>{CANARY}</script>",
    f'```"><script>{CANARY}</script>\ncode\n```',
    f"$<script>{CANARY}</script>$",
    f"$$\n\\href{{javascript:{CANARY}}}{{x}}\n$$",
    f"\\begin{{equation}}<img src=x onerror={CANARY}>\\end{{equation}}",
    r"$\def\frac{0}\newcommand{\log}{1}\require{unicode}\style{position:fixed}{x}\cssId{a}{b}\class{c}{d}$",
    "# task-test",
    "#task-test",
    "x\r# task-test",
    "x\u2028# task-test",
    "> - # task-test",
    "1. # task-test",
    "task-test\n===",
    "> task-test\n> ---",
    "- task-test\n  ---",
    f"| a |\n|---|\n| <script>{CANARY}</script> |",
    f"\u2424<script>{CANARY}</script>",
    f"<\x00script>{CANARY}</script>",
    f"\\<script>{CANARY}</script>",
    f"files/<img src=x onerror={CANARY}>",
    f'https://example.org/"onmouseover={CANARY}',
    f"<div\n\n onclick={CANARY}>",
]
OUTPUTS = [
    {"text/html": f"<script>{CANARY}</script>"},
    {"application/javascript": CANARY},
    {"text/javascript": CANARY},
    {"image/svg+xml": f"<svg onload='{CANARY}'/>"},
    {"text/markdown": f"<script>{CANARY}</script>"},
    {"application/pdf": "x"},
    {"text/vnd.mermaid": f"</pre><script>{CANARY}</script>"},
    {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}},
    {"text/latex": f"$\\href{{javascript:{CANARY}}}{{x}}$ <script>{CANARY}</script>"},
    {"text/plain": f"<script>{CANARY}</script>"},
    {"image/png": f'x" onerror="{CANARY}'},
    {"image/png": base64.b64encode(f"<svg onload='{CANARY}'/>".encode()).decode()},
    {f"<img src=x onerror={CANARY}>": "x"},
]


def marks(name: str, grade: bool, solution: bool) -> dict:
    """The metadata of nbgrader's cells, with what the feedback's page shows."""
    about = {"grade_id": name, "grade": grade, "solution": solution, "locked": not solution, "task": False}
    about |= {"schema_version": 3, "cell_type": "code", "points": 1.0, "score": 0.0, "comment": ""}
    return {"nbgrader": about}


def hostile() -> NotebookNode:
    """Everything above in one notebook, in cells of every kind."""
    cells = [
        new_markdown_cell(text, metadata=marks(f"written-{number}", True, True))
        for number, text in enumerate(MARKDOWN)
    ]
    cells += [new_markdown_cell(text) for text in MARKDOWN]
    cells += [new_raw_cell(text, metadata={"raw_mimetype": "text/html"}) for text in MARKDOWN]
    about = {"image/png": {"width": f"1 onerror={CANARY}", "alt": "x"}, "text/html": {"isolated": True}}
    outputs = [NotebookNode(output_type="display_data", data=data, metadata=about) for data in OUTPUTS]
    outputs += [
        new_output("display_data", data={"image/png": PNG}, metadata=about),
        new_output("display_data", data={"image/png": PNG}, metadata={"filenames": {"image/png": "/logout"}}),
        new_output("stream", text=f"<script>{CANARY}</script>\x1b]8;;javascript:{CANARY}\x07x\x1b[31mred"),
        new_output(
            "error", ename=f"<img src=x onerror={CANARY}>", evalue="x", traceback=[f"<b onclick={CANARY}>"]
        ),
    ]
    cells.append(
        new_code_cell(
            f"'<script>{CANARY}</script>'", outputs=outputs, metadata=marks("task-test", True, False)
        )
    )
    cells[-1].execution_count = f"<img src=x onerror={CANARY}>"
    cells[-1].id = f'x"><script>{CANARY}</script>'
    cells[0].attachments = {"a.svg": {"image/svg+xml": "PHN2Zz4="}}
    cells[1].metadata.tags = [f'"><script>{CANARY}</script>']
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": {"a": f"</script><script>{CANARY}"}}}
    notebook = new_notebook(metadata={"title": "</title><script>", "widgets": widgets})
    notebook.cells = cells  # nbformat would find that some are not valid
    return notebook


@pytest.fixture(scope="module")
def exporters():
    from nbconvert.exporters import HTMLExporter
    from nbgrader.server_extensions.formgrader import handlers

    templates = Path(handlers.__file__).parent / "templates"
    bootstrap = templates.parent / "static" / "node_modules" / "bootstrap" / "dist" / "css"
    made = {}
    for name in ("formgrade", "feedback"):
        config = Config()
        config.HTMLExporter.template_name = name
        config.HTMLExporter.extra_template_basedirs = [str(templates)]
        config.HTMLExporter.extra_template_paths = [str(bootstrap)]
        made[name] = HTMLExporter(config=config)
    return made


@pytest.fixture(scope="module")
def show(exporters):
    """Render a notebook as formgrader or the feedback does."""

    def render(notebook: NotebookNode, page: str) -> str:
        about = {"notebook": "hw", "score": 0.0, "max_score": 1.0, "late_penalty": 0.0}
        names = {"student": "a", "first_name": "A", "last_name": "B", "notebook_id": "hw"}
        place = {"assignment_id": "hw", "submission_id": "0", "index": 0, "total": 1, "base_url": "/"}
        resources = {"nbgrader": about, "notebook_path": "/hw", "metadata": {"name": "hw"}} | names | place
        return exporters[page].from_notebook_node(notebook, resources=resources)[0]

    return render


def dangers(html: str, plain: str) -> list[str]:
    """What could act in a page, beyond what the page of an empty notebook holds."""
    allowed = {(node.tag, tuple(sorted(node.attributes.items()))) for node in walk(plain)}
    scripts = {node.text(deep=True) for node in walk(plain) if node.tag in ("script", "style")}
    found = []
    for node in walk(html):
        if (node.tag, tuple(sorted(node.attributes.items()))) in allowed:
            if node.tag in ("script", "style") and node.text(deep=True) not in scripts:
                found.append(f"{node.tag}: {node.text(deep=True)[:80]}")
            continue
        if not TAGS.fullmatch(node.tag):
            found.append(f"<{node.tag}> {node.attributes}")
        for name, value in node.attributes.items():
            if not ATTRIBUTES.fullmatch(name):
                found.append(f"{node.tag}.{name}={value}")
            if name in ("href", "src") and not re.match(
                r"https?://|#|data:image/(png|jpeg);base64,", value or ""
            ):
                found.append(f"{node.tag}.{name}={value}")
            if name == "id" and not (value or "").startswith(("cell-id=", "task-test", "written-")):
                found.append(f"{node.tag}.id={value}")
    return found


def walk(html: str):
    return (node for node in HTMLParser(html).root.traverse(include_text=False) if node.tag)  # no comments


TAGS = re.compile(
    "a|b|blockquote|br|button|code|del|div|dl|dt|dd|em|h[1-6]|hr|i|img|input|li|ol|p|pre|span|strong|sub|sup"
    "|table|tbody|td|textarea|th|thead|tr|ul"
)
ATTRIBUTES = re.compile("alt|checked|class|disabled|href|id|name|role|src|start|style|type")


@pytest.mark.parametrize("page", ["formgrade", "feedback"])
def test_nothing_hostile_survives_in_nbgraders_pages(show, page):
    plain = show(new_notebook(), page)
    bare = hostile()
    bare.cells[-1].update(id="last", execution_count=1)  # nbconvert refuses what stood there
    bare.cells = [cell for cell in bare.cells if "attachment:" not in cell.source]  # they stop nbconvert
    assert len(dangers(show(bare, page), plain)) > 50, "the notebook is harmless as it is: it tests nothing"
    assert dangers(show(sanitise(hostile()), page), plain) == []


@pytest.mark.parametrize("page", ["formgrade", "feedback"])
def test_no_heading_takes_the_place_of_a_grade(show, page):
    """formgrader attaches its buttons to the first element with a grade's name as its id."""
    html = HTMLParser(show(sanitise(hostile()), page))
    named = html.css("[id='task-test']") if page == "formgrade" else html.css("[name='task-test']")
    assert [node.tag for node in named] == ["input" if page == "formgrade" else "a"]


SIGNS = (
    "< > / ! ? [ ] ( ) : # = - * ` $ $$ \\ | \n \r \t > - 1. & ; ~~~ ``` javascript: script img src onerror x"
    " task-test data: https://a.b &lt; &#60; \u2028 \x0b \x00 \u200b \\( \\[ \\begin{a} \\end{a} \\def \\href"
    " files/ mermaid @ ' \""
)
PIECES = st.sampled_from(
    [*SIGNS.split(" "), " ", "    ", "\n\n", "\n> ", "<script>", "<img src=x onerror=y>", "](javascript:x)"]
)


@given(st.lists(PIECES, max_size=30).map("".join))
@example("a\n#=")
@settings(max_examples=400)
def test_no_combination_of_signs_becomes_active(show_cell, text):
    html, plain = show_cell
    assert dangers(html(text), plain) == []
    assert inert(inert(text)) == inert(text)


@pytest.fixture(scope="module")
def show_cell(exporters):
    """Markdown alone, as both pages convert it."""
    convert = exporters["formgrade"].environment.filters["markdown2html"]

    def html(text: str) -> str:
        return convert({"cell": {}, "resources": {}}, inert(text))

    return html, ""


def test_what_is_harmless_stays(show):
    text = "*p* < 0.5, $a < b$ and\n\n$$\n\\frac{1}{2} \\log x\n$$\n\n- `x[0]`\n\n"
    text += "| a | b |\n|---|---|\n| 1 | 2 |"
    code = "if a<b: print('<script>')"
    outputs = [
        new_output("stream", text="1 < 2\n"),
        new_output(
            "display_data", data={"image/png": PNG, "text/plain": "<Figure>", "text/html": "<b>x</b>"}
        ),
        new_output("display_data", data={"image/jpeg": JPEG}),
        new_output("execute_result", data={"text/latex": "$x^2$", "text/plain": "x**2"}),
        new_output("error", ename="ValueError", evalue="no", traceback=["\x1b[31mValueError\x1b[0m: no"]),
    ]
    notebook = new_notebook(cells=[new_markdown_cell(text), new_code_cell(code, outputs=outputs)])
    clean = sanitise(notebook)
    assert clean.cells[0].source == text
    assert clean.cells[1].source == code
    assert clean.cells[1].outputs[1].data == {"image/png": PNG, "text/plain": "<Figure>"}
    assert [output.output_type for output in clean.cells[1].outputs] == [each.output_type for each in outputs]
    assert clean.cells[1].outputs[4] == outputs[4]
    assert clean.cells[1].outputs[3].data == outputs[3].data
    page = HTMLParser(show(clean, "formgrade"))
    assert len(page.css("img[src^='data:image/']")) == 2
    assert page.css_first("table td").text() == "1"
    assert "if a<b: print('<script>')" in page.css_first(".input_area").text()


def test_the_course_keeps_its_own_words():
    text = "# Title\n\n<details><summary>Hint</summary>\n\n[a page](https://example.org/a.html)\n\n</details>"
    own = new_markdown_cell(text, metadata=marks("text", False, False))
    theirs = new_markdown_cell(text)
    clean = sanitise(new_notebook(cells=[own, theirs])).cells
    assert clean[0].source == text
    assert "< details>" in clean[1].source
    assert "] (https" in clean[1].source
    forged = '<details ontoggle=x> <summary/onclick=x> [a](javascript:x) [b](https://a"x) ![x](/logout)'
    assert inert(forged, locked=True) == (
        '< details ontoggle=x> < summary/onclick=x> [a] (javascript:x) [b] (https://a"x) ! [x] (/logout)'
    )


def test_nbgraders_metadata_stays_and_no_other():
    cell = new_markdown_cell("x", metadata=marks("a", True, True) | {"collapsed": True, "tags": ["x"]})
    notebook = new_notebook(cells=[cell], metadata={"ibcourse": {"a": 1}, "widgets": {}, "title": "x"})
    clean = sanitise(notebook)
    assert clean.cells[0].metadata == marks("a", True, True)
    assert set(clean.metadata) == {"ibcourse", "kernelspec", "language_info"}
    validate(clean)


def test_an_output_with_nothing_to_show_says_so():
    cell = new_code_cell("x", outputs=[new_output("display_data", data={"text/html": "<b>x</b>"})])
    assert sanitise(new_notebook(cells=[cell])).cells[0].outputs[0].data == {"text/plain": NOT_SHOWN}


def test_twice_is_once_and_the_given_notebook_is_left():
    notebook = hostile()
    once = sanitise(notebook)
    assert sanitise(once) == once
    assert notebook.cells[0].source == MARKDOWN[0]
    validate(once)


def test_an_address_in_the_text_is_no_link(show_cell):
    html, _ = show_cell
    assert [node for node in walk(html("see https://example.org/a")) if node.tag == "a"] == []


@pytest.mark.parametrize(
    "slow",
    ["a\n" + "-" * 200_000 + "x", "a\n" + "- " * 100_000 + "x", "\\[" * 100_000, "\\begin{a}" * 50_000],
)
def test_long_texts_take_no_long_time(slow):
    start = time.process_time()
    cells = [new_markdown_cell(slow), new_code_cell(" \n" * 100_000)]
    clean = sanitise(new_notebook(cells=cells))
    assert time.process_time() - start < 2
    assert max(len(cell.source) for cell in clean.cells) < 21_000


@pytest.mark.parametrize(
    "macro",
    ["href", "class", "cssId", "style", "require", "unicode", "bbox", "mmlToken", "def", "let", "newcommand"],
)
def test_macros_that_reach_beyond_their_formula(macro):
    for locked in (False, True):
        assert inert(f"$\\{macro}{{a}}{{b}}$", locked) == f"$\\ {macro}{{a}}{{b}}$"
    assert inert(f"\\{macro}x") == f"\\{macro}x", "another macro"


def test_formulas_keep_their_own_macros():
    text = r"\begin{align*} \H(X) &= -\sum_x p(x) \log p(x) \\ &< \infty \tag{1} \label{h} \end{align*}"
    assert inert(text) == text
