"""The export of a page: every construct becomes plain Markdown, code stays code."""

import ast
import re
import textwrap
from pathlib import Path

import nbformat
import pytest
import yaml

from ibcourse.course import notebook
from ibcourse.course.notebook import ExportError, export

ROOT = Path(__file__).parents[2]
PAGE = Path(__file__).with_name("every_construct.md").read_text(encoding="utf8")
KNOWN = {
    "other": "The other page",
    "kullback1951": "Kullback and Leibler [1951]",
    "shannon1948": "Shannon [1948]",
    "cover2006": "Cover and Thomas [2006]",
}


def exported(text: str = PAGE, **numbers: str) -> nbformat.NotebookNode:
    return export(
        text, glued={"h": "np.float64(0.531)", **numbers}, resolve=lambda role, target: KNOWN.get(target)
    )


def markdown(text: str, **numbers: str) -> str:
    """The Markdown that a piece of a page becomes."""
    cells = exported(textwrap.dedent(text), **numbers).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def raw(source: str) -> list[str]:
    """What is left of MyST in a Markdown cell, by the parser and not by its looks."""
    parser = notebook._parser()
    left = []
    for token in parser.parse(source, env := {}):
        if token.type in ("myst_target", "myst_line_comment", "colon_fence", "math_block_label"):
            left.append(token.type)
        elif token.type == "fence" and token.info.startswith("{"):
            left.append(token.info)
        elif token.type == "inline":
            spans = notebook._spans(token.content, env)
            left += [span.token.content for span in spans if span.rule in ("myst_role", "attr", "span")]
    return left


def test_every_construct_becomes_plain_markdown():
    cells = exported().cells
    assert [raw(cell.source) for cell in cells if cell.cell_type == "markdown" and raw(cell.source)] == []
    assert raw("{ref}`x`\n\n:::{note}\n:::\n(a)=\n") != []


def test_the_notebook_is_valid_and_holds_no_outputs():
    book = exported()
    nbformat.validate(book)
    assert (book.nbformat, book.nbformat_minor) == (4, 5)
    assert book.metadata.kernelspec.name == "python3"
    assert all(
        not cell.outputs and cell.execution_count is None for cell in book.cells if cell.cell_type == "code"
    )


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("{doc}`other`", "The other page"),
        ("{ref}`words <nowhere>`", "words"),
        ("{cite:t}`shannon1948` and {cite:p}`shannon1948, cover2006`",
         "Shannon [1948] and Shannon [1948], Cover and Thomas [2006]"),
        ("a {term}`code` and {term}`codes <code>`", "a code and codes"),
        ("{index}`entropy`, {index}`!rate`, {index}`the rate <rate>`", "entropy, rate, the rate"),
        ("a claim {source}`S1.D.KL, S3.MI2` {erratum}`S3.E1`.", "a claim."),
        ("{math}`x^2`", "$x^2$"),
        ("{glue:text}`h`, {glue}`h` and {glue:text}`h:.1f`", "0.531, 0.531 and 0.5"),
        ("{py:func}`~ibcourse.information.entropy` {func}`load`", "`entropy` `load`"),
        ("**bold {doc}`other`** and [a link {doc}`other`](https://example.org)",
         "**bold The other page** and [a link The other page](https://example.org)"),
        ("[words](page.md), [](other), [text]{.wide}", "words, The other page, text"),
        ("`{ref}` is a role: `` {ref}`x` ``, then {doc}`other`",
         "`{ref}` is a role: `` {ref}`x` ``, then The other page"),
        ("$\\KL{p_{x}}{q}$ and $\\E x$, $\\E_x$, `$\\E$`",
         "$D_{\\mathrm{KL}}\\!\\left(p_{x}\\,\\middle\\|\\,q\\right)$ and "
         "$\\mathbb{E} x$, $\\mathbb{E}_x$, `$\\E$`"),
        ("a {doc}`the\nother <other>` b", "a the other b"),
    ],
)  # fmt: skip
def test_roles(source, plain):
    assert markdown(source) == plain


