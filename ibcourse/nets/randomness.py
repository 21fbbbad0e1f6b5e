"""Generators: one for each purpose, so that none disturbs another."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

NOISE, SHUFFLES, DROPOUT = range(3)


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
