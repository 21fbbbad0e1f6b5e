"""A program for test_checkpoint: train in peace, and train while being killed again and again.

Each attempt is a fork of it, so that torch is imported once.  The file is written after each epoch, whatever
that costs, so that many a kill hits the writing.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F

from ibcourse.nets import Bottleneck, GaussianHead, checkpoint, dense, fit


def train(folder: Path, name: str) -> None:
    """Train with the checkpoint NAME.pt and leave the result in the file NAME."""
    generator = torch.Generator().manual_seed(0)
    x, y = torch.rand(30, 64, generator=generator), torch.randint(10, (30,), generator=generator)
    torch.manual_seed(0)
    model = Bottleneck(dense(64, 16, 8, dropout=0.2), GaussianHead(4), dense(4, 10))
    run = fit(
        model,
        lambda output, y: {"loss": F.cross_entropy(output.logits, y)},
        x,
        y,
        epochs=15,
        batch_size=7,
        average=0.9,
        schedule=lambda epoch: 0.97**epoch,
        augment=lambda x, generator: x + torch.rand(x.shape, generator=generator),
        measure=lambda model, epoch: {"draw": torch.rand(1).item()},
        checkpoint=folder / f"{name}.pt",
        progress=False,
    )
    history = {key: values.tolist() for key, values in run.history.items()}
    torch.save([run.model.state_dict(), run.average.state_dict(), history], folder / name)


def attempt(
    folder: Path, name: str, delay: float | None = None, prepare: Callable[[], None] = lambda: None
) -> bool:
    """Train in a fork and kill it after the delay, if there is one; return whether it was killed."""
    child = os.fork()
    if child == 0:
        try:
            prepare()
            train(folder, name)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    if delay is not None:
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    if os.WEXITSTATUS(status):
        sys.exit("an attempt failed")
    return False


def at_the_second(function: str, instead: Callable[..., Any]) -> Callable[[], None]:
    """Prepare a fork: the second call of os.FUNCTION does something else."""
    real, calls = getattr(os, function), []

    def called(*arguments: Any) -> Any:
        calls.append(arguments)
        return (instead if len(calls) == 2 else real)(*arguments)

    return lambda: setattr(os, function, called)


def die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def cut_and_die(descriptor: int) -> None:
    os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2)
    die()


def move_and_die(*arguments: Any, replace: Callable[..., None] = os.replace) -> None:
    replace(*arguments)
    die()


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    checkpoint.SHARE = 1.0
    train(folder, "whole")  # in this process: torch gets ready, and each fork starts from there
    began = time.perf_counter()
    attempt(folder, "peaceful")
    once = time.perf_counter() - began
    hooks = [("fsync", cut_and_die), ("replace", die), ("replace", move_and_die)]
    print("directed", sum(attempt(folder, "resumed", prepare=at_the_second(*hook)) for hook in hooks))
    chance = random.Random(0)
    print("random", sum(attempt(folder, "resumed", chance.uniform(0, once / 2)) for _ in range(6)))
    attempt(folder, "resumed")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