def test_what_merely_shows_a_role_stays():
    source = "```python\n# {ref}`x`\n```\n\n    {ref}`indented`\n\n<div>\n{ref}`html`\n</div>\n\n`{ref}`"
    assert markdown(source) == source
    code = '# {ref}`x` $\\E$\nprint(":::{note}")'
    assert exported(f"```{{code-cell}} ipython3\n{code}\n```").cells[0].source == code


def test_words_of_the_page_itself_and_of_the_caller():
    page = """
        (a)=
        # A *title*

        See {ref}`a`, {prf:ref}`t`, {eq}`e`, {numref}`Picture %s <f>`.

        $$
        x
        $$ (e)

        :::{prf:lemma}
        :label: t
        Text.
        :::

        ```{figure} a.png
        :name: f
        :alt: A dot
        Caption.
        ```
        """
    assert "See A *title*, Lemma 1, (1), Picture 1." in markdown(page)
    site = {"t": "Lemma 2.7", "e": "(2.9)", "f": "Fig. 2.4"}
    numbered = export(textwrap.dedent(page), resolve=lambda role, target: site.get(target)).cells[0].source
    assert "See A *title*, Lemma 2.7, (2.9), Picture 2.4." in numbered
    for words in ("> **Lemma 2.7.** Text.", r"x \tag{2.9}", "**Fig. 2.4.** Caption.", "*(picture: A dot)*"):
        assert words in numbered


def test_formulas_in_quotes_stand_on_one_line():
    """JupyterLab cuts formulas out before it reads Markdown, with the quote marks of their further lines."""
    source = ":::{prf:theorem} T\nIf $a\n< b$ then\n\n$$\na &= b \\\\\nc &= d\n$$\n\nholds.\n:::"
    assert markdown(source) == (
        "> **Theorem (T).** If $a < b$ then\n>\n"
        "> $$\\begin{split} a &= b \\\\ c &= d \\end{split}$$\n>\n> holds."
    )
    assert markdown("> $$\n> c % a remark\n> d\n> $$") == "> $$c d$$"


def test_hard_line_breaks_in_quotes_stay():
    assert markdown("- :::{note}\n  a  \n  b\n  :::") == "- > **Note**\n  >\n  > a  \n  > b"


def test_formulas_elsewhere_are_left_alone():
    source = "$$ a = b $$\n\n$$\na\n= b\n$$\n\n\\begin{align}\na &= b\n\\end{align}"
    assert markdown(source) == source
    assert markdown("$$\na\n$$ (label)") == "$$\na \\tag{1}\n$$"


def test_blocks_in_lists_and_in_each_other():
    source = (
        "1. one\n\n   :::{note}\n   Inside {doc}`other`.\n   :::\n"
        "2. ````{tip}\n   ```{warning}\n   Deep.\n   ```\n   ````"
    )
    assert markdown(source) == (
        "1. one\n\n   > **Note**\n   >\n   > Inside The other page.\n\n"
        "2. > **Tip**\n   >\n   > > **Warning**\n   > >\n   > > Deep."
    )


def test_table_cells_keep_their_bars_escaped():
    row = "| $D(p \\| q)$ {doc}`other` | {doc}`other` |"
    assert markdown(f"| a | b |\n|---|---|\n{row}").endswith(
        "| $D(p \\| q)$ The other page | The other page |"
    )


def test_headings_and_breaks_begin_a_cell():
    assert [cell.source for cell in exported("# A\n\nx\n\n## B\n\n+++\n\ny").cells] == [
        "# A\n\nx",
        "## B",
        "y",
    ]
    assert markdown("# A\n\n> ## In a quote\n\n+++\n---\n\na rule\n\n---") == (
        "# A\n\n> ## In a quote\n\n---\n\na rule\n\n---"
    )


def test_pictures_in_files_become_words():
    assert markdown("long words before ![of $\\E$](a.png), $\\E$") == (
        "long words before *(picture: of $\\mathbb{E}$)*, $\\mathbb{E}$"
    )
    source = "![on the web](https://example.org/a.png)"
    assert markdown(source) == source


