"""Cells of tests against names that another process would hold; here a thread answers for it."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from ibcourse.grading import plain
from ibcourse.grading.kernel import answer
from ibcourse.grading.tester import Judge


class Student:
    """The student's side: names, and the thread that answers for them."""

    def __init__(self, source):
        self.names = {}
        exec(source, self.names)

    def connect(self):
        ours, theirs = socket.socketpair()
        threading.Thread(target=self.serve, args=(theirs,), daemon=True).start()
        return ours

    def serve(self, link):
        with link, suppress(EOFError, OSError):
            answer(link, self.names)


class Forger(Student):
    """A student's process that gives one answer to every question, as bytes."""

    def __init__(self, reply):
        self.reply = reply

    def serve(self, link):
        with link, suppress(OSError):  # the tester may have heard enough
            link.recv(1 << 16)  # one that closes before it is asked is another case
            link.sendall(self.reply)
            link.recv(1 << 20)


@pytest.fixture
def judge():
    """Run locked cells and one grade cell; return the outputs of the last."""

    def judge(student, *sources, seconds=2, reply=1 << 20):
        tester = Judge(reply)
        if isinstance(student, str):
            student = Student(student)
        for source in sources[:-1]:
            tester.reserve(source)
        for index, source in enumerate(sources):
            with student.connect() as link:
                outputs = tester.run(source, index == len(sources) - 1, link, seconds)
        return outputs

    return judge


def message(outputs):
    assert [output["output_type"] for output in outputs] == ["error"]
    assert outputs[0]["traceback"] == [f"{outputs[0]['ename']}: {outputs[0]['evalue']}"]
    return outputs[0]["evalue"]


SETUP = "import numpy as np\nimport torch"


@pytest.mark.parametrize(
    ("student", "test"),
    [
        ("def f(x): return x + 1", "assert f(1) == 2"),
        ("def f(x): return x * 2", "np.testing.assert_allclose(f(np.ones(3)), [2, 2, 2])"),
        ("def f(x): return x * 2", "assert torch.equal(f(torch.ones(3)), 2 * torch.ones(3))"),
        ("def f(*a, k=0): return a, k", "assert f(1, (2, 'b'), k={3: None}) == ((1, (2, 'b')), {3: None})"),
        ("x = 5", "def g():\n    return [x for _ in range(2)]\nassert g() == [5, 5]"),
        (
            "class A:\n    def __init__(self): self.n = 3\n    def m(self): return self.n",
            "assert A().m() == A().n",
        ),
        (
            "class A: n = 3\ndef f(a): return a.n",
            "assert f(A()) == 3\nassert [f(a) for a in [A(), A()]] == [3, 3]",
        ),
        ("def f(): return lambda x: x + 1", "assert f()(2) == 3"),
        ("count = 0\ndef f():\n    global count\n    count += 1", "f(); f(); assert count == 2"),
        (
            "def f(x): raise ValueError('no')",
            "try:\n    f(1)\n    assert 0\nexcept ValueError as e:\n    assert 'no' in str(e)",
        ),
        ("def f(x): return x.undefined", "np.testing.assert_raises(AttributeError, f, 1)"),
        ("class A: pass", "assert not hasattr(A(), 'missing')"),
        ("def f(x): return x['k']", "np.testing.assert_raises(KeyError, f, {})"),
        (
            "from functools import cache\n@cache\ndef f(n): return n if n < 2 else f(n - 1) + f(n - 2)",
            "assert f(50) == 12586269025",
        ),
        ("sum = 3", "assert sum([1, 2]) == 3"),
        ("def f(): return 1", "import asyncio\nawait asyncio.sleep(0)\nassert f() == 1"),
        ("def f(): return float('nan')", "assert np.isnan(f())"),
        (
            "def f(): return 1",
            "import warnings, sys\nwarnings.warn('w')\nprint('p', file=sys.stderr)\nassert f()",
        ),
    ],
)
def test_right_answers_pass(judge, student, test):
    assert judge(student, SETUP, test) == []


