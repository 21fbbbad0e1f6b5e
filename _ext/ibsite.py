"""What the site adds to Jupyter Book: the explorables' script, notebook downloads, the labs' button, descriptions."""

import html
import os
import re
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from sphinx.application import Sphinx

from ibcourse.course.notebook import export

ROOT = Path(__file__).parent.parent
EXPLORE = ROOT / "ibcourse" / "explore" / "explore.js"


def prepare(app: Sphinx, config: Any) -> None:
    os.environ["IBCOURSE_BOOK"] = "1"  # the kernels inherit it: outputs are made for the site
    # Jupyter Book links every script that it finds under its static folders; this one is linked where it is needed.
    config.html_static_path.append(str(EXPLORE))


def executed(app: Sphinx, pagename: str) -> bool:
    return bool((app.env.metadata.get(pagename) or {}).get("kernelspec"))


def is_lab(pagename: str) -> bool:
    return pagename.startswith("chapters/") and pagename.endswith("/lab")


def prepare_page(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Before the theme composes its header buttons."""
    if doctree is not None and executed(app, pagename):
        context["ipynb_source"] = f"{pagename}.ipynb"
        app.add_js_file("explore.js", loading_method="defer")
    context["metatags"] = context.get("metatags", "") + describe(app, pagename, context, doctree)


def describe(app: Sphinx, pagename: str, context: dict[str, Any], doctree: nodes.document | None) -> str:
    """The page's description for search engines: its first paragraph, or its title where it has none."""
    if 'name="description"' in context.get("metatags", ""):
        return ""
    text = f"{context.get('title') or pagename}: {app.config.html_title or app.config.project}"
    for paragraph in doctree.findall(nodes.paragraph) if doctree is not None else ():
        if isinstance(paragraph.parent, nodes.section) and len(paragraph.astext()) > 60:
            text = paragraph.astext()
            break
    text = " ".join(re.sub(r"<[^>]+>|\\[A-Za-z]+|[{}$]", "", text).split())
    if len(text) > 158:
        text = text[:155].rpartition(" ")[0] + "…"
    return f'<meta name="description" content="{html.escape(text)}" />\n'


def lab_button(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """After the theme composed its header buttons."""
    if is_lab(pagename) and "header_buttons" in context:
        topic = pagename.split("/")[1]
        context["header_buttons"].insert(
            0,
            {
                "type": "link",
                "url": f"http://localhost:8888/lab/tree/{topic}-lab.ipynb",
                "text": "Open in JupyterLab",
                "tooltip": f"Opens your copy in a running JupyterLab: first run `ibcourse lab {topic[:2]}`",
                "icon": "fas fa-flask",
                "label": "open-in-jupyterlab",
            },
        )


def write_notebooks(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.name != "html":
        return
    for page in sorted(app.env.found_docs):
        if executed(app, page):
            notebook = export(Path(app.env.doc2path(page)).read_text(encoding="utf8"))
            target = Path(app.outdir, "_sources", f"{page}.ipynb")
            target.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, target)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("config-inited", prepare)
    app.connect("html-page-context", prepare_page, priority=100)
    app.connect("html-page-context", lab_button, priority=600)
    app.connect("build-finished", write_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
