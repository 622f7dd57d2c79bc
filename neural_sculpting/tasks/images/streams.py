"""Random streams of the data, apart from those of the networks."""

import numpy as np

ROOM = 0x696D6167
"""The first word of every key here ("imag"): it keeps the draws apart from those of all other rooms for any seed."""

PURPOSES = ("split", "training", "validation", "test")
"""What randomness is used for. The position is part of the key: append, never reorder."""


def stream(seed: int, purpose: str, *classes: int) -> np.random.Generator:
    """The random stream of one seed for one purpose and the classes it concerns."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(ROOM, PURPOSES.index(purpose), *classes)))
