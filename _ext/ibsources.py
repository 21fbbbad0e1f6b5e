"""Every item and erratum of the four source documents has its place, and two pages show where.

``sources.yml`` gives each id one owning topic and one sentence.  A page claims ids with the role
``{source}`S1.D.KL, S3.MI2` ``, a test with the marker ``pytest.mark.source("S1.D.KL")``, homework with
``sources: [S1.D.KL]`` in its YAML header.  The directives ``{sources-table}`` and ``{errata-table}`` list the
entries with their claims; nothing that is generated is kept.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

log = logging.getLogger(__name__)

KINDS = {
    "wrong": "false as stated",
    "misprint": "misprint",
    "hypothesis": "missing hypothesis",
    "imprecise": "imprecise",
    "lost": "lost from the text",
}


def read_sources(root: Path) -> dict[str, Any]:
    """``sources.yml``, with ``entries`` for items and errata together."""
    sources = yaml.safe_load((root / "sources.yml").read_text(encoding="utf8"))
    return sources | {"entries": sources["items"] | sources["errata"]}


def claims_of_tests(root: Path) -> dict[str, list[str]]:
    """The tests that claim each id, as ``path::name``, from the markers in ``tests/``."""
    claims: dict[str, list[str]] = {}
    for path in sorted((root / "tests").rglob("*.py")):
        for statement in ast.parse(path.read_bytes()).body:
            test = "::".join(
                [path.relative_to(root).as_posix(), getattr(statement, "name", "")]
            ).removesuffix("::")
            for node in ast.walk(statement):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.source":
                    for argument in node.args:
                        claims.setdefault(ast.literal_eval(argument), []).append(test)
    return claims


def claims_of_problems(root: Path) -> dict[str, list[str]]:
    """The homework that claims each id, from ``sources`` in the YAML header of ``exercises/*/*.md``."""
    claims: dict[str, list[str]] = {}
    for path in sorted(root.glob("exercises/*/*.md")):
        header = re.match(r"---\n(.*?)\n---\n", path.read_text(encoding="utf8"), re.DOTALL)
        for identifier in yaml.safe_load(header[1]).get("sources", []) if header else []:
            claims.setdefault(identifier, []).append(path.relative_to(root).as_posix())
    return claims


def anchor(identifier: str) -> str:
    """The entry's place on its page; docutils' own ids ignore case, and S0.Pre is not S0.PrE."""
    return re.sub(r"\W+", "-", identifier)


def document_of(identifier: str) -> str:
    """S1 for both S1.D.KL and E1.1."""
    return f"S{identifier[1]}"


def typeset(sentence: str) -> list[nodes.Node]:
    """The nodes of a sentence whose formulas stand between dollars."""
    parts = enumerate(sentence.split("$"))
    return [nodes.math(part, part) if odd % 2 else nodes.Text(part) for odd, part in parts if part]


class source_claim(nodes.Inline, nodes.Element):
    """A page's claim of the ids in its attribute ``claims``."""


class source_places(nodes.Element):
    """Where the entry of the attribute ``entry`` is claimed; filled in when all pages are read."""


def entry_list(entries: list[nodes.definition_list_item]) -> nodes.definition_list:
    return nodes.definition_list("", *entries, classes=["sources"])


class SourceRole(SphinxRole):
    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        self.env.note_dependency("sources.yml")
        identifiers = [part.strip() for part in self.text.split(",")]
        for identifier in identifiers:
            if identifier not in self.env.sources["entries"]:
                log.warning("sources.yml has no entry %r", identifier, location=self.get_location())
        return [source_claim(claims=[i for i in identifiers if i in self.env.sources["entries"]])], []


class Table(SphinxDirective):
    def entry(self, identifier: str, note: str = "") -> nodes.definition_list_item:
        term = nodes.term("", identifier, ids=[anchor(identifier)])
        if note:
            term += nodes.inline("", f" ({note})", classes=["source-kind"])
        says = nodes.paragraph("", "", *typeset(self.env.sources["entries"][identifier]["says"]))
        return nodes.definition_list_item(
            "", term, nodes.definition("", says, source_places(entry=identifier))
        )

    def section(self, title: str, prefix: str, *content: nodes.Node) -> nodes.section:
        return nodes.section("", nodes.title("", title), *content, ids=[nodes.make_id(f"{prefix}-{title}")])


class SourcesTable(Table):
    """All items, by document and topic."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency("sources.yml")
        self.env.source_pages["items"] = self.env.docname
        sources = self.env.sources
        documents = []
        for prefix, document in sources["documents"].items():
            section = self.section(document, prefix)
            for topic, title in sources["topics"].items():
                entries = [
                    self.entry(identifier)
                    for identifier, item in sources["items"].items()
                    if item["topic"] == topic and document_of(identifier) == prefix
                ]
                if entries:
                    section += self.section(title, prefix, entry_list(entries))
            documents.append(section)
        return documents


class ErrataTable(Table):
    """By document, the errata of the topics that stand and those that a page claims."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency("sources.yml")
        self.env.source_pages["errata"] = self.env.docname
        sources = self.env.sources
        documents = []
        for prefix, document in sources["documents"].items():
            entries = [
                self.entry(identifier, KINDS[erratum["kind"]])
                for identifier, erratum in sources["errata"].items()
                if document_of(identifier) == prefix
            ]
            documents.append(self.section(document, prefix, entry_list(entries)))
        return documents