def test_cells_of_code():
    cells = exported(
        "```{code-cell} ipython3\n---\ntags: [hide-input]\nmystnb:\n  figure:\n    caption: A {doc}`other`.\n"
        "    name: f\n---\nx = 1\n\n\ny = 2\n```\n\n{numref}`f`"
    ).cells
    assert [cell.source for cell in cells] == [
        "x = 1\n\n\ny = 2",
        "**Figure 1.** A The other page.",
        "Figure 1",
    ]
    assert cells[0].metadata == {"tags": ["hide-input"], "jupyter": {"source_hidden": True}}


def test_numbers_that_nobody_knows_yet_are_dots():
    cell = export("It is {glue:text}`h:.2f` nats.").cells[0]
    assert cell.source == "It is … nats."


def test_cells_that_glue_lose_what_the_book_alone_can_run():
    cell = '```{code-cell} ipython3\n:tags: [a]\nfrom myst_nb import glue\nx = 1\nglue(\n  "x", x)\n```'
    assert [cell.source for cell in exported(cell).cells] == ["x = 1"]
    assert exported(cell.replace("x = 1\n", "")).cells == []
    loop = cell.replace("x = 1", "for x in y:\n    glue(\n        'x', x)")
    assert [cell.source for cell in exported(loop).cells] == ["for x in y:\n    pass"]
    with pytest.raises(ExportError, match="line 1: a cell uses myst_nb"):
        exported("```{code-cell} ipython3\nimport myst_nb\n```")


def test_solutions_are_folded_and_their_code_stays_code():
    cells = exported().cells
    solution = next(cell for cell in cells if "print(answer)" in cell.source)
    before, after = cells[cells.index(solution) - 1], cells[cells.index(solution) + 1]
    assert solution.cell_type == "code"
    assert solution.metadata.jupyter.source_hidden
    assert "<summary>Solution to Exercise 2</summary>\n\nFirst." in before.source
    assert "<summary>Solution to Exercise 2, continued</summary>\n\nThen." in after.source
    assert cells[-1].source == "The end."


def test_quiz_of_choice_hides_which_is_right():
    question, answer = markdown(":::{quiz} T\nQ?\n\n- [x] a\n  > why\n- [ ] b\n  > not\n  > so\n:::").split(
        "<details>"
    )
    assert question == "**T**\n\nQ?\n\n- **A.** a\n- **B.** b\n\n"
    assert "- **A. Right.** why\n- **B. Wrong.** not\n  so" in answer


def test_quiz_of_a_number():
    head = ":::{quiz}\n:type: number\n:answer: h\n:tolerance: 0.002\n:unit: bits\nQ?\n\n"
    question, answer = markdown(head + "- 0.36812: no\n- otherwise: sum\n:::").split("<details>")
    assert "531" not in question
    assert "- **0.531 bits**, give or take 0.002.\n- **0.368 bits.** no\n- **Any other value.** sum" in answer


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("\n\n{nonsense}`x`", r"line 3: the role \{nonsense\}"),
        (
            "a\n\n::::{note}\n:class: x\n\n:::{tip}\n{nonsense}`x`\n:::\n::::",
            r"line 7: the role \{nonsense\}",
        ),
        ("```{eval-rst}\n.. x\n```", r"line 1: the directive \{eval-rst\}"),
        ("{glue:text}`absent:.2f`", r"line 1: the glued number 'absent:.2f' is not given; given are: h"),
        ("\n{ref}`absent`", r"line 2: the reference \(ref\) to 'absent' has no words"),
        ("[](absent.md)", r"line 1: the reference \(doc\) to 'absent.md' has no words"),
        ("{cite:t}`absent`", r"to 'absent' has no words"),
        ("![{ref}`x`](y.png)", "the description of a picture holds a role"),
        ("a {{ b }}", "the substitution"),
        ("{{ b }}", "the substitution"),
        ("````{note}\n```{code-cell} ipython3\n```\n````", "line 2: a code cell stands inside a block"),
        ("```{code-cell} ipython3\n---\na: [\n---\n```", "line 1: the options of the block are not YAML"),
        (":::{exercise}\n:label: e\n:::\n:::{solution-start} e\n:::\nText", "has no {solution-end}"),
        (":::{quiz}\nQ?\n\n- [ ] a\n- [ ] b\n:::", "no right option"),
        (":::{quiz}\nQ?\n\n- a\n:::", r"option A of the quiz begins with neither"),
        (":::{quiz}\n:type: essay\nQ?\n\n- a\n:::", "type 'essay'"),
        (":::{quiz}\n:type: number\n:answer: 1\n:unit: 1\nQ?\n\n- 2: no\n:::", "no :tolerance:"),
        (":::note\nx\n:::", "is not a directive"),
    ],
)
def test_what_has_no_form_is_an_error_with_its_line(source, message):
    with pytest.raises(ExportError, match=message):
        exported(source)


