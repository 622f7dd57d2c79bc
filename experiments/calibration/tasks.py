"""Tasks with a known hierarchy: formulas, circuits and thresholds, drawn by a seed."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.decomposition.decomposition import decompose_function
from neural_sculpting.decomposition.functions import BitTable
from neural_sculpting.tasks import Graph, SubFunction
from neural_sculpting.tasks.bit_functions import Column
from neural_sculpting.tasks.graph import all_bits

Bits = NDArray[np.bool_]
"""``(rows, inputs)`` or ``(rows, outputs)``."""


def formula(graph_seed: int) -> Graph:
    """One or two formulas that read each of five to nine inputs once: parities, conjunctions, majorities, choices."""
    return drawn(_formulas, graph_seed, 1)


def circuit(graph_seed: int) -> Graph:
    """A circuit of arithmetic, its inputs in another order and some of them negated."""
    random = np.random.default_rng([graph_seed, 2])
    inputs, function = CIRCUITS[graph_seed % len(CIRCUITS)]
    order, negated = random.permutation(inputs), random.random(inputs) < 0.5
    bits = all_bits(inputs)[:, order] ^ negated
    return _graph(np.stack([np.asarray(each) for each in function(*bits.T)], axis=1).astype(np.bool_))


def threshold(graph_seed: int) -> Graph:
    """Thresholds of weighted sums: of all inputs, or of two or three blocks whose results are summed again."""
    return drawn(_thresholds, graph_seed, 3)


def drawn(draw: Callable[[np.random.Generator], Bits], graph_seed: int, family: int) -> Graph:
    """The first function drawn that depends on all inputs and leaves no grouping of them open."""
    random = np.random.default_rng([graph_seed, family])
    for table in (draw(random) for _ in range(1000)):
        cube = table.T.reshape(table.shape[1], *(2,) * (len(table).bit_length() - 1))
        axes = range(1, cube.ndim)
        counts = all((cube.take(0, axis) != cube.take(1, axis)).any() for axis in axes)
        varies = counts and table.any(0).all() and not table.all(0).any()
        if varies and decompose_function(BitTable(table)).identifiable != "convention":
            return _graph(table)
    raise ValueError("no such function in so many draws")


def _graph(table: Bits) -> Graph:
    """One module for a function of bits: what is within follows from its truth table."""
    inputs, outputs = len(table).bit_length() - 1, table.shape[1]

    def function(*columns: Column) -> tuple[Column, ...]:
        found: Bits = table.reshape(*(2,) * inputs, outputs)[tuple(column.astype(np.intp) for column in columns)]
        return tuple(found.T)

    return Graph((SubFunction("A", inputs=range(inputs), function=function, outputs=range(outputs)),))


def _formulas(random: np.random.Generator) -> Bits:
    bits = all_bits(int(random.integers(5, 10)))
    parts = _parts(random.permutation(bits.T), random)
    columns = [_combined([_formula(part, random) for part in parts], random)]
    if len(parts) > 2 and random.random() < 0.5:
        columns.append(_combined([_formula(part, random) for part in parts[1:]], random))
    return np.stack(columns, axis=1)


def _parts(columns: Bits, random: np.random.Generator) -> list[Bits]:
    """Divide columns into two or three parts of any sizes."""
    count = min(len(columns), int(random.integers(2, 4)))
    ends = np.sort(random.choice(np.arange(1, len(columns)), count - 1, replace=False))
    return np.split(columns, ends)


def _formula(columns: Bits, random: np.random.Generator) -> Column:
    if len(columns) == 1:
        found: Column = columns[0]
        return found
    return _combined([_formula(part, random) for part in _parts(columns, random)], random)


def _combined(signals: Sequence[Column], random: np.random.Generator) -> Column:
    """A gate for two signals or three, some of which it negates."""
    signals = [signal ^ (random.random() < 0.5) for signal in signals]
    if len(signals) == 2:
        return signals[0] ^ signals[1] if random.random() < 0.4 else signals[0] & signals[1]
    first, second, third = signals
    return _majority(first, second, third) if random.random() < 0.5 else np.where(first, second, third)


def _thresholds(random: np.random.Generator) -> Bits:
    sizes = random.integers(2, 5, size=int(random.integers(1, 4)))
    if len(sizes) == 1:
        sizes += 2
    bits = all_bits(int(sizes.sum())).astype(np.int64)
    of_blocks = [_threshold(block, random) for block in np.split(bits, np.cumsum(sizes)[:-1], axis=1)]
    if len(sizes) == 1:
        return of_blocks[0][:, None]
    columns = np.stack(of_blocks, axis=1)
    outputs = [_threshold(columns, random) for _ in range(int(random.integers(1, 3)))]
    return np.stack(outputs, axis=1)


def _threshold(bits: NDArray[np.generic], random: np.random.Generator) -> Column:
    weights = random.integers(1, 4, size=bits.shape[1]) * random.choice([-1, 1], size=bits.shape[1])
    sums = bits @ weights
    found: Column = sums > random.choice(np.unique(sums)[:-1])
    return found


def _majority(a: Column, b: Column, c: Column) -> Column:
    return a & b | a & c | b & c


def _number(*columns: Column) -> NDArray[np.int64]:
    """What bits are as a number, the most significant first."""
    total = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        total = 2 * total + column
    return total


def _bits_of(number: NDArray[np.int64], count: int) -> tuple[Column, ...]:
    return tuple(number >> place & 1 == 1 for place in reversed(range(count)))


CIRCUITS: Sequence[tuple[int, Callable[..., tuple[Column, ...]]]] = (
    (4, lambda a, b, c, d: _bits_of(_number(a, b) + _number(c, d), 3)),
    (6, lambda a, b, c, d, e, f: (_number(a, b, c) > _number(d, e, f),)),
    (6, lambda s, t, a, b, c, d: (np.where(s, np.where(t, a, b), np.where(t, c, d)),)),
    (5, lambda s, a, b, c, d: (np.where(s, a ^ b, c ^ d),)),
    (6, lambda a, b, c, d, e, f: (_majority(a, b, c) ^ _majority(d, e, f),)),
    (6, lambda a, b, c, d, e, f: (_majority(a ^ b, c ^ d, e ^ f),)),
    (4, lambda a, b, c, d: _bits_of(_number(a, b) * _number(c, d), 4)),
    (6, lambda a, b, c, d, e, f: ((_number(a, b) == _number(c, d)) ^ (e & f),)),
    (7, lambda a, b, c, d, e, f, g: (_majority(_majority(a, b, c), d, e) ^ (f & g), _majority(a, b, c) & (d ^ e))),
    (6, lambda s, t, a, b, c, d: (np.where(s, np.where(t, a & b, a ^ b), c & d), s & t)),
    (8, lambda a, b, c, d, e, f, g, h: (_number(a, b) + _number(c, d) > 3, (e ^ f) & (g ^ h))),
    (7, lambda a, b, c, d, e, f, g: (_majority(a ^ b, c & d, g), (e & f) ^ (c & d))),
    (6, lambda a, b, c, d, e, f: _bits_of((_number(a, b, c) * 3 + _number(d, e, f) * 5) % 7 % 4, 2)),
    (5, lambda a, b, c, d, e: _bits_of(_number(a, b, c, d, e) ** 2 % 29 % 8, 3)),
)
"""How many inputs, and the outputs: sums, products, comparisons, choices, votes, remainders."""
