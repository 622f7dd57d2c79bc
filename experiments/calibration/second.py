"""Tasks of the families that tested in the second round: automata, quadratic forms and rules, drawn by a seed."""

from collections.abc import Iterator

import numpy as np

from experiments.calibration.tasks import Bits, drawn
from neural_sculpting.tasks import Graph
from neural_sculpting.tasks.bit_functions import Column
from neural_sculpting.tasks.graph import all_bits


def automaton(graph_seed: int) -> Graph:
    """Whether automata of two or three states accept five to nine bits, which they read in some order."""
    return drawn(_automata, graph_seed, 4)


def quadratic(graph_seed: int) -> Graph:
    """Quadratic forms of five to eight bits, modulo two: sums of products of two and of single bits."""
    return drawn(_forms, graph_seed, 5)


def rules(graph_seed: int) -> Graph:
    """Rules for five to nine bits: one or two outputs, each 1 if any of two to four conjunctions holds."""
    return drawn(_rules, graph_seed, 6)


def _automata(random: np.random.Generator) -> Bits:
    bits, states = all_bits(int(random.integers(5, 10))), int(random.integers(2, 4))
    order = random.permutation(bits.shape[1])
    next_state = random.integers(states, size=(len(order), states, 2))
    state = np.zeros(len(bits), dtype=np.int64)
    for step, index in enumerate(order):
        state = next_state[step, state, bits[:, index].astype(np.int64)]
    outputs = random.random((states, int(random.integers(1, 3)))) < 0.5
    found: Bits = outputs[state]
    return found


def _forms(random: np.random.Generator) -> Bits:
    bits, columns = all_bits(int(random.integers(5, 9))), []
    for _ in range(int(random.integers(1, 3))):
        pairs = np.triu(random.random((bits.shape[1],) * 2) < 0.3).astype(np.int64)
        columns.append(np.einsum("ri,ij,rj->r", bits, pairs, bits) % 2 == 1)
    return np.stack(columns, axis=1)


def _rules(random: np.random.Generator) -> Bits:
    bits = all_bits(int(random.integers(5, 10)))
    return np.stack([np.any([*_terms(bits, random)], axis=0) for _ in range(int(random.integers(1, 3)))], axis=1)


def _terms(bits: Bits, random: np.random.Generator) -> Iterator[Column]:
    for _ in range(int(random.integers(2, 5))):
        chosen = random.choice(bits.shape[1], int(random.integers(1, 4)), replace=False)
        yield np.all(bits[:, chosen] ^ (random.random(len(chosen)) < 0.5), axis=1)
