"""Checkpoints: a run's whole state in one file, and the plan it belongs to."""

import contextlib
import copyreg
import functools
import glob
import hashlib
import math
import os
import time
import types
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import torch
from torch import Tensor, nn

SHARE = 0.1  # of the time may go into writing
ABANDONED = 3600.0  # seconds after which a file that is still being written has lost its writer
LONGEST = 80  # characters of a description
MOST = 2**16  # numbers of a large array that its fingerprint sees

CONTENT = {"plan", "epoch", "seconds", "history", "live", "optimiser", "generators", "global generators"}


class Checkpoint:
    """A file that holds the state of one run.

    The plan says what is trained, on what and how.  The file keeps what `describe` says of its values, and is
    taken for no run of which it says anything else.
    """

    def __init__(self, path: str | os.PathLike[str], plan: dict[str, Any]):
        self.path = Path(os.path.realpath(path))  # what a link points to is replaced, not the link
        self.plan = {name: describe(value) for name, value in plan.items()}
        self._ended = time.perf_counter()
        self._cost = 0.0

    def due(self) -> bool:
        """Whether writing now keeps to its share of the time."""
        return self._cost <= SHARE * (time.perf_counter() - self._ended + self._cost)

    def save(self, content: dict[str, Any]) -> None:
        """Write the file whole or not at all: beside its place first, then moved there in one step."""
        began = time.perf_counter()
        temporary = self._beside()
        try:
            with temporary.open("xb") as file:
                torch.save({"plan": self.plan, **content}, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self.path)
        finally:
            temporary.unlink(missing_ok=True)
        self._ended = time.perf_counter()
        self._cost = self._ended - began

    def check_place(self) -> None:
        """Raise ValueError unless the file can be written."""
        try:
            if self.path.exists() and not self.path.is_file():
                raise OSError("there is something else of this name, such as a folder")
            temporary = self._beside()
            temporary.touch()
            temporary.unlink()
        except OSError as error:
            raise ValueError(
                f"the checkpoint {self.path} cannot be written: {error}. Name a file in a folder where you "
                "may write."
            ) from error

    def load(self) -> dict[str, Any] | None:
        """Read the file, if there is one; raise ValueError unless it is whole and belongs to the plan."""
        self._tidy()
        if not self.path.is_file():
            return None
        damaged = None
        with self.path.open("rb") as file:
            try:
                content = torch.load(file, map_location="cpu", weights_only=True)
            except Exception as error:  # torch stumbles over damaged files in many ways
                content, damaged = None, error
        written = content.get("plan") if isinstance(content, dict) and content.keys() >= CONTENT else None
        if not isinstance(written, dict) or written.keys() != self.plan.keys():
            raise ValueError(
                f"{self.path} is not a whole checkpoint: it was cut off, or another program or version wrote "
                "it. Delete it to train from the start."
            ) from damaged
        if changes := [
            f"{name} was {written[name]} and is {value}"
            for name, value in self.plan.items()
            if written[name] != value
        ]:
            raise ValueError(
                f"{self.path} belongs to another run: {'; '.join(changes)}. Delete it, or name another file. "
                "Digits after a name sum up what belongs to it: code, bound values, attributes. "
                "If only the weights at the start differ, the model was trained already: make it anew."
            )
        return content

    def _beside(self) -> Path:
        """A name beside the file that no other process has."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return self.path.with_name(f"{self.path.name}.{uuid4().hex}.tmp")

    def _tidy(self) -> None:
        """Remove what processes left that were killed while they wrote."""
        for left in self.path.parent.glob(f"{glob.escape(self.path.name)}.{'[0-9a-f]' * 32}.tmp"):
            with contextlib.suppress(OSError):  # gone in the meantime, or another user's
                if time.time() - left.stat().st_mtime > ABANDONED:
                    left.unlink()


def fingerprint(arrays: Iterable[Tensor | np.ndarray], most: int | None = None) -> str:
    """A digest of types, shapes and numbers; with ``most``, of about so many of each, evenly spread.

    The step between them has no divisor in common with the size, so that no row or column is left out.
    """
    digest = hashlib.sha256()
    for array in arrays:
        size = array.numel() if isinstance(array, Tensor) else array.size
        step = 1 if most is None else max(1, size // most)
        while math.gcd(step, size) > 1:
            step += 1
        some = array.reshape(-1)[::step]
        if isinstance(some, Tensor):
            some = some.detach().contiguous().cpu().view(torch.uint8).numpy()
        digest.update(f"{array.dtype} {tuple(array.shape)}".encode())
        digest.update(some.tobytes())
    return digest.hexdigest()[:16]


def describe(value: Any) -> str:
    """Say what a value is: the same words in another process, other words where it differs.

    Numbers and text stand for themselves, arrays for their `fingerprint`, functions for their name, code,
    defaults and what they close over, other objects for their class and state.  What is long ends in a
    digest.  Not seen are the numbers of a large array that its fingerprint leaves out, and what code finds
    by a global name: the constants there, the functions it calls, the methods of a class.
    """
    return _text(value, {})


def architecture(model: nn.Module) -> str:
    """Say what a model is, as `describe` does, but for its weights."""
    return _architecture(model, {})


def _text(value: Any, known: dict[int, tuple[Any, str]]) -> str:
    """Describe a value; what is known already is named again, so that a circle ends."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or type(value) in (bool, int, float, complex, str, bytes):
        return _short(repr(value))
    if isinstance(value, type | types.ModuleType):
        return getattr(value, "__qualname__", value.__name__)
    if id(value) not in known:
        known[id(value)] = value, "itself"
        known[id(value)] = value, _short(_parts(value, known))
    return known[id(value)][1]


