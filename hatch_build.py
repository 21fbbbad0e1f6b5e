"""What a build adds to the package: the homework as students get it, never its solutions or hidden tests.

A source distribution holds the release notebooks too and not the texts; a wheel made from it is the same.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ReleaseNotebooks(BuildHookInterface):
    """Write ``ibcourse/course/exercises/NN-topic.ipynb`` from ``exercises/NN-topic/``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        self.folder = TemporaryDirectory()
        if version == "editable":  # it reads the texts of its checkout
            return
        sys.path.insert(0, self.root)
        import nbformat

        from ibcourse.course.homework import load, release_notebook

        for main in sorted(Path(self.root, "exercises").glob("*/homework.md")):
            path = Path(self.folder.name, f"{main.parent.name}.ipynb")
            path.write_text(nbformat.writes(release_notebook(load(main.parent))) + "\n", encoding="utf8")
            build_data["force_include"][str(path)] = f"ibcourse/course/exercises/{path.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        self.folder.cleanup()