def begin(app: Sphinx) -> None:
    env = app.env
    root = Path(app.srcdir)
    env.sources = read_sources(root)
    env.source_code = {"test": claims_of_tests(root), "problem": claims_of_problems(root)}
    if not hasattr(env, "source_claims"):
        env.source_claims = {}  # page -> its claims: (id, id of the section, title of the section)
        env.source_pages = {}  # "items" and "errata" -> the page with that table
        env.source_shown = None


def collect(app: Sphinx, doctree: nodes.document) -> None:
    claims = []
    for claim in doctree.findall(source_claim):
        section = claim.parent
        while not (isinstance(section, nodes.section) and isinstance(section[0], nodes.title)):
            section = section.parent  # a theorem holds a section without a title
        place = (section["ids"][0], section[0].astext().strip())
        claims += [(identifier, *place) for identifier in claim["claims"]]
    app.env.source_claims[app.env.docname] = claims


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    env.source_claims.pop(docname, None)
    env.source_pages = {kind: page for kind, page in env.source_pages.items() if page != docname}


def merge(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    env.source_claims |= {name: other.source_claims[name] for name in docnames if name in other.source_claims}
    env.source_pages |= other.source_pages


def outdated(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages with the tables, to be written again when a claim changed elsewhere."""
    state = (env.sources, dict(env.source_claims), env.source_code)
    if env.source_shown == state:
        return []
    env.source_shown = state
    return sorted(set(env.source_pages.values()))


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    env = app.env
    for claim in list(doctree.findall(source_claim)):
        mark = nodes.superscript(classes=["source-claim"])
        items = [identifier for identifier in claim["claims"] if identifier in env.sources["items"]]
        errata = [[identifier] for identifier in claim["claims"] if identifier in env.sources["errata"]]
        for entries in [*([items] if items else []), *errata]:  # items share one mark: the text comes first
            mark += [*([nodes.Text(" ")] if mark.children else []), link_to_entries(app, docname, entries)]
        claim.replace_self(mark if mark.children else [])
    for places in list(doctree.findall(source_places)):
        entry = places["entry"]
        lines = list(claim_lines(app, docname, entry))
        item = places.parent.parent
        if entry in env.sources["errata"] and not stands(env, entry) and not pages_of(env, entry):
            item.parent.remove(item)
        else:
            places.replace_self(lines)
    for entries in list(doctree.findall(nodes.definition_list)):
        if not entries.children:
            entries.replace_self(nodes.paragraph("", "The topics of this document's errata are to come."))


def link_to_entries(app: Sphinx, docname: str, identifiers: list[str]) -> nodes.Node:
    """A link to the first of the entries, titled with all of them."""
    sources = app.env.sources
    kind = "items" if identifiers[0] in sources["items"] else "errata"
    label = ", ".join(identifiers)
    if kind not in app.env.source_pages:
        return nodes.inline("", label)
    page = app.builder.get_relative_uri(docname, app.env.source_pages[kind])
    return nodes.reference(
        "",
        "",
        nodes.inline("", label),
        internal=True,
        refuri=f"{page}#{anchor(identifiers[0])}",
        reftitle=f"In the sources: {label}",
        classes=[f"source-{kind}"],
    )


def stands(env: BuildEnvironment, identifier: str) -> bool:
    return env.sources["entries"][identifier]["topic"] in env.sources["standing"]


def pages_of(env: BuildEnvironment, identifier: str) -> list[tuple[str, str, str]]:
    """The places (page, id of the section, title of the section) that claim an id, each once."""
    places = [
        (page, section, title)
        for page, claims in sorted(env.source_claims.items())
        for claimed, section, title in claims
        if claimed == identifier
    ]
    return list(dict.fromkeys(places))


def claim_lines(app: Sphinx, docname: str, identifier: str) -> Iterator[nodes.paragraph]:
    """One line each for the pages, the tests and the homework that claim an id."""
    links: list[nodes.Node] = []
    for page, section, title in pages_of(app.env, identifier):
        page_title = app.env.titles[page].astext().strip()
        text = title if title == page_title else f"{page_title}: {title}"
        uri = f"{app.builder.get_relative_uri(docname, page)}#{section}"
        links.append(nodes.reference("", text, internal=True, refuri=uri))
    if links:
        yield paragraph(nodes.Text("Where: "), *separated(links))
    for kind, claims in app.env.source_code.items():
        names: list[nodes.Node] = [nodes.literal("", name) for name in claims.get(identifier, [])]
        if names:
            yield paragraph(nodes.Text(f"{kind.capitalize()}: "), *separated(names))


def paragraph(*content: nodes.Node) -> nodes.paragraph:
    return nodes.paragraph("", "", *content, classes=["source-places"])


def separated(parts: list[nodes.Node]) -> list[nodes.Node]:
    return [node for part in parts for node in (nodes.Text(", "), part)][1:]


def skip(self: Any, node: nodes.Element) -> None:
    """A title in a table of contents keeps its claims unresolved: they are left out there."""
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(source_claim, html=(skip, None), latex=(skip, None), text=(skip, None))
    app.add_role("source", SourceRole())
    app.add_directive("sources-table", SourcesTable)
    app.add_directive("errata-table", ErrataTable)
    app.connect("builder-inited", begin)
    app.connect("env-purge-doc", purge)
    app.connect("doctree-read", collect)
    app.connect("env-merge-info", merge)
    app.connect("env-updated", outdated)
    app.connect("doctree-resolved", resolve)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
