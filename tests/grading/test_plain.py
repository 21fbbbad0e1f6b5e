"""Plain data crosses exactly; nothing else does, whatever a text says."""

import json
import math
import socket
import sys
import threading
import time
from contextlib import suppress

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ibcourse.grading import plain
from ibcourse.grading.plain import NotPlainError

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text(st.characters())
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=4)
    ),
    max_leaves=12,
)
DTYPES = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(),
    hnp.floating_dtypes(),
    hnp.complex_number_dtypes(),
    hnp.unicode_string_dtypes(),
    hnp.byte_string_dtypes(),
)
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, min_side=0, max_dims=3, max_side=4))


def cross(value):
    return plain.loads(plain.dumps(value))


def same(a, b):
    """Equal in type and value, where nan equals nan."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return all(map(same, a.items(), b.items())) and len(a) == len(b)
    return repr(a) == repr(b)


@given(VALUES)
@settings(max_examples=50)
def test_basic_values_cross_exactly(value):
    assert same(cross(value), value)


@given(ARRAYS)
def test_arrays_cross_exactly(array):
    result = cross(array)
    assert type(result) is np.ndarray
    assert (result.dtype, result.shape, result.tobytes()) == (array.dtype, array.shape, array.tobytes())
    assert result.flags.writeable


@pytest.mark.parametrize("dtype", ["float32", "int8", "bool", "complex64", "longdouble", "U3"])
def test_numpy_scalars_cross_exactly(dtype):
    value = np.ones(1, dtype)[0]
    assert same(cross(value), value)


@pytest.mark.parametrize("name", sorted(plain.TORCH))
@pytest.mark.parametrize("shape", [(), (0, 2), (2, 3)])
def test_tensors_cross_exactly(name, shape):
    tensor = torch.ones(shape).to(getattr(torch, name))
    result = cross(tensor)
    assert result.dtype == tensor.dtype
    assert torch.equal(result, tensor)
    assert not result.requires_grad


def test_a_tensor_of_any_layout_in_memory_crosses_with_whether_it_wants_a_gradient():
    tensor = torch.arange(6.0).reshape(2, 3).T.requires_grad_()
    result = cross(tensor)
    assert torch.equal(result, tensor)
    assert result.requires_grad
    assert result.is_leaf
    assert torch.equal(cross(torch.tensor([1j]).conj()), torch.tensor([-1j]))
    assert torch.equal(cross(torch.nn.Parameter(torch.ones(2))), torch.ones(2))


class Liar(np.ndarray):
    def __eq__(self, other):
        return True


@pytest.mark.parametrize(
    "value",
    [
        np.ones(2).view(Liar),
        np.array([print], dtype=object),
        np.zeros(1, dtype=[("a", float)]),
        np.ma.masked_array([1.0]),
        type("Int", (int,), {})(3),
        type("Text", (str,), {})("a"),
        type("List", (list,), {})([1]),
        type("Mapping", (dict,), {})(),
        type("Float", (np.float64,), {})(1.0),
        torch.ones(2).to_sparse(),
        torch.ones(2, device="meta"),
        {1, 2},
        b"bytes",
        print,
        (i for i in range(3)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_values_do_not_cross(value):
    with pytest.raises(NotPlainError, match="is not plain data"):
        plain.dumps([value])
    kept = []
    number = plain.loads(plain.dumps([value], lambda item: kept.append(item) or 7), lambda n, kind: (n, kind))
    assert number == [(7, type(value).__name__)]
    assert kept[0] is value


def test_cycles_and_deep_nesting_are_refused():
    cycle = []
    cycle.append(cycle)
    with pytest.raises(NotPlainError, match="deep"):
        plain.dumps(cycle)
    with pytest.raises(NotPlainError):
        plain.loads("[" * 150 + "]" * 150)
    with pytest.raises(NotPlainError):
        plain.loads("[" * 100_000)


HOSTILE = [
    "",
    "{",
    "{}",
    '{"a": 1, "b": 2}',
    '{"pickle": "gASVAA=="}',
    '{"int": 5}',
    '{"int": "0x' + "f" * 20_000 + '"}',
    "9" * 5000,
    '{"tuple": 3}',
    '{"tuple": null}',
    '{"dict": [[[1], 2]]}',
    '{"dict": [[1]]}',
    '{"dict": {"a": 1}}',
    '{"complex": [1]}',
    '{"complex": ["a", 1]}',
    '{"array": []}',
    '{"array": ["|O", [1], "AAAAAAAAAAA="]}',
    '{"array": ["<f8,<i4", [1], "AAAAAAAAAAAAAAAA"]}',
    '{"array": ["<f8", [1], "AAAA"]}',
    '{"array": ["<f8", [-1], "AAAAAAAAAAA="]}',
    '{"array": ["<f8", [true], "AAAAAAAAAAA="]}',
    '{"array": ["<f8", [1.0], "AAAAAAAAAAA="]}',
    '{"array": ["<f8", [99999999999, 99999999999], ""]}',
    '{"array": ["<f8", "1", "AAAAAAAAAAA="]}',
    '{"array": ["<f8", [1], "not base64!"]}',
    '{"array": ["<f3", [1], "AAAA"]}',
    '{"array": ["<U99999999999", [0], ""]}',
    '{"array": [' + json.dumps(["<f8"]) + ', [0], ""]}',
    '{"array": ["<f8", ' + json.dumps([1] * 200) + ', "AAAAAAAAAAA="]}',
    '{"tensor": ["Tensor", [], "", false]}',
    '{"tensor": ["float32", [1], "AAAA", false]}',
    '{"tensor": ["int64", [0], "", true]}',
    '{"scalar": ["<f8", ""]}',
    '{"remote": [-1, "a"]}',
    '{"remote": [true, "a"]}',
    '{"remote": 3}',
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_other_texts_hold_nothing(text):
    with pytest.raises(NotPlainError):
        plain.loads(text, lambda number, kind: (number, kind))


@given(st.text() | st.recursive(SCALARS.filter(lambda x: type(x) is not complex), st.lists).map(json.dumps))
def test_no_text_does_anything_else(text):
    with suppress(NotPlainError):
        plain.loads(text)


def test_an_object_is_not_found_where_none_may_come():
    with pytest.raises(NotPlainError):
        plain.loads('{"remote": [0, "a"]}')


def test_a_message_is_read_quickly():
    start = time.process_time()
    plain.loads(plain.dumps(np.zeros(1_000_000)))
    plain.loads(plain.dumps(list(range(100_000))))
    assert time.process_time() - start < 3


@pytest.fixture
def channel():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_frames_carry_texts_and_descriptors(channel):
    ours, theirs = channel
    large = "é" * 300_000
    sender = threading.Thread(target=lambda: [plain.send(ours, text) for text in ("", "a", large)])
    sender.start()
    assert [plain.receive(theirs, 1 << 20)[0] for _ in range(3)] == ["", "a", large]
    sender.join()
    with open(sys.executable, "rb") as file:
        plain.send(ours, "file", [file.fileno()])
        text, (descriptor,) = plain.receive(theirs, 100, descriptors=1)
    with open(descriptor, "rb") as file:
        assert (text, file.read(4)) == ("file", b"\x7fELF")


def test_a_frame_may_be_refused_late_or_cut(channel):
    ours, theirs = channel
    plain.send(ours, "long")
    with pytest.raises(NotPlainError, match="larger than 3 bytes"):
        plain.receive(theirs, 3)
    theirs.recv(4)
    ours.sendall(b"\0\0\0")
    with pytest.raises(TimeoutError):
        plain.receive(theirs, 100, time.monotonic() + 0.05)
    with pytest.raises(TimeoutError):
        plain.receive(theirs, 100, time.monotonic() - 1)
    ours.sendall(b"\0" * 7 + b"\2\xff\xff")
    with pytest.raises(NotPlainError, match="no text"):
        plain.receive(theirs, 100, math.inf)
    ours.sendall(b"\0" * 7 + b"\2a")
    ours.close()
    with pytest.raises(EOFError):
        plain.receive(theirs, 100)
