"""The build's promises, on a small book: errors are loud, and a page runs again only when it must."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = """---
file_format: mystnb
kernelspec:
  name: python3
  display_name: Python 3
---

# {title}

A formula, $\\KL{{p}}{{q}} \\ge 0$, and a number from a cell.

```{{code-cell}} ipython3
{code}
```
"""
ONE = PAGE.format(
    title="Measures", code="from ibcourse.information import entropy\nprint(entropy([0.5, 0.5]))"
)
TWO = PAGE.format(
    title="Errors", code="from ibcourse.course.files import CourseError\nprint(CourseError.__name__)"
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    for name in ("_config.yml", "references.bib", "requirements.txt", "sources.yml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("_static", "ibcourse"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(
        ROOT / "_ext", tmp_path / "_ext", ignore=shutil.ignore_patterns("node_modules", "__pycache__")
    )
    (tmp_path / "_ext" / "node_modules").symlink_to(ROOT / "_ext" / "node_modules")
    (tmp_path / "index.md").write_text(
        "# A small book\n\nIts only formula is $1 + 1 = 2$.\n", encoding="utf8"
    )
    (tmp_path / "one.md").write_text(ONE, encoding="utf8")
    (tmp_path / "two.md").write_text(TWO, encoding="utf8")
    chapters = "format: jb-book\nroot: index\nchapters:\n- file: one\n- file: two\n"
    (tmp_path / "_toc.yml").write_text(chapters, encoding="utf8")
    return tmp_path


def build(book: Path) -> tuple[int, str, set[str]]:
    """Exit code, output, and the pages that were executed."""
    run = subprocess.run(
        [Path(sys.executable).with_name("jupyter-book"), "build", "--all", "-W", "--keep-going", "-n", book],
        env={**os.environ, "PYTHONPATH": str(book), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )
    output = run.stdout + run.stderr
    return run.returncode, output, set(re.findall(r"(\w+)\.md: Executed notebook", output))


def append(file: Path, text: str) -> None:
    file.write_text(file.read_text(encoding="utf8") + text, encoding="utf8")


def test_a_page_runs_again_when_what_it_depends_on_changed_and_only_then(book):
    code, output, executed = build(book)
    assert code == 0, output
    assert executed == {"one", "two"}

    assert build(book)[2] == set()

    (book / "one.md").write_text(ONE.replace("a number", "one number"), encoding="utf8")
    assert build(book)[2] == set(), "words are not code"

    append(book / "ibcourse" / "_array.py", "\n# changed\n")  # reached through ibcourse.information only
    assert build(book)[2] == {"one"}

    append(book / "requirements.txt", "\nsome-package==1.0\n")
    assert build(book)[2] == {"one", "two"}


def test_errors_fail_the_build_with_file_and_line_and_fail_it_again(book):
    append(book / "one.md", "\nA broken formula: $\\frac{a$\n")
    append(book / "two.md", "\nAn undefined macro: $\\nosuchmacro$, and an unknown page [](nowhere.md).\n")
    for _ in range(2):  # a second run must not turn green
        code, output, _ = build(book)
        assert code != 0
        line = ONE.count("\n") + 2
        assert re.search(rf"one\.md:{line}: WARNING: formula not typeset: .*", output)
        assert re.search(r"two\.md:\d+: WARNING: formula not typeset: .*nosuchmacro", output)
        assert "nowhere.md" in output


def test_a_failing_cell_and_a_warning_on_stderr_fail_the_build(book):
    (book / "one.md").write_text(PAGE.format(title="Fails", code="1 / 0"), encoding="utf8")
    (book / "two.md").write_text(
        PAGE.format(title="Warns", code="import sys\nprint('careful', file=sys.stderr)"), encoding="utf8"
    )
    code, output, _ = build(book)
    assert code != 0
    assert re.search(r"one\.md: WARNING: Executing notebook failed", output)
    assert re.search(r"two\.md:\d+: WARNING: .*stderr", output)
