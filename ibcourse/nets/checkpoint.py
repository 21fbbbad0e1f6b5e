"""Checkpoints: a run's whole state in one file, and the plan it belongs to."""

import functools
import hashlib
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

SHARE = 0.1  # of the time may go into writing


class Checkpoint:
    """A file that holds the state of one run.

    The plan says what is trained, on what and how.  Its values are compared, so a file is never taken for a
    run that it does not belong to.
    """

    def __init__(self, path: str | os.PathLike[str], plan: dict[str, Any]):
        self.path = Path(path)
        self.plan = plan
        self._ended = time.perf_counter()
        self._cost = 0.0

    def due(self) -> bool:
        """Whether writing now keeps to its share of the time."""
        return self._cost <= SHARE * (time.perf_counter() - self._ended + self._cost)

    def save(self, content: dict[str, Any]) -> None:
        """Write the file whole or not at all: beside its place first, then moved there in one step."""
        began = time.perf_counter()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_name(f"{self.path.name}.tmp")  # the same again, so that no rest piles up
        with temporary.open("wb") as file:
            torch.save({"plan": self.plan, **content}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, self.path)
        self._ended = time.perf_counter()
        self._cost = self._ended - began

    def load(self) -> dict[str, Any] | None:
        """Read the file, if there is one; raise ValueError unless it is whole and belongs to the plan."""
        if not self.path.exists():
            return None
        damaged = None
        with self.path.open("rb") as file:
            try:
                content = torch.load(file, map_location="cpu", weights_only=True)
            except Exception as error:  # torch stumbles over damaged files in many ways
                content, damaged = None, error
        if not isinstance(content, dict) or not isinstance(written := content.get("plan"), dict):
            raise ValueError(
                f"{self.path} is not a whole checkpoint: it was cut off, or another program wrote it. "
                "Delete it to train from the start."
            ) from damaged
        if changes := [
            f"{name} was {written.get(name)!r} and is {value!r}"
            for name, value in self.plan.items()
            if written.get(name) != value
        ]:
            raise ValueError(
                f"{self.path} belongs to another run: {'; '.join(changes)}. Delete it, or name another file. "
                "If only the weights at the start differ, the model was trained already: make it anew."
            )
        return content


def fingerprint(tensors: Iterable[Tensor], most: int | None = None) -> str:
    """A digest of types, shapes and numbers; with ``most``, of about so many of each, evenly spaced."""
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(f"{tensor.dtype} {tuple(tensor.shape)}".encode())
        step = 1 if most is None else max(1, tensor.numel() // most)
        some = tensor.detach().flatten()[::step].contiguous().cpu()
        digest.update(some.view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()[:16]


def name_of(function: Any) -> str:
    """A name for a function that is the same in another process."""
    if isinstance(function, functools.partial):
        return f"{name_of(function.func)}{function.args}{function.keywords}"
    return getattr(function, "__qualname__", type(function).__qualname__)
