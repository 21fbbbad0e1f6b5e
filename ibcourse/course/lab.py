"""The labs: pages ``lab.md`` of the topics, which students run as notebooks of their own."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import nbformat

from ibcourse import pip_install
from ibcourse.course import CourseError, choose_topic, list_topics
from ibcourse.course.files import Put, put
from ibcourse.course.notebook import export

_PACKAGE = Path(__file__).parents[1]
#: Topics with their ``lab.md``: in an installed package inside it, in a checkout beside it.
CHAPTERS = _PACKAGE / "course" / "chapters"
if not CHAPTERS.is_dir():
    CHAPTERS = _PACKAGE.parent / "chapters"


def labs(chapters: Path | None = None) -> dict[str, str]:
    """The title of every lab by its topic, such as ``"01-information"``.

    Parameters
    ----------
    chapters : pathlib.Path, optional
        A folder with ``NN-topic/lab.md``; by default that of the installed course.

    Returns
    -------
    dict of str to str
        In the order of the topics.
    """
    return {page.parent.name: _title(page) for page in sorted((chapters or CHAPTERS).glob("*/lab.md"))}


def notebook(topic: str, chapters: Path | None = None) -> nbformat.NotebookNode:
    """The notebook of a topic's lab.

    A lab stands for itself and takes no numbers from the site: the site's download is the same notebook.

    Parameters
    ----------
    topic : str
        A key of `labs`.
    chapters : pathlib.Path, optional
        As for `labs`.
    """
    return export(((chapters or CHAPTERS) / topic / "lab.md").read_text(encoding="utf8"))


def find(name: str, chapters: Path | None = None) -> str:
    """The topic that a student means by ``1``, ``01``, ``information`` or ``01-information``.

    Raises
    ------
    CourseError
        If there is no such lab; the message lists those that there are.
    """
    return choose_topic(name, labs(chapters), "lab", "The labs are")


def listing(chapters: Path | None = None) -> str:
    """The labs, one a line."""
    return list_topics(labs(chapters))


def put_lab(name: str, folder: Path, chapters: Path | None = None) -> Put:
    """Put a lab into a student's folder as ``NN-topic-lab.ipynb``; see `ibcourse.course.files.put`."""
    topic = find(name, chapters)
    return put(notebook(topic, chapters), folder / f"{topic}-lab.ipynb")


def open_in_jupyterlab(path: Path) -> int:
    """Open a notebook in JupyterLab, wait until the student closes it, and return its exit code.

    Raises
    ------
    CourseError
        If JupyterLab is not installed.
    """
    if find_spec("jupyterlab") is None:
        raise CourseError(
            f"JupyterLab is not installed: {pip_install('labs')}. "
            f"Your notebook is {path}; any other notebook editor opens it too."
        )
    process = subprocess.Popen([sys.executable, "-m", "jupyterlab", str(path.resolve())])
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # JupyterLab gets it too, and asks whether to stop
            continue


def _title(page: Path) -> str:
    heading = re.search(r"^# (.+)$", page.read_text(encoding="utf8"), re.MULTILINE)
    return heading[1] if heading else page.parent.name
