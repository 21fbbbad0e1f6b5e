"""Formulas are typeset while the site is built: pages carry no math script, and nothing moves when drawn.

One long-lived Node process runs KaTeX.  A formula that cannot be typeset is a Sphinx warning with its file
and line, so that ``-W`` fails the build.  Macros stay where Jupyter Book keeps them, in ``mathjax3_config``.
"""

import atexit
import html
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

log = logging.getLogger(__name__)
HERE = Path(__file__).parent
NODE = Path(sys.executable).with_name("node")


@cache
def katex() -> subprocess.Popen[str]:
    """Start the Node process that typesets; it lives as long as the build."""
    if not NODE.exists() or not (HERE / "node_modules" / "katex").is_dir():
        raise ExtensionError("KaTeX is not installed: run `make setup`.")
    process = subprocess.Popen(
        [NODE, HERE / "katex.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf8"
    )
    atexit.register(process.terminate)
    return process


@cache
def typeset(tex: str, display: bool, macros: str) -> dict[str, str]:
    """Answer of KaTeX for one formula: either ``html`` or ``error``."""
    process = katex()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"tex": tex, "display": display, "macros": json.loads(macros)}) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def formula(self: Any, node: nodes.Element, tex: str, display: bool) -> str:
    config = self.builder.config.mathjax3_config or {}
    macros = config.get("tex", {}).get("macros", {})
    # MathJax writes a macro with arguments as [body, count]; KaTeX counts the arguments itself.
    macros = {f"\\{name}": body if isinstance(body, str) else body[0] for name, body in macros.items()}
    answer = typeset(tex, display, json.dumps(macros))
    if "error" in answer:
        log.warning("formula not typeset: %s", answer["error"], location=node)
        return f"<code>{html.escape(tex)}</code>"
    return answer["html"]


def visit_math(self: Any, node: nodes.math) -> None:
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(formula(self, node, node.astext(), display=False) + "</span>")
    raise nodes.SkipNode


def visit_math_block(self: Any, node: nodes.math_block) -> None:
    tex = node.astext()
    if node.get(
        "nowrap"
    ):  # a LaTeX environment, which Sphinx numbers: the starred form has no number of its own
        tex = re.sub(r"\\(begin|end)\{(equation|align|gather|multline|alignat)\}", r"\\\1{\2*}", tex)
    elif r"\\" in tex and r"\begin" not in tex:
        tex = rf"\begin{{split}}{tex}\end{{split}}"
    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node.get("number"):  # before the formula in the source, at its right by the theme's style
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(f'<div class="math-scroll">{formula(self, node, tex, display=True)}</div></div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("katex", (visit_math, None), (visit_math_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
