"""Labs: found by number or name, put into a folder, opened."""

import subprocess
import sys

import nbformat
import pytest

from ibcourse.course import CourseError, lab

PAGE = """---
kernelspec: {name: python3, display_name: Python 3}
---
# Lab: coins

```{code-cell} ipython3
x = 1
```
"""


@pytest.fixture
def chapters(tmp_path, monkeypatch):
    for topic, title in (("01-information", "coins"), ("12-weights", "weights")):
        (tmp_path / "chapters" / topic).mkdir(parents=True)
        (tmp_path / "chapters" / topic / "lab.md").write_text(PAGE.replace("coins", title))
    (tmp_path / "chapters" / "02-without-a-lab").mkdir()
    monkeypatch.setattr(lab, "CHAPTERS", tmp_path / "chapters")
    return tmp_path / "chapters"


@pytest.mark.parametrize("name", ["1", "01", "001", "information", "Information", "01-INFORMATION"])
def test_a_lab_is_found(chapters, name):
    assert lab.find(name) == "01-information"


@pytest.mark.parametrize("name", ["2", "", "0", "inform", "-information", "../01-information"])
def test_an_unknown_lab_lists_those_that_there_are(chapters, name):
    with pytest.raises(CourseError, match=r"01-information +Lab: coins\n +12-weights +Lab: weights"):
        lab.find(name)


def test_a_lab_is_put_under_its_name(chapters, tmp_path):
    done = lab.put_lab("01", tmp_path)
    assert done.path == tmp_path / "01-information-lab.ipynb"
    assert [cell.source for cell in nbformat.read(done.path, as_version=4).cells] == ["# Lab: coins", "x = 1"]


def test_jupyterlab_opens_the_notebook_in_its_folder(tmp_path, monkeypatch):
    class Process:
        waits = 0

        def __init__(self, command):
            assert command == [sys.executable, "-m", "jupyterlab", str(tmp_path / "a.ipynb")]

        def wait(self):
            Process.waits += 1
            if Process.waits == 1:
                raise KeyboardInterrupt  # JupyterLab asks whether to stop; the command waits
            return 3

    monkeypatch.setattr(subprocess, "Popen", Process)
    assert lab.open_in_jupyterlab(tmp_path / "a.ipynb") == 3


def test_without_jupyterlab_the_command_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "find_spec", lambda name: None)
    with pytest.raises(CourseError, match=r'pip install "ibcourse\[labs\]"'):
        lab.open_in_jupyterlab(tmp_path / "a.ipynb")


@pytest.mark.parametrize("topic", lab.labs())
def test_every_lab_of_the_course_is_a_notebook_without_the_site(topic):
    """What `ibcourse lab` does: no glued numbers, no words for other pages."""
    nbformat.validate(lab.notebook(topic))
