"""Tasks of the families that test: decision trees, cells, rounds of a cipher and choices, drawn by a seed."""

import numpy as np

from experiments.calibration.tasks import Bits, drawn
from neural_sculpting.tasks import Graph
from neural_sculpting.tasks.bit_functions import Column
from neural_sculpting.tasks.graph import all_bits


def decision_tree(graph_seed: int) -> Graph:
    """One or two decision trees of depth three or four over five to eight bits."""
    return drawn(_trees, graph_seed, 7)


def cells(graph_seed: int) -> Graph:
    """What one to three cells are after one or two steps of an elementary cellular automaton of five to eight cells.

    S. Wolfram, "Statistical mechanics of cellular automata", Reviews of Modern Physics 55 (1983): each cell follows
    from itself and its two neighbors by one of 256 rules; the cells are a ring.
    """
    return drawn(_cells, graph_seed, 8)


def cipher(graph_seed: int) -> Graph:
    """A round of a Feistel cipher: bits of one half, each exclusive-ored with a random function of the other half."""
    return drawn(_rounds, graph_seed, 9)


def choice(graph_seed: int) -> Graph:
    """One or two bits that address one of two or four values, each a random function of one to three other bits."""
    return drawn(_choices, graph_seed, 10)


def _trees(random: np.random.Generator) -> Bits:
    bits, depth = all_bits(int(random.integers(5, 9))), int(random.integers(3, 5))
    return np.stack([_decided(bits, [], depth, random) for _ in range(int(random.integers(1, 3)))], axis=1)


def _decided(bits: Bits, asked: list[int], depth: int, random: np.random.Generator) -> Column:
    if not depth:
        return np.full(len(bits), random.random() < 0.5)
    index = int(random.choice([each for each in range(bits.shape[1]) if each not in asked]))
    off, on = (_decided(bits, [*asked, index], depth - 1, random) for _ in range(2))
    return np.where(bits[:, index], on, off)


def _cells(random: np.random.Generator) -> Bits:
    state = all_bits(int(random.integers(5, 9)))
    rule = random.random(8) < 0.5
    for _ in range(int(random.integers(1, 3))):
        left, right = np.roll(state, 1, axis=1), np.roll(state, -1, axis=1)
        state = rule[4 * left + 2 * state + right]
    found: Bits = state[:, random.choice(state.shape[1], int(random.integers(1, 4)), replace=False)]
    return found


def _rounds(random: np.random.Generator) -> Bits:
    half, key = int(random.integers(1, 4)), int(random.integers(3, 6))
    bits = all_bits(half + key)[:, random.permutation(half + key)]
    return bits[:, :half] ^ (random.random((2**key, half)) < 0.5)[_numbers(bits[:, half:])]


def _choices(random: np.random.Generator) -> Bits:
    address = int(random.integers(1, 3))
    sizes = random.integers(1, 4 if address == 1 else 3, size=2**address)
    ends = address + np.cumsum(sizes)
    bits = all_bits(int(ends[-1]))[:, random.permutation(int(ends[-1]))]
    values = [
        (random.random(2**size) < 0.5)[_numbers(bits[:, end - size : end])]
        for size, end in zip(sizes, ends, strict=True)
    ]
    return np.choose(_numbers(bits[:, :address]), values)[:, None]


def _numbers(bits: Bits) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    return np.asarray(bits @ (1 << np.arange(bits.shape[1])), dtype=np.intp)
