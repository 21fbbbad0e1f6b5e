"""Plain data as JSON text and back, and frames that carry it through a socket.

What a student's process says is read by processes that must not trust it.  So only exact basic types cross,
never a pickle: ``None``, ``bool``, ``int``, ``float``, ``complex``, ``str``, ``list``, ``tuple``, ``dict``,
NumPy arrays and scalars of numbers or text, dense torch tensors.  A subclass of these may lie about itself
and does not cross by value.  In the text, whatever JSON lacks is an object with one key:
``{"tuple": [1, 2]}``.
"""

import base64
import json
import math
import re
import socket
import struct
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

DEPTH = 100  # of lists within lists
DIGITS = 10_000  # hexadecimal, of an integer
LARGEST = 1 << 26  # bytes of an array
TORCH = {
    *("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"),
    *("complex64", "complex128"),
}


class NotPlainError(ValueError):
    """A value cannot cross, or a text holds none."""


def dumps(value: Any, keep: Callable[[Any], Any] | None = None) -> str:
    """Return the JSON text of plain data.

    Parameters
    ----------
    value : object
        The data.
    keep : callable, optional
        Takes an object that is not plain and returns the number by which the other side shall know it.

    Raises
    ------
    NotPlainError
        If the value is not plain data and ``keep`` is not given, or if it is nested too deeply.

    Examples
    --------
    >>> dumps({"a": (1, 2.5)})
    '{"dict": [["a", {"tuple": [1, 2.5]}]]}'
    >>> dumps({1, 2})
    Traceback (most recent call last):
    ibcourse.grading.plain.NotPlainError: a set is not plain data
    """
    return json.dumps(_encode(value, keep, DEPTH))


def loads(text: str, find: Callable[[int, str], Any] | None = None) -> Any:
    """Return the plain data of a JSON text, whoever wrote it.

    Parameters
    ----------
    text : str
        The text.  Its length bounds what is made of it; the caller bounds the length.
    find : callable, optional
        Returns the object that has a number and is of a type with that name, for objects that do not cross.

    Raises
    ------
    NotPlainError
        For any other text.

    Examples
    --------
    >>> loads('{"dict": [["a", {"tuple": [1, NaN]}]]}')
    {'a': (1, nan)}
    >>> loads('{"set": [1]}')
    Traceback (most recent call last):
    ibcourse.grading.plain.NotPlainError: the message is not plain data
    """
    try:
        return _decode(json.loads(text), find, DEPTH)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RuntimeError) as error:
        if isinstance(error, NotPlainError):
            raise
        raise NotPlainError("the message is not plain data") from error


def _encode(value: Any, keep: Callable[[Any], Any] | None, depth: int) -> Any:
    if depth == 0:
        raise NotPlainError(f"the data is nested more than {DEPTH} deep")
    kind = type(value)
    if value is None or kind in (bool, str, float):
        return value
    if kind is int:
        return value if -(2**53) < value < 2**53 else {"int": hex(value)}
    if kind is complex:
        return {"complex": [value.real, value.imag]}
    if kind is list:
        return [_encode(item, keep, depth - 1) for item in value]
    if kind is tuple:
        return {"tuple": [_encode(item, keep, depth - 1) for item in value]}
    if kind is dict:
        pairs = [[_encode(part, keep, depth - 1) for part in pair] for pair in value.items()]
        return {"dict": pairs}
    if kind is np.ndarray and value.dtype.kind in "biufcSU":
        _check_size(value.nbytes)
        return {"array": [value.dtype.str, list(value.shape), _text(value.tobytes())]}
    if isinstance(value, np.generic) and kind is np.dtype(kind).type and value.dtype.kind in "biufcSU":
        return {"scalar": [value.dtype.str, _text(value.tobytes())]}
    if _is_tensor(value):
        _check_size(value.numel() * value.dtype.itemsize)
        data = value.detach().cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
        size = list(value.shape)
        name = str(value.dtype).removeprefix("torch.")
        raw = data.view(sys.modules["torch"].uint8).numpy().tobytes() if data.numel() else b""
        return {"tensor": [name, size, _text(raw), bool(value.requires_grad)]}
    if keep is None:
        raise NotPlainError(f"a {kind.__name__} is not plain data")
    return {"remote": [keep(value), kind.__name__]}


def _is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return (
        torch is not None
        and type(value) in (torch.Tensor, torch.nn.Parameter)
        and value.layout == torch.strided
        and str(value.dtype).removeprefix("torch.") in TORCH
        and value.device.type != "meta"
    )