@pytest.mark.parametrize(
    ("student", "test", "words"),
    [
        ("def f(x): return 1", "assert f(0) == 2, 'off by one'", "off by one"),
        ("def f(x): return 1", "assert f(0) == 2", "a check of this cell failed"),
        ("def f(x): 1 / 0", "f(0)", "your code raised ZeroDivisionError: division by zero"),
        ("", "f(0)", "name 'f' is not defined: run the cell that defines it"),
        ("def f(x): exit()", "f(0)", "your code raised SystemExit"),
        ("def f(x): raise KeyboardInterrupt", "f(0)", "your code raised KeyboardInterrupt"),
        (
            "class E(Exception):\n    def __str__(self): raise self\ndef f(x): raise E",
            "f(0)",
            "raised Exception",
        ),
        (
            "def f(): return 1",
            "f(print)",
            "a test can give plain data to an answer, but a builtin_function_or_me",
        ),
        (
            "class A: pass\nf = A()",
            "assert f == 3",
            "your code gave an object of type A; expected plain data",
        ),
        ("f = {1, 2}", "assert len(f) == 2", "object of type set"),
        ("f = iter([1])", "assert list(f)", "object of type list_iterator"),
        ("f = object()", "assert f", "object of type object"),
        ("f = object()", "assert f != 3", "object of type object"),
        ("f = object()", "assert not f", "object of type object"),
        ("f = object()", "np.testing.assert_allclose(f, 1)", "object of type object"),
        ("f = object()", "np.testing.assert_equal(f, 1)", "object of type object"),
        ("f = object()", "assert np.allclose([f, 1], 1)", "object of type object"),
        ("f = object()", "assert 0 < f", "object of type object"),
        ("f = object()", "assert f + 1 == 2", "object of type object"),
        ("f = object()", "assert abs(f - 1) < 1", "object of type object"),
        ("f = object()", "assert float(f) == 1", "object of type object"),
        ("f = object()", "assert f in [1]", "object of type object"),
        ("f = object()", "{f: 1}", "object of type object"),
        ("l = []\nl.append(l)\ndef f(): return l", "f()", "deep"),
        ("def f(): return ' ' * 2000000", "f()", "larger than 1048576 bytes"),
        ("def f(): return 10 ** 1000000", "f()", "did not return plain data"),
        ("def f(): return f()", "f()", "raised RecursionError"),
        ("import time\ndef f(): time.sleep(9)", "f()", "did not finish within 1 s"),
        ("", "assert (", "was never closed"),
    ],
)
def test_wrong_answers_fail_with_words(judge, student, test, words):
    assert words in message(judge(student, SETUP, test, seconds=1))


@pytest.mark.parametrize(
    ("lie", "test"),
    [
        ("class L:\n    def __eq__(s, o): return True\n    def __bool__(s): return True", "assert f() == 3"),
        ("class L(float):\n    def __eq__(s, o): return True", "assert f() == 3"),
        (
            "class L(int):\n    def __sub__(s, o): return 0\n    __rsub__ = __abs__ = __sub__",
            "assert abs(f() - 3) < 1",
        ),
        (
            "class L(str):\n    def __eq__(s, o): return True\n    __hash__ = str.__hash__",
            "assert f() == 'a'",
        ),
        ("class L(list):\n    def __eq__(s, o): return True", "assert f() == [3]"),
        ("class L(dict):\n    def __getitem__(s, k): return 3", "assert f()['k'] == 3"),
        (
            "class L:\n    __class__ = float\n    def __float__(s): return 3.0",
            "assert isinstance(f(), float)",
        ),
        (
            "class L:\n    def __array__(s, *a, **k): return np.array(3.0)",
            "np.testing.assert_allclose(f(), 3)",
        ),
        ("class L:\n    def __array_ufunc__(s, *a, **k): return True", "assert np.allclose(f(), 3)"),
        ("class L:\n    def __array_function__(s, *a, **k): return True", "assert np.array_equal(f(), 3)"),
        (
            "L = lambda: np.zeros(1).view(Z)\nclass Z(np.ndarray):\n    __array_ufunc__ = np.isnan",
            "assert f() == 3",
        ),
        (
            "class L:\n    __torch_function__ = lambda *a, **k: True",
            "torch.testing.assert_close(f(), torch.ones(1))",
        ),
        (
            "class L(torch.Tensor):\n    __torch_function__ = lambda *a, **k: True",
            "torch.testing.assert_close(f(), torch.ones(1))",
        ),
        ("class L:\n    shape = (2, 2)\n    def all(s): return True", "assert f().shape == (2, 3)"),
    ],
)
def test_objects_cannot_lie(judge, lie, test):
    assert message(judge(f"{SETUP}\n{lie}\ndef f(): return L()", SETUP, test))


FRAMES = [
    b"",
    b"\xff" * 8,
    b"\0" * 7 + b"\5hello",
    b"\0" * 7 + b"\4null",
    b"\0" * 7 + b"\2[]",
    b"\0" * 7 + b'\x0d["value",1,2]',
    b"\0" * 7 + b'\x12["error", "a", "b"]'[:19],
    b"\0" * 7 + b'\x0e["error",1,"b"]',
    b"\0" * 6 + b"\x40\x00" + b"[" * 0x4000,
    b"\0" * 7 + b"\7partial"[:4],
]