def _parts(value: Any, known: dict[int, tuple[Any, str]]) -> str:
    def listed(values: Iterable[Any]) -> str:
        return ", ".join(_text(each, known) for each in values)

    kind = type(value)
    name = own if isinstance(own := getattr(value, "__qualname__", None), str) else kind.__qualname__
    if kind is list:
        return f"[{listed(value)}]"
    if kind is tuple:
        return f"({listed(value)})"
    if kind is dict:
        return f"{{{', '.join(sorted(f'{_text(k, known)}: {_text(v, known)}' for k, v in value.items()))}}}"
    if kind in (set, frozenset):
        return f"{{{', '.join(sorted(_text(each, known) for each in value))}}}"
    if isinstance(value, np.ndarray | np.generic) and not value.dtype.hasobject:
        return f"{name} {fingerprint([np.asarray(value)], MOST)}"
    if isinstance(value, Tensor) and value.layout == torch.strided and not value.is_meta:
        return f"{name} {fingerprint([value], MOST)}"
    if isinstance(value, nn.Module):
        weights = fingerprint([*value.parameters(), *value.buffers()], MOST)
        return f"{_architecture(value, known)} {weights}"
    if isinstance(value, functools.partial):
        return f"{listed([value.func])}({listed([*value.args, value.keywords])})"
    if isinstance(value, types.CodeType):
        return f"{name} {_digest(listed([value.co_code, value.co_names, value.co_consts]))}"
    if isinstance(value, types.FunctionType):
        closed = {}
        for free, cell in zip(value.__code__.co_freevars, value.__closure__ or (), strict=True):
            with contextlib.suppress(ValueError):  # not filled yet
                closed[free] = cell.cell_contents
        return f"{name} {_digest(listed([value.__code__, value.__defaults__, value.__kwdefaults__, closed]))}"
    if isinstance(value, types.MethodType):
        return f"{listed([value.__self__])}.{listed([value.__func__])}"
    try:
        state = value.__reduce_ex__(4)  # as for pickling and copying
    except Exception:  # a lock, an open file: such things have none
        return name
    if isinstance(state, str):
        return f"{name} {state}"
    maker, arguments, *rest = (list(part) if isinstance(part, Iterator) else part for part in state)
    usual = (copyreg.__newobj__, kind, None)  # type: ignore[attr-defined]
    return f"{name}({listed(p for p in (maker, *arguments, *rest) if not any(p is u for u in usual))})"


def _architecture(model: nn.Module, known: dict[int, tuple[Any, str]]) -> str:
    parts = {
        place: [type(module), {key: v for key, v in vars(module).items() if not key.startswith("_")}]
        for place, module in model.named_modules()
    }
    return f"{type(model).__qualname__} {_digest(_text(parts, known))}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}… {_digest(text)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
