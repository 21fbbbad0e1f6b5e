"""What the site adds to Jupyter Book: the explorables' script, downloads, the labs' button, descriptions."""

import html
import json
import os
import re
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from ibcourse.course.notebook import ExportError, export

ROOT = Path(__file__).parent.parent
EXPLORE = ROOT / "ibcourse" / "explore" / "explore.js"


def prepare(app: Sphinx, config: Any) -> None:
    os.environ["IBCOURSE_BOOK"] = "1"  # the kernels inherit it: outputs are made for the site
    # A reader's own IPython profile must not change a page, and this one keeps kernels quiet.
    profile = ROOT / "_build" / "ipython" / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text("get_config().IPKernelApp.log_level = 40\n")
    os.environ["IPYTHONDIR"] = str(profile.parent)
    # Jupyter Book links every script under its static folders; this one is linked where it is needed.
    config.html_static_path.append(str(EXPLORE))


def executed(app: Sphinx, pagename: str) -> bool:
    return bool((app.env.metadata.get(pagename) or {}).get("kernelspec"))


def is_lab(pagename: str) -> bool:
    return pagename.startswith("chapters/") and pagename.endswith("/lab")


def prepare_page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
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


def words_for_reference(app: Sphinx, page: str, role: str, target: str) -> str | None:
    """What the site writes for a reference on a page, or None where it knows nothing."""
    env = app.env
    bibtex: Any = env.get_domain("cite")
    proofs: dict[str, Any] = getattr(env, "proof_list", {})

    def number(doc: str, name: str) -> tuple[str, str] | None:
        for kind, names in env.toc_fignumbers.get(doc, {}).items():
            if name in names:
                return kind, ".".join(map(str, names[name]))
        return None

    match role:
        case "doc":
            title = env.titles.get(env.relfn2path(target, page)[0].removesuffix(".md"))
            return title.astext() if title else None
        case "ref":
            return env.domaindata["std"]["labels"].get(target, (None, None, None))[2]
        case "eq" if target in env.domaindata["math"]["objects"]:
            found = number(env.domaindata["math"]["objects"][target][0], f"equation-{target}")
            return f"({found[1]})" if found else None
        case "numref" if target in env.domaindata["std"]["anonlabels"]:
            found = number(*env.domaindata["std"]["anonlabels"][target])
            return f"{found[0].capitalize()} {found[1]}" if found else None
        case "prf:ref" if target in proofs:
            found = number(proofs[target]["docname"], target)
            return f"{proofs[target]['realtype'].capitalize()} {found[1]}" if found else None
        case "cite" | "cite:t" | "cite:p":
            for citation in bibtex.citations:
                if citation.key == target:
                    names = [" ".join(person.last_names) for person in citation.entry.persons["author"]]
                    who = f"{names[0]} and others" if len(names) > 3 else " and ".join(names)
                    return f"{who} [{citation.entry.fields['year']}]"
    return None


def glued_numbers(app: Sphinx, page: str) -> dict[str, str]:
    file = Path(app.outdir).parent / "jupyter_execute" / f"{page}.glue.json"
    outputs = json.loads(file.read_text(encoding="utf8")) if file.exists() else {}
    return {
        key: output["data"]["text/plain"] for key, output in outputs.items() if "text/plain" in output["data"]
    }


def site_words(app: Sphinx, page: str) -> dict[str, Any]:
    """What the export needs to write a page's references and numbers as the site does."""
    return {"glued": glued_numbers(app, page), "resolve": partial(words_for_reference, app, page)}


def write_notebooks(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.name != "html":
        return
    for page in sorted(app.env.found_docs):
        if executed(app, page):
            text = Path(app.env.doc2path(page)).read_text(encoding="utf8")
            # A lab is the file that `ibcourse lab` writes, which knows nothing of the rest of the site.
            site = {} if is_lab(page) else site_words(app, page)
            try:
                notebook = export(text, **site)
            except ExportError as error:
                raise ExtensionError(f"{page}.md, {error}") from error
            target = Path(app.outdir, "_sources", f"{page}.ipynb")
            target.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, target)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("config-inited", prepare)
    app.connect("html-page-context", prepare_page, priority=100)
    app.connect("html-page-context", lab_button, priority=600)
    app.connect("build-finished", write_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
