"""The settings of a course: where it lies, and how nbgrader is configured for it.

nbgrader logs a configuration file that fails and goes on with its defaults; here such a file is an error.
"""

import ast
import os
import socket
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from traitlets.config import Config, PyFileConfigLoader

from ibcourse import pip_install
from ibcourse.course import CourseError

CONFIG = "nbgrader_config.py"
#: What the course folder fixes, and what decides how a student's work is run, kept and shown.
_FIXED = {
    "CourseDirectory": {
        "root",
        "directory_structure",
        "source_directory",
        "release_directory",
        "submitted_directory",
        "autograded_directory",
        "feedback_directory",
        "student_id",
        "assignment_id",
        "notebook_id",
    }
}
_OURS = ("Execute", "Autograde", "OverwriteCells", "ClearHiddenTests", "GenerateFeedback", "HTMLExporter")


class SettingsError(CourseError):
    """A course folder or its configuration that cannot be used, and what to do."""


@dataclass(frozen=True)
class Settings:
    """A course.

    Parameters
    ----------
    course : pathlib.Path
        Its folder, absolute.
    config : traitlets.config.Config
        For nbgrader's classes.
    db_url : str
        The gradebook's address.
    course_id : str
        Its name in the gradebook and in the exchange.
    """

    course: Path
    config: Config
    db_url: str
    course_id: str

    @property
    def state(self) -> Path:
        """The folder of what ``ibcourse`` itself remembers of the course."""
        return self.course / ".ibcourse"

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """Where nbgrader keeps a student's work; ``step`` is submitted, autograded or feedback."""
        return self.course / step / student / assignment


def protect(c: Config) -> None:
    """Configure nbgrader so that its own buttons and commands harm nobody; ``nbgrader_config.py`` calls this.

    Its autograding, which formgrader offers as a button too, would run a student's code with the
    instructor's rights: it is refused.  Pages that show a student's work are made without the student's HTML,
    and feedback without hidden tests.

    Parameters
    ----------
    c : traitlets.config.Config
        What ``get_config()`` returns; it is changed.

    Examples
    --------
    >>> c = Config()
    >>> protect(c)
    >>> c.Autograde.exporter_class
    'ibcourse.grading.feedback.Refuse'
    """
    c.Autograde.exporter_class = "ibcourse.grading.feedback.Refuse"
    c.HTMLExporter.preprocessors = ["ibcourse.grading.feedback.Sanitise"]
    c.GenerateFeedback.preprocessors = [
        "nbgrader.preprocessors.GetGrades",
        "ibcourse.grading.feedback.Tidy",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]


def load(course: Path) -> Settings:
    """Read the settings of a course, strictly.

    nbgrader calls ``alembic`` by its name, so the interpreter's folder is put first on the PATH.

    Raises
    ------
    SettingsError
        If the folder is no course, if its ``nbgrader_config.py`` fails, if it does not call `protect` or sets
        something that the grader sets itself, if the gradebook's address cannot be used, or if nbgrader is
        not installed whole.  The message names the file, the line where there is one, and the remedy.
    """
    course = course.resolve()
    path = course / CONFIG
    if not path.is_file():
        raise SettingsError(
            f"{course} is not a course: it holds no {CONFIG}. "
            "Change to a course's folder, name it with --course, or make one: ibcourse course new DIR"
        )
    config = _read(path)
    expected = Config()
    protect(expected)
    for section in _OURS:
        if section in expected and section not in config:
            raise SettingsError(
                f"{path} does not call protect(c). Write these two lines below c = get_config():\n"
                "    from ibcourse.grading.settings import protect\n    protect(c)"
            )
        if config[section] != expected[section]:
            raise _not_yours(path, section, sorted(_differing(config[section], expected[section]))[0])
    for section, names in _FIXED.items():
        for name in sorted(names & config[section].keys()):
            raise _not_yours(path, section, name)
    _find_alembic()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.db_url = db_url = _db_url(config.CourseDirectory.get("db_url", ""), path)
    return Settings(course, config, db_url, str(config.CourseDirectory.get("course_id", "")))


@contextmanager
def quiet() -> Iterator[None]:
    """Keep warnings of nbgrader and the libraries under it from the user, who can do nothing about them."""
    with warnings.catch_warnings(action="ignore"):
        yield


@contextmanager
def lock(settings: Settings) -> Iterator[None]:
    """Let one command at a time change a course; the system frees the lock of a process that is killed.

    Raises
    ------
    SettingsError
        If another command holds it.
    """
    import fcntl  # Windows has none, and no grader

    settings.state.mkdir(exist_ok=True)
    with open(settings.state / "lock", "a+", encoding="utf8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            who = file.read() or "it does not say which"
            raise SettingsError(
                f"another command is at work in {settings.course} ({who}). Wait for it, or stop it."
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}")
        file.flush()
        yield


def _read(path: Path) -> Config:
    with quiet():
        try:
            return PyFileConfigLoader(path.name, path=str(path.parent)).load_config()
        except SyntaxError as error:
            where, what = error.lineno, error.msg
        except (Exception, SystemExit) as error:  # whatever the file runs into
            frames = traceback.extract_tb(error.__traceback__)
            lines = [frame.lineno for frame in frames if Path(frame.filename).name == path.name]
            where, what = lines[-1] if lines else None, f"{type(error).__name__}: {error}"
    line = f", line {where}" if where else ""
    raise SettingsError(
        f"{path}{line}: {what}. Correct the file; nothing is done with a configuration that fails."
    )


def _differing(one: Config, other: Config) -> set[str]:
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def _not_yours(path: Path, section: str, name: str) -> SettingsError:
    lines = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8")))
        if isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == section
    ]
    line = f", line {lines[0]}" if lines else ""
    return SettingsError(
        f"{path}{line}: c.{section}.{name} is not yours to set: the grader does. Delete that line."
    )


def _find_alembic() -> None:
    """Let nbgrader find the alembic that was installed with it."""
    folder = Path(sys.executable).parent
    if not any((folder / name).is_file() for name in ("alembic", "alembic.exe")):
        raise SettingsError(f"nbgrader is not installed whole: {pip_install('grading')}")
    search = os.environ.get("PATH", "")
    if search.split(os.pathsep)[0] != str(folder):
        os.environ["PATH"] = f"{folder}{os.pathsep}{search}"


def _db_url(given: str, path: Path) -> str:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        url = make_url(given or "sqlite:///gradebook.db")
        url.get_dialect().import_dbapi()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise SettingsError(f"{path}: c.CourseDirectory.db_url cannot be used: {error}") from error
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"{path}: c.CourseDirectory.db_url needs the Python module {error.name}: pip install {error.name}"
        ) from error
    if url.get_backend_name() == "sqlite":
        url = url.set(database=str(path.parent / (url.database or "gradebook.db")))
    return url.render_as_string(hide_password=False)
