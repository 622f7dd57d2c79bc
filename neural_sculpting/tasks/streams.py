"""Sequences of bits, each bit of a token a stream of its own, with outputs that look back at earlier tokens.

Inputs of a row are its tokens one after the other, ``(tokens, streams)``, bits as -1 and 1; targets those of every
position that looks back within the sequence, ``(positions, outputs)``.
"""

from collections.abc import Callable
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.tasks.base import TaskContent
from neural_sculpting.tasks.examples import Table, divided
from neural_sculpting.tasks.graph import Graph, SubFunction
from neural_sculpting.tasks.parameters import Between
from neural_sculpting.tasks.registry import register
from neural_sculpting.tasks.units import over_tokens

TOKENS = 6
LONGER = 2
"""Tokens that the sequences of the second test set have more."""

MOST_SEQUENCES = 12_288
"""If there are more, as many are drawn."""

N_LONGER = 1_024
SplitSeed = Annotated[int, Between(0, 2**32 - 1)]

Bits = NDArray[np.bool_]
Back = Callable[[int], Bits]
"""The bits ``(sequences, positions)`` of a stream so many tokens before each position."""


@register
def streams_sep(split_seed: SplitSeed) -> TaskContent:
    """Two streams a and b that share nothing: y0 and y1 are the parities of their last two bits."""
    graph = Graph((SubFunction("A", inputs=(0,), outputs=(0,)), SubFunction("B", inputs=(1,), outputs=(1,))))
    return _content(graph, lambda a, b: (a(0) ^ a(1), b(0) ^ b(1)), split_seed)


@register
def streams_hier(split_seed: SplitSeed) -> TaskContent:
    """Two streams of which both outputs know one bit each: u, the parity of two, and v, the conjunction of two."""

    def outputs(a: Back, b: Back) -> tuple[Bits, Bits]:
        u, v = a(0) ^ a(1), b(0) & b(1)
        return u | v, u & ~v

    parts = (
        SubFunction("U", inputs=(0,)),
        SubFunction("V", inputs=(1,)),
        *(SubFunction(f"y{output}", uses=("U", "V"), outputs=(output,)) for output in range(2)),
    )
    return _content(Graph(parts), outputs, split_seed)


@register
def streams_lag(split_seed: SplitSeed) -> TaskContent:
    """Three streams that share nothing, of which the third looks back two tokens."""
    parts = (SubFunction(name, inputs=(stream,), outputs=(stream,)) for stream, name in enumerate("ABC"))
    return _content(Graph(tuple(parts)), lambda a, b, c: (a(0) ^ a(1), b(0) & b(1), c(0) ^ c(2)), split_seed, lag=2)


def _content(graph: Graph, outputs: Callable[..., tuple[Bits, ...]], seed: int, lag: int = 1) -> TaskContent:
    streams, random = graph.n_inputs, np.random.default_rng(seed)

    def drawn(tokens: int, most: int) -> Table:
        n_bits = tokens * streams
        numbers = random.choice(2**n_bits, min(2**n_bits, most), replace=False)
        bits = (numbers[:, None] >> np.arange(n_bits) & 1 == 1).reshape(-1, tokens, streams)
        backs = [lambda back, bits=bits[..., each]: bits[:, lag - back : tokens - back] for each in range(streams)]
        targets = np.stack(outputs(*backs), axis=2)
        rows = 2 * bits.astype(np.float32) - 1
        return Table(rows.reshape(len(rows), -1), targets.reshape(len(rows), -1).astype(np.float32))

    known, longer = drawn(TOKENS, MOST_SEQUENCES), drawn(TOKENS + LONGER, N_LONGER)
    positions = TOKENS - lag
    return TaskContent(
        graph,
        *divided(known),
        details=("split_seed",),
        input_names=tuple("abc"[:streams]),
        output_names=tuple(f"y{output}" for output in range(graph.n_outputs)),
        input_shape=(TOKENS, streams),
        output_shape=(positions, graph.n_outputs),
        input_units=over_tokens(TOKENS, streams),
        output_units=over_tokens(positions, graph.n_outputs),
        longer=longer,
    )
