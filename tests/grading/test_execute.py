"""Whole notebooks: what students write in earnest works, and what they write to cheat earns nothing."""

import itertools
import tempfile
import time

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader import utils

from ibcourse.grading import GradingError
from ibcourse.grading.execute import Outputs, execute
from ibcourse.grading.sandbox import Limits
from ibcourse.grading.submission import is_locked, is_test

SETUP = ("locked", "import numpy as np\nimport torch\nimport matplotlib.pyplot as plt\n%matplotlib inline")
RIGHT = "def double(x): return x * 2\n"
WRONG = "def double(x): return x * 3\n"
TEST = (
    "test",
    "assert double(3) == 6, 'it does not double'\nnp.testing.assert_allclose(double(np.ones(2)), 2)",
)


def passed(executed):
    """Which grade cells nbgrader would give their points."""
    cells = [cell for cell in executed.notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    return [
        not any(output.output_type == "error" or output.get("name") == "stderr" for output in cell.outputs)
        for cell in cells
    ]


def text(cell):
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def errors(cell):
    return [output.ename for output in cell.outputs if output.output_type == "error"]


EARNEST = {
    "warning": """
import warnings
def double(x):
    warnings.warn('old')
    return x * 2
""",
    "numpy warning": """
def double(x):
    np.log(np.zeros(1)) / np.zeros(1)
    return x * 2
""",
    "print": """
import sys
def double(x):
    print(x); print(x, file=sys.stderr)
    return x * 2
""",
    "log": """
import logging
def double(x):
    logging.warning('x')
    return x * 2
""",
    "cache": """
store = {}
def double(x):
    return store.setdefault(str(x), x * 2)
""",
    "recursion": """
def double(x, n=200): return x * 2 if n == 0 else double(x, n - 1)
""",
    "class": """
class Doubler:
    def __call__(self, x): return self.twice(x)
    def twice(self, x): return x * 2
double = Doubler()
""",
    "partial": """
from functools import partial
double = partial(np.multiply, 2)
""",
    "thread": """
from concurrent.futures import ThreadPoolExecutor
def double(x):
    with ThreadPoolExecutor(4) as pool: return pool.submit(lambda: x * 2).result()
""",
    "processes": """
import multiprocessing as mp
def work(x): return x * 2
def double(x):
    with mp.get_context('fork').Pool(2) as pool: return pool.map(work, [x])[0]
""",
    "file": """
def double(x):
    np.save('x.npy', x); return np.load('x.npy') * 2
""",
    "tensors": """
def double(x): return (torch.as_tensor(x) * 2).numpy()
""",
    "gradient": """
def double(x):
    t = torch.ones(1, requires_grad=True); (t * 2).backward(); return x * t.grad.item()
""",
    "own print": """
def double(x): return x * 2
print = None
list = None
""",
    "plot when called": """
def double(x):
    plt.plot([1, 2]); plt.show()
    return x * 2
""",
    "shell and magics": """
def double(x): return x * 2
!echo hello
%timeit -n1 -r1 double(2)
%time double(3)
""",
    "await": """
import asyncio
await asyncio.sleep(0)
def double(x): return x * 2
""",
    "async answer": """
import asyncio
async def work(x): return x * 2
def double(x):
    coroutine = work(x)
    try: coroutine.send(None)
    except StopIteration as stop: return stop.value
""",
    "subprocess": """
import subprocess, sys
def double(x):
    assert subprocess.run([sys.executable, '-c', 'print(2)'], capture_output=True, text=True).stdout == '2\\n'
    return x * 2
""",
    "error before": """
try:
    1 / 0
except ZeroDivisionError:
    pass
def double(x): return x * 2
1 / 0
""",
}


@pytest.mark.parametrize("batch", range(4))
def test_what_is_written_in_earnest_works(run, batch):
    for name, source in list(EARNEST.items())[batch::4]:
        executed = run(SETUP, ("answer", source), TEST)
        test = executed.notebook.cells[2]
        assert passed(executed) == [True], (name, test.outputs, text(executed.notebook.cells[1]))
        assert (executed.reason, executed.flagged) == ("", False), name


def test_outputs_are_those_of_a_notebook(run):
    source = """
import sys, warnings
from IPython.display import HTML, clear_output, display
print("out"); sys.stdout.flush(); print("err", file=sys.stderr); sys.stderr.flush()
print("gone"); clear_output(); print("stays")
handle = display(HTML("<b>old</b>"), display_id=True); handle.update(HTML("<b>new</b>"))
plt.plot([1, 2]); plt.show()
!echo shell
input_works = True
42
"""
    cells = run(
        SETUP, ("extra", source), ("extra", "input('?')"), ("extra", "import os; os.write(1, b'raw')")
    ).notebook.cells
    first = cells[1].outputs
    assert "stays" in text(cells[1])
    assert "shell" in text(cells[1])
    assert "gone" not in text(cells[1])
    assert [output.data["text/html"] for output in first if "text/html" in output.get("data", {})] == [
        "<b>new</b>"
    ]
    assert any("image/png" in output.get("data", {}) for output in first)
    assert first[-1].output_type == "execute_result"
    assert first[-1].data["text/plain"] == "42"
    assert first[-1].execution_count == cells[1].execution_count == 2
    assert errors(cells[2]) == ["StdinNotImplementedError"]


HOSTILE = {
    "np.testing patched": """
np.testing.assert_allclose = lambda *a, **k: None
import numpy.testing as t
t.assert_allclose = print
""",
    "modules replaced": """
import sys
class Yes:
    def __getattr__(s, n): return lambda *a, **k: None
sys.modules['numpy'] = np = Yes()
""",
    "transformer": """
get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])
""",
    "hooks": """
ip = get_ipython()
ip.events.register('pre_run_cell', lambda i: print('SOURCE', i.raw_cell))
ip.set_custom_exc((Exception,), lambda *a, **k: None)
ip.showtraceback = lambda *a, **k: None
""",
    "builtins": """
import builtins
builtins.AssertionError = builtins.isinstance = builtins.print = None
builtins.__import__ = lambda *a: None
""",
    "import hook": """
import sys
class F:
    def find_spec(*a): raise SystemExit
sys.meta_path.insert(0, F())
""",
    "handlers": """
k = get_ipython().kernel
k.shell_handlers['execute_request'] = k.shell_handlers['answer_request'] = lambda *a: None
""",
    "no modules": """
import sys
sys.modules.clear()
""",
    "limits": """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
resource.setrlimit(resource.RLIMIT_AS, (1, 1))
""",
    "closed": """
import os
os.closerange(0, 500)
""",
    "exit": """
import os
os._exit(0)
""",
    "killed": """
import ctypes
ctypes.string_at(0)
""",
    "exec": """
import os
os.execv('/bin/true', ['true'])
""",
    "stopped": """
import os, signal
os.kill(os.getpid(), signal.SIGSTOP)
for t in os.listdir('/proc/self/task'):
    os.kill(int(t), signal.SIGSTOP)
""",
    "threads go on": """
import threading, builtins
def loop():
    while True:
        try: np.testing.assert_allclose = builtins.AssertionError = lambda *a, **k: None
        except Exception: pass
for _ in range(3): threading.Thread(target=loop).start()
""",
    "atexit": """
import atexit, gc, weakref
atexit.register(lambda: np.load('x'))
class D:
    def __del__(self): raise SystemExit
d = D()
gc.callbacks.append(lambda *a: D())
""",
    "patched helper": """
from ibcourse.grading import kernel, plain
kernel.answer = lambda link, names: plain.send(link, '["value", true]')
plain.dumps = lambda *a: '["value", {"dict": []}]'
""",
}


@pytest.mark.parametrize("batch", range(4))
def test_what_is_written_to_cheat_earns_nothing(run, batch):
    for name, source in list(HOSTILE.items())[batch::4]:
        start = time.monotonic()
        executed = run(SETUP, ("answer", WRONG + source), TEST, limits=Limits(cell=1, notebook=10))
        assert time.monotonic() - start < 14, name
        assert passed(executed) == [False], name
        shown = str(executed.notebook.cells[1].outputs) + executed.reason
        assert "it does not double" not in shown, name
        assert "SOURCE" not in shown, name
        if name in ("exit", "killed", "exec"):
            assert "kernel ended" in executed.reason, name
            assert executed.flagged
            assert "kernel ended" in executed.notebook.cells[2].outputs[0].evalue
    assert passed(run(SETUP, ("answer", RIGHT), TEST)) == [True]  # the next notebook is as ever


def test_the_source_of_a_test_never_enters_the_students_process(run):
    """A word is looked for in all memory that the process can write: its frames and objects lie there."""
    search = """
import ctypes, re
def search(reversed_word):
    word, found = bytes(reversed(reversed_word)), 0
    pattern = b"".join(b"[%c]" % letter for letter in word)  # not itself a hit
    del word
    with open("/proc/self/maps") as maps:
        for line in maps:
            start, end, rights = re.match("([0-9a-f]+)-([0-9a-f]+) (...)", line).groups()
            if rights == "rw-":
                memory = (ctypes.c_char * (int(end, 16) - int(start, 16))).from_address(int(start, 16))
                found += sum(1 for _ in re.finditer(pattern, memory))
    return found
hits = []
def double(x):
    hits.append(search(b"detcepxe_terces"))
    return x * 2
present = "a_word_that_is_here"
print(search(b"ereh_si_taht_drow_a") > 0, search(b"ereh_ton_si_taht_drow_a"))
"""
    executed = run(
        ("answer", search),
        ("test", "secret_expected = 6\nassert double(3) == secret_expected, 'secret_expected'"),
        ("extra", "print(hits)"),
        ("test", "assert double(4) == 0, 'next'"),
        ("extra", "print(hits)"),
        limits=Limits(cell=20, notebook=60),
    )
    cells = executed.notebook.cells
    assert passed(executed) == [True, False]
    assert [text(cells[index]) for index in (0, 2, 4)] == ["True 0\n", "[0]\n", "[0, 0]\n"]


def test_an_endless_loop_is_interrupted_and_the_rest_graded(run):
    executed = run(
        ("answer", "x = 1\nwhile True: pass"),
        ("answer", "def f(): return 1\ndef g():\n    while True: pass"),
        ("test", "assert f() == 1"),
        ("test", "g()"),
        ("test", "assert x == f() == 1"),
        limits=Limits(cell=1, notebook=20),
    )
    assert errors(executed.notebook.cells[0]) == ["KeyboardInterrupt"]
    assert passed(executed) == [True, False, True]
    assert executed.flagged
    assert "Cell answer-1 did not finish within 1 s" in executed.reason
    assert "did not finish within 1 s" in executed.notebook.cells[3].outputs[0].evalue


def test_a_loop_that_cannot_be_interrupted_ends_the_run_with_a_reason(run):
    loop = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    start = time.monotonic()
    executed = run(
        ("answer", "def f(): return 1"),
        ("test", "assert f() == 1"),
        ("answer", loop),
        ("test", "assert f() == 1"),
        limits=Limits(cell=1, notebook=20),
    )
    assert time.monotonic() - start < 12
    assert passed(executed) == [True, False]
    assert "did not stop when its time was up" in executed.reason
    assert executed.notebook.cells[3].outputs[0].ename == "NotGraded"


def test_the_time_of_a_notebook_is_a_limit_for_all_of_it(run):
    start = time.monotonic()
    executed = run(*[("extra", "import time; time.sleep(2)")] * 10, TEST, limits=Limits(cell=3, notebook=4))
    assert time.monotonic() - start < 10
    assert passed(executed) == [False]
    assert "within its 4 s" in executed.reason or "was interrupted" in executed.reason


def test_a_test_that_does_not_end_is_interrupted(run):
    executed = run(
        ("answer", "n = 10 ** 9"),
        ("test", "while n: pass"),
        ("test", "assert n == 10 ** 9"),
        limits=Limits(cell=1, notebook=20),
    )
    assert passed(executed) == [False, True]
    assert executed.flagged


def test_output_is_cut(run):
    limits = Limits(cell=10, notebook=30, output=100_000)
    sources = [
        "print('a' * 40_000_000)",
        "for i in range(100_000): print('line', i)",
        "raise ValueError('b' * 300_000)",
        "from IPython.display import HTML, display\ndisplay(HTML('c' * 10_000_000))",
        "'d' * 1_000_000",
        "print('ok')",
    ]
    executed = run(*[("extra", source) for source in sources], ("test", "1"), limits=limits)
    for cell in executed.notebook.cells:
        assert len(str(cell.outputs)) < 400_000
    assert "The rest was not kept" in text(executed.notebook.cells[0])
    assert "More output was not kept" in text(executed.notebook.cells[1])
    assert errors(executed.notebook.cells[2]) == ["ValueError"]
    assert "too large" in executed.notebook.cells[3].outputs[0].data["text/plain"]
    assert text(executed.notebook.cells[5]) == "ok\n"
    assert passed(executed) == [True]


FLOOD = """
kernel = get_ipython().kernel
parent = kernel.get_parent()
import threading
def flood():
    while True:
        kernel.iopub_socket.send_multipart([b"x", b"<IDS|MSG>", b"", b"[" * 5000, b"{}", b"{}", b"{}"])
        kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent)
threading.Thread(target=flood).start()
"""
FORGED = """
kernel = get_ipython().kernel
parent = kernel.get_parent()
ident = kernel._shell_parent_ident.get() if hasattr(kernel, "_shell_parent_ident") else [b"x"]
for kind in ("execute_reply", "answer_reply", "status", "stream", "error", "execute_result", "display_data"):
    for content in (
        {}, {"data": 3}, {"text": 5}, {"name": [1], "text": "t"}, {"data": {"text/plain": {"a": 1}}},
        {"traceback": "x", "ename": None}, {"execution_state": []}, {"transient": [], "metadata": 4},
        {"data": {"text/html": "\\ud800"}, "execution_count": "7"}, {"execution_count": 10 ** 400},
    ):
        try:
            kernel.session.send(kernel.iopub_socket, kind, content, parent=parent)
        except Exception:
            pass
kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent)
"""


@pytest.mark.parametrize("source", [FLOOD, FORGED], ids=["flood", "forged"])
def test_a_kernel_that_forges_messages_earns_nothing(run, source):
    start = time.monotonic()
    executed = run(SETUP, ("answer", WRONG + source), TEST, limits=Limits(cell=2, notebook=10))
    assert time.monotonic() - start < 15
    assert passed(executed) == [False]
    assert passed(run(SETUP, ("answer", RIGHT), TEST)) == [True]


def test_names_that_are_missing_and_answers_that_are_no_data(run):
    executed = run(
        SETUP,
        ("answer", "def huge(): return np.zeros(10 ** 8)\ndef endless():\n    while True: yield 1"),
        ("test", "missing(1)"),
        ("test", "huge()"),
        ("test", "list(endless())"),
        ("test", "assert np"),
        limits=Limits(cell=10, notebook=60, reply=1 << 20),
    )
    assert passed(executed) == [False, False, False, True]
    messages = [cell.outputs[0].evalue for cell in executed.notebook.cells[2:5]]
    assert "name 'missing' is not defined" in messages[0]
    assert "larger than" in messages[1]
    assert "object of type generator" in messages[2]


def test_partial_credit_is_a_mark_that_can_be(run):
    executed = run(("test", "0.5"), ("test", "7"), ("test", "-1"), ("test", "float('nan')"), ("test", "True"))
    assert passed(executed) == [True, False, False, False, True]
    assert executed.notebook.cells[0].outputs[0].data["text/plain"] == "0.5"


def test_the_notebook_that_was_given_stays_as_it_was(sandbox):
    notebook = new_notebook()
    executed = execute(notebook, {}, Limits())
    assert executed.notebook == notebook
    assert executed.notebook is not notebook


def test_a_locked_cell_that_uses_an_answer_works(run):
    executed = run(("answer", RIGHT), ("locked", "value = double(4)"), ("test", "assert value == 8"))
    assert passed(executed) == [True]
    executed = run(
        ("answer", "def double(x): 1 / 0"),
        ("locked", "double(1)\nvalue = 8"),
        ("answer", "value = 8"),
        ("test", "assert value == 8"),
    )
    assert passed(executed) == [False]


def test_a_student_may_not_choose_what_a_message_makes_of_the_grader():
    cell = new_notebook()
    cell.outputs = []
    outputs = Outputs(cell, 1000)
    for content in ({}, {"data": 1}, {"data": {"application/json": {"a": [1]}}}, {"metadata": 3}):
        outputs.add("display_data", content, 10)
    outputs.add("update_display_data", {"transient": {"display_id": ["unhashable"]}}, 10)
    outputs.add("unknown", {}, 10)
    assert [output.output_type for output in cell.outputs] == ["display_data"] * 4


def test_a_temporary_folder_that_is_too_long_for_sockets(tmp_path, monkeypatch):
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with pytest.raises(GradingError, match=r"x has a path too long for sockets\. Set TMPDIR"):
        execute(new_notebook(), {}, Limits())
    assert list(folder.iterdir()) == []


def test_cells_are_told_apart_as_nbgrader_does():
    assert not is_test(new_code_cell())
    assert not is_locked(new_code_cell())
    for grade, solution, locked in itertools.product([False, True], repeat=3):
        cell = new_code_cell(metadata={"nbgrader": {"grade": grade, "solution": solution, "locked": locked}})
        assert is_test(cell) == (utils.is_grade(cell) and not utils.is_solution(cell))
        assert is_locked(cell) == utils.is_locked(cell)