@pytest.mark.parametrize("frame", FRAMES, ids=range(len(FRAMES)))
def test_forged_answers_are_a_failed_check(judge, frame):
    assert message(judge(Forger(frame), "assert f(0) == 1", seconds=0.2))


def test_a_right_forged_answer_is_an_answer(judge):
    text = b'["value", 1]'
    assert judge(Forger(b"\0" * 7 + bytes([len(text)]) + text), "assert x == 1") == []


def test_an_exception_cannot_pass_for_one_that_ends_the_tester(judge):
    for name in (
        "SystemExit",
        "KeyboardInterrupt",
        "GeneratorExit",
        "StopIteration",
        "__import__",
        "a" * 5000,
    ):
        text = f'["error", ["{name}"], "m"]'.encode()
        frame = len(text).to_bytes(8, "big") + text
        assert "your code raised" in message(
            judge(Forger(frame), "try:\n    f\nexcept ImportError:\n    pass")
        )


def test_names_of_locked_cells_are_never_the_students(judge):
    student = "expected = 5\nhelper = lambda: 5\nimport math as np\nf = object()"
    locked = "f.missing\nexpected = 3\ndef helper(): return 3\nimport numpy as np"
    for test in ("assert expected == 5", "assert helper() == 5", "np.sqrt(4)"):
        assert "the locked cell that defines" in message(judge(student, locked, test))
    assert judge(student, "expected = 3", "assert expected == 3") == []


def test_a_grade_cell_leaves_nothing_behind(judge):
    tester = Judge(1000)
    student = Student("x = 1")
    for source, expected in (("x = 2", []), ("assert x == 1", []), ("del x", None)):
        with student.connect() as link:
            outputs = tester.run(source, True, link, 1)
        assert expected is None or outputs == expected


@pytest.mark.parametrize(
    ("last", "text"),
    [
        ("0.5", "0.5"),
        ("np.float32(0.25)", "0.25"),
        ("2", "2.0"),
        ("True", None),
        ("'0.5'", None),
        ("None", None),
    ],
)
def test_a_number_on_the_last_line_is_partial_credit(judge, last, text):
    outputs = judge("", SETUP, f"x = 1\n{last}")
    assert [output["data"]["text/plain"] for output in outputs] == ([text] if text else [])


def test_prints_are_kept_within_bounds_and_never_as_errors(judge):
    (output,) = judge(
        "", "import sys, warnings\nprint('a' * 10 ** 6)\nwarnings.warn('w')\n_ = sys.stderr.write('e')"
    )
    assert (output["name"], len(output["text"])) == ("stdout", 20_000)


def test_messages_do_not_show_what_was_expected(judge):
    evalue = message(judge("", SETUP, "np.testing.assert_allclose([1.0, 3.0], [1.0, 1234.5], err_msg='off')"))
    assert "off" in evalue
    assert "1234.5" not in evalue
    assert "1231.5" not in evalue
    assert "7.5" not in message(
        judge("", SETUP, "torch.testing.assert_close(torch.tensor(1.), torch.tensor(7.5))")
    )
    assert "7.5" not in message(judge("", SETUP, "np.testing.assert_equal(3, 7.5)"))
    assert len(message(judge("", "assert False, 'a' * 10000"))) == 2000


def test_magics_do_nothing(judge):
    assert judge("", "%matplotlib inline\n!false\nx = 3", "assert x == 3") == []


def test_a_call_is_quick(judge):
    start = time.process_time()
    assert judge("def f(x): return x", "for i in range(1000):\n    assert f(i) == i") == []
    assert time.process_time() - start < 2


def test_what_the_student_sees_of_a_test_are_its_inputs():
    asked = []

    class Recorder(Student):
        def serve(self, link):
            with link:
                while True:
                    try:
                        question, _ = plain.receive(link, 1 << 20)
                    except EOFError:
                        return
                    asked.append(question)
                    plain.send(link, plain.dumps(["value", 1]))

    student = Recorder("")
    with student.connect() as link:
        outputs = Judge(1000).run(
            "secret_reference = 41\nassert f + 40 == secret_reference, 'hint'", True, link, 1
        )
    assert outputs == []
    assert asked == ['["name", "f"]']


def test_arrays_and_tensors_are_inputs(judge):
    student = "def f(x): return type(x).__name__, x.dtype.__str__(), list(x.shape)"
    assert judge(student, SETUP, "assert f(np.ones((2, 1))) == ('ndarray', 'float64', [2, 1])") == []
    assert judge(student, SETUP, "assert f(torch.ones(2, 1)) == ('Tensor', 'torch.float32', [2, 1])") == []
