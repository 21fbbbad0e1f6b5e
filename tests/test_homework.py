"""Every homework of the course, tried on its right and wrong answers, and kept secret where it must be.

Until a homework stands, the sample of the tests takes its place.
"""

from pathlib import Path

import pytest

from ibcourse.course import answers
from ibcourse.course.homework import load, release_notebook

ROOT = Path(__file__).parent.parent
FOLDERS = sorted(path for path in (ROOT / "exercises").glob("*") if path.is_dir())
FOLDERS = FOLDERS or sorted((ROOT / "tests" / "course" / "homework").iterdir())
#: A verdict must not hang on the instances that one secret draws.
SECRETS = ("development", "another course")
PAGES = [
    ROOT / "index.md",
    *(page for room in ("chapters", "appendix", "api") for page in ROOT.glob(f"{room}/**/*.md")),
]
HOMEWORK = {folder: load(folder) for folder in FOLDERS}
CASES = [
    pytest.param(read, answer, id=f"{read.topic}, {answer.name}")
    for folder, read in HOMEWORK.items()
    for answer in answers.answers(read, folder)
]

each = pytest.mark.parametrize(("folder", "read"), HOMEWORK.items(), ids=[path.name for path in HOMEWORK])


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(("read", "answer"), CASES)
def test_an_answer_loses_what_it_should(read, answer, secret):
    assert answers.verdict(read, answer, secret) == ""


@each
def test_there_are_enough_answers(folder, read):
    assert answers.shortfalls(read, answers.answers(read, folder)) == []


@each
def test_a_release_notebook_holds_no_solution_and_no_hidden_test(folder, read):
    assert answers.leaks(read, [cell.source for cell in release_notebook(read).cells]) == []


@each
def test_no_page_prints_a_solution(folder, read):
    for page in PAGES:
        assert answers.printed(read, page.read_text(encoding="utf8")) == [], page


def test_problems_of_the_course_have_ids_of_their_own():
    """`ibcourse check` finds the homework of a notebook by its cells."""
    ids = [problem.id for read in HOMEWORK.values() for problem in read.problems]
    assert sorted(ids) == sorted(set(ids))
