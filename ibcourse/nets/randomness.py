"""Generators: one for each purpose, so that none disturbs another."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from ibcourse._array import check_whole

NOISE, SHUFFLES, DROPOUT = range(3)
Module = TypeVar("Module", bound=nn.Module)


def stream(seed: int, purpose: int) -> int:
    """A seed for one purpose, independent of those for the others and of the seed itself."""
    return int(np.random.SeedSequence((seed, purpose)).generate_state(1, np.uint64)[0])


def generator(device: torch.device, seed: int, purpose: int) -> torch.Generator:
    """A generator on the device."""
    return torch.Generator(device).manual_seed(stream(seed, purpose))


@contextmanager
def own_randomness(device: torch.device) -> Iterator[None]:
    """Leave torch's global generators as they were."""
    before = global_states(device)
    try:
        yield
    finally:
        set_global_states(device, before)


def seeded(make: Callable[[], Module], seed: int, device: torch.device) -> Module:
    """Return a new model on the device, its first weights drawn after ``torch.manual_seed(seed)``.

    The weights are those of member m of `fit_ensemble` with this seed.  Torch's global generators stay as
    they were.

    Parameters
    ----------
    make : callable
        Makes a model.
    seed : int
        Of its first weights.
    device : torch.device
        Where the model goes.

    Returns
    -------
    torch.nn.Module
        What ``make`` made.

    Raises
    ------
    ValueError
        If the seed is no whole number from 0.

    Examples
    --------
    >>> from ibcourse.nets import dense, seeded
    >>> one, two = (seeded(lambda: dense(2, 1), 0, torch.device("cpu")) for _ in range(2))
    >>> bool((one[-1].weight == two[-1].weight).all())
    True
    """
    check_whole(seed=seed)
    with own_randomness(device):
        torch.manual_seed(seed)
        return make().to(device)


def global_states(device: torch.device) -> list[Tensor]:
    """The states of torch's global generators: the CPU's and the device's."""
    states = [torch.get_rng_state()]
    if device.type == "cuda":
        states.append(torch.cuda.get_rng_state(device))
    elif device.type == "mps":
        states.append(torch.mps.get_rng_state())
    return states


def set_global_states(device: torch.device, states: list[Tensor]) -> None:
    """Set what `global_states` returned."""
    torch.set_rng_state(states[0])
    if device.type == "cuda":
        torch.cuda.set_rng_state(states[1], device)
    elif device.type == "mps":
        torch.mps.set_rng_state(states[1])