def _check_size(size: int) -> None:
    if size > LARGEST:
        raise NotPlainError(f"an array of {size} bytes is larger than {LARGEST} bytes")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decode(value: Any, find: Callable[[int, str], Any] | None, depth: int) -> Any:
    if depth == 0:
        raise NotPlainError(f"the data is nested more than {DEPTH} deep")
    if type(value) is list:
        return [_decode(item, find, depth - 1) for item in value]
    if type(value) is not dict:
        return value
    ((tag, content),) = value.items()
    if tag == "tuple":
        return tuple(_decode(item, find, depth - 1) for item in content)
    if tag == "dict":
        return {_decode(key, find, depth - 1): _decode(item, find, depth - 1) for key, item in content}
    if tag == "int" and len(content) <= DIGITS:
        return int(content, 16)
    if tag == "complex":
        real, imaginary = content
        return complex(float(real), float(imaginary))
    if tag == "array":
        return _array(*content)
    if tag == "scalar":
        dtype, text = content
        return _array(dtype, [], text)[()]
    if tag == "tensor":
        return _tensor(*content)
    if tag == "remote" and find is not None:
        number, kind = content
        return find(_natural(number), str(kind)[:100])
    raise NotPlainError("the message is not plain data")


def _natural(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise NotPlainError("the message is not plain data")
    return value


def _bytes(text: str, size: Sequence[int], width: int) -> bytearray:
    """The bytes of an array; an array without items is as wide as it likes."""
    data = bytearray(base64.b64decode(text, validate=True))
    if len(data) != math.prod(_natural(length) for length in size) * width:
        raise NotPlainError("the message is not plain data")
    return data


def _array(dtype: str, size: list[int], text: str) -> np.ndarray:
    if not re.fullmatch(r"[<>|=][biufcSU]\d{1,9}", dtype):
        raise NotPlainError("the message is not plain data")
    kind = np.dtype(dtype)
    data = _bytes(text, size, kind.itemsize)
    return np.frombuffer(data, kind).reshape(size) if data else np.empty(size, kind)


def _tensor(name: str, size: list[int], text: str, gradient: bool) -> Any:
    import torch

    if name not in TORCH:
        raise NotPlainError("the message is not plain data")
    dtype = getattr(torch, name)
    data = _bytes(text, size, dtype.itemsize)
    tensor = torch.frombuffer(data, dtype=dtype) if data else torch.empty(0, dtype=dtype)
    return tensor.reshape(size).requires_grad_(gradient is True)


def send(channel: socket.socket, text: str, descriptors: Sequence[int] = ()) -> None:
    """Send a text, and file descriptors with it, as one frame: its length in bytes, then its bytes."""
    data = text.encode()
    socket.send_fds(channel, [struct.pack("!Q", len(data))], list(descriptors))
    channel.sendall(data)


def receive(
    channel: socket.socket, limit: int, deadline: float = math.inf, descriptors: int = 0
) -> tuple[str, list[int]]:
    """Return the text of the next frame, and the file descriptors that came with it.

    Raises
    ------
    EOFError
        If the other side has closed the channel.
    TimeoutError
        If the frame is not whole by the deadline, a time of ``time.monotonic``.
    NotPlainError
        If the frame is longer than the limit in bytes, or no text.
    """
    header = b""
    found: list[int] = []
    while len(header) < 8:
        _wait(channel, deadline)
        part, more, _, _ = socket.recv_fds(channel, 8 - len(header), descriptors)
        found += more
        if not part:
            raise EOFError
        header += part
    (length,) = struct.unpack("!Q", header)
    if length > limit:
        raise NotPlainError(f"the message is larger than {limit} bytes")
    data = bytearray(length)
    view, filled = memoryview(data), 0
    while filled < length:
        _wait(channel, deadline)
        count = channel.recv_into(view[filled:])
        if not count:
            raise EOFError
        filled += count
    try:
        return data.decode(), found
    except UnicodeDecodeError:
        raise NotPlainError("the message is no text") from None


def _wait(channel: socket.socket, deadline: float) -> None:
    """Let the next call on the channel end by the deadline."""
    if deadline == math.inf:
        channel.settimeout(None)
    elif (left := deadline - time.monotonic()) > 0:
        channel.settimeout(left)
    else:
        raise TimeoutError