def test_export_is_repeatable():
    assert nbformat.writes(exported()) == nbformat.writes(exported())


def test_ids_of_other_cells_stay_when_one_is_edited_or_added():
    before = exported().cells
    ids = [cell.id for cell in before]
    assert len(set(ids)) == len(ids)
    edited = exported(PAGE.replace("answer = 42", "answer = 43")).cells
    assert [before[i].source for i, cell in enumerate(edited) if cell.id != ids[i]] == ["answer = 42"]
    added = exported(
        PAGE.replace("## Formulas", "```{code-cell} ipython3\nnew = 1\n```\n\n## Formulas")
    ).cells
    assert [cell.id for cell in added if cell.source != "new = 1"] == ids
    other_number = export(PAGE, glued={"h": "0.9"}, resolve=lambda role, target: KNOWN.get(target)).cells
    assert [cell.id for cell in other_number] == ids


def test_equal_cells_have_different_ids():
    cells = exported("```{code-cell} ipython3\n# your turn\n```\n" * 3).cells
    assert len({cell.id for cell in cells}) == 3


def test_an_exported_notebook_runs(tmp_path):
    from nbclient import NotebookClient

    book = exported(
        "# T\n\n```{code-cell} ipython3\nx = 6\n```\n\nText.\n\n```{code-cell} ipython3\nprint(x * 7)\n```"
    )
    NotebookClient(book, timeout=60, resources={"metadata": {"path": tmp_path}}).execute()
    assert book.cells[-1].outputs[0].text == "42\n"


def test_macros_are_those_of_the_site():
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf8"))
    macros = config["sphinx"]["config"]["mathjax3_config"]["tex"]["macros"]
    bodies = {name: body if isinstance(body, str) else body[0] for name, body in macros.items()}
    assert bodies == notebook.MACROS


def test_code_of_every_page_survives():
    """Each code cell of each page parses as Python before and after, but for lines that glue."""
    for page in sorted((ROOT / "chapters").glob("*/*.md")):
        text = page.read_text(encoding="utf8")
        numbers = dict.fromkeys(re.findall(r"[\w-]+", text), "1")  # whatever it glues

        def resolve(role, target, text=text):
            return None if role == "eq" and f"({target})" in text else "words"

        book = export(text, glued=numbers, resolve=resolve)
        for cell in book.cells:
            if cell.cell_type == "code":
                ast.parse(cell.source)
                assert cell.source in text or "glue(" in text
            else:
                assert raw(cell.source) == [], page


@pytest.mark.parametrize(
    "head", ["```{admonition} To *compare*\n:class: dropdown", "```{dropdown} To *compare*"]
)
def test_what_folds_on_the_site_folds_in_the_notebook(head):
    (cell,) = export(f"{head}\nIt is $1$.\n```\n").cells
    assert cell.source == "<details>\n<summary>To *compare*</summary>\n\nIt is $1$.\n\n</details>"


def test_an_open_admonition_stays_a_quote():
    (cell,) = export("```{admonition} Mind\nThe gap.\n```\n").cells
    assert cell.source == "> **Mind**\n>\n> The gap."
