"""What students read: their work, their marks, and nothing of a hidden test but its message."""

import shutil
import zipfile

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from selectolax.lexbor import LexborHTMLParser

from ibcourse.grading import GradingError
from ibcourse.grading.collect import Collected, _save
from ibcourse.grading.feedback import Tidy, make_feedback
from ibcourse.grading.gradebook import merge, read_assignment
from ibcourse.grading.precheck import restore
from ibcourse.grading.settings import load
from ibcourse.grading.submission import Result

pytestmark = pytest.mark.filterwarnings("ignore")  # of nbgrader's
HW = "01-sample"
TRACE = "----> 7 np.testing.assert_allclose(total_variation(p, q), expected)"


@pytest.fixture(scope="module")
def course(released, tmp_path_factory):
    """A course with two graded students; one failed all tests, and tried to act in the page."""
    settings = load(shutil.copytree(released, tmp_path_factory.mktemp("feedback") / "course"))
    assignment = read_assignment(settings, HW)
    for student in ("ada", "eve"):
        notebook, _ = restore((), assignment.notebooks[HW], HW)
        for cell in notebook.cells:
            if "HIDDEN TESTS" in cell.source and student == "eve":
                cell.outputs = [
                    new_output("stream", text="PRINTED BY A TEST"),
                    new_output(
                        "error", ename="AssertionError", evalue="wrong on random tables", traceback=[TRACE]
                    ),
                ]
        notebook.cells.insert(0, new_markdown_cell("**Remarks of the grader**\n\n- You renamed the file."))
        notebook.cells.append(new_markdown_cell("<script>window.canary=1</script>"))
        merge(settings, assignment, Result(student, {HW: nbformat.writes(notebook).encode()}))
    record = Collected("moodle", "101", "Ada", "Ada Lovelace_101_assignsubmission_file")
    _save(
        settings.state / "collected" / f"{HW}.json", {"ada": record, "eve": Collected("plain", "eve", "eve")}
    )
    return settings


@pytest.fixture(scope="module")
def made(course):
    return make_feedback(course, HW)


def test_a_page_for_each_student(course, made):
    assert {student: [page.name for page in pages] for student, pages in made.pages.items()} == {
        "ada": [f"{HW}.html"],
        "eve": [f"{HW}.html"],
    }
    assert (made.missing, made.log) == ((), "")


def test_hidden_tests_stay_hidden(course, made):
    autograded = course.folder("autograded", "eve", HW) / f"{HW}.ipynb"
    assert "HIDDEN TESTS" in autograded.read_text(), "the grader's own copy holds them"
    for pages in made.pages.values():
        text = LexborHTMLParser(pages[0].read_text()).body.text()
        for word in ("HIDDEN TESTS", "default_rng", "dirichlet", "SOLUTION", TRACE[:12]):
            assert word not in text
    eve = LexborHTMLParser(made.pages["eve"][0].read_text()).body.text()
    assert "AssertionError: wrong on random tables" in eve
    assert "You renamed the file." in eve
    assert eve.index("You renamed the file.") < eve.index("total_variation")
    assert "(Score: 0.0 /" in eve


def test_what_failed_comes_first(made):
    page = LexborHTMLParser(made.pages["eve"][0].read_text())
    rows = [[cell.text(strip=True) for cell in row.css("td")] for row in page.css_first("table").css("tr")]
    assert ["total-variation-hidden", "0 of 3", "wrong on random tables"] in rows
    link = page.css_first('table a[href="#total-variation-hidden"]')
    assert link is not None
    assert page.css_first('a[name="total-variation-hidden"]') is not None


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("wrong\nat 1", "`wrong`"),
        ("the proof is not accepted:\n  see line 2.\nline 1", "`the proof is not accepted: see line 2.`"),
        ("a | b `c`:", "`a \u2223 b 'c':`"),
        ("", ""),
    ],
)
def test_what_the_list_says_of_a_message(message, said):
    outputs = [new_output("error", ename="AssertionError", evalue=message, traceback=[])]
    about = {"grade": True, "grade_id": "a-hidden", "score": 0, "points": 2}
    cell = new_code_cell("", outputs=outputs, metadata={"nbgrader": about})
    nb, _ = Tidy().preprocess(new_notebook(cells=[cell]), {})
    assert nb.cells[0].source.splitlines()[-1] == f"| [a-hidden](#a-hidden) | 0 of 2 | {said} |"


def test_nothing_acts(made):
    page = LexborHTMLParser(made.pages["eve"][0].read_text())
    assert not any("canary" in script.text() for script in page.css("script"))
    assert "< script>window.canary=1" in page.body.text()


def test_moodle_takes_the_zip_back(made):
    with zipfile.ZipFile(made.archive) as archive:
        (name,) = archive.namelist()
        assert archive.read(name) == made.pages["ada"][0].read_bytes()
    # as Moodle's importer cuts it: name, number, type and plugin of the folder, then the file
    folder, file = name.split("/")
    assert folder.split("_", 4)[1:4] == ["101", "assignsubmission", "file"]
    assert file == f"{HW}.html"


def test_again_is_the_same(course, made):
    assert make_feedback(course, HW).pages == made.pages


def test_a_page_that_cannot_be_made_is_said(course, made):
    broken = course.folder("autograded", "ada", HW) / f"{HW}.ipynb"
    content = broken.read_text()
    broken.write_text("{")
    done = make_feedback(course, HW)
    broken.write_text(content)
    assert done.missing == ("ada",)
    assert "ada" in done.log
    assert done.pages["eve"]


def test_nothing_graded(course):
    with pytest.raises(GradingError, match="nothing of 02-other is graded yet: ibcourse grade 02-other"):
        make_feedback(course, "02-other")


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("# a\n### BEGIN HIDDEN TESTS\nx\n### END HIDDEN TESTS\nb", "# a\nb"),
        (
            "### BEGIN HIDDEN TESTS\nx\n### END HIDDEN TESTS\na\n### BEGIN HIDDEN TESTS\ny\n"
            "### END HIDDEN TESTS",
            "a",
        ),
        ("# a\n### BEGIN HIDDEN TESTS\nnever ended\nx", "# a"),
    ],
)
def test_regions_of_hidden_tests(source, left):
    outputs = [new_output("display_data", data={"text/plain": "x"}), new_output("stream", text="y")]
    cell = new_code_cell(source, outputs=outputs)
    Tidy().preprocess_cell(cell, {}, 0)
    assert (cell.source, cell.outputs) == (left, [])


def test_a_students_words_are_no_solution():
    cell = new_code_cell(
        "### BEGIN SOLUTION\nmine\n### END SOLUTION", metadata={"nbgrader": {"locked": False}}
    )
    Tidy().preprocess_cell(cell, {}, 0)
    assert "mine" in cell.source
    cell.metadata.nbgrader.locked = True
    Tidy().preprocess_cell(cell, {}, 0)
    assert cell.source == ""
