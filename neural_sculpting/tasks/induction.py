"""Induction: what followed the last symbol where it stood before.

Olsson et al. 2022, "In-context learning and induction heads" (arXiv 2209.11895).
"""

from math import prod
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.tasks.base import TaskContent
from neural_sculpting.tasks.examples import Table, divided
from neural_sculpting.tasks.graph import Graph, SubFunction
from neural_sculpting.tasks.parameters import Between
from neural_sculpting.tasks.registry import register
from neural_sculpting.tasks.units import blocks

SYMBOLS = 8
TOKENS = 12
LONGER, N_LONGER = 2, 1_024
"""Tokens that the sequences of the second test set have more, and how many there are."""


@register
def induction(
    sequences: Annotated[int, Between(64, 1_000_000)], data_seed: Annotated[int, Between(0, 2**32 - 1)]
) -> TaskContent:
    """Twelve symbols, the last of which stood exactly once before (:func:`drawn`): which symbol followed it there?

    It takes two steps, each a head of attention: every token learns which symbol precedes it, and the last one looks
    for the token that its own symbol precedes.
    """
    random = np.random.default_rng(data_seed)
    parts = (
        SubFunction("symbols", inputs=(0,)),
        SubFunction("previous", uses=("symbols",)),
        SubFunction("match", uses=("symbols", "previous")),
        SubFunction("copy", uses=("symbols", "match"), outputs=(0,)),
    )
    return TaskContent(
        Graph(parts, scored_by="relation"),
        *divided(_table(drawn(TOKENS, sequences, random))),
        one_hot=(SYMBOLS,),
        one_hot_inputs=(SYMBOLS,) * TOKENS,
        details=("data_seed",),
        input_names=("symbol",),
        output_names=("next",),
        input_shape=(TOKENS, SYMBOLS),
        output_shape=(1, SYMBOLS),
        input_units=blocks(1, TOKENS * SYMBOLS),
        output_units=blocks(1, SYMBOLS),
        longer=_table(drawn(TOKENS + LONGER, N_LONGER, random)),
    )


def drawn(tokens: int, number: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Draw different sequences, ``(number, tokens)``, each of all possible ones being as likely.

    The last symbol stands once among the tokens before the last two, so that one symbol followed it, which is another
    one; all others are any of the seven other symbols.
    """
    sizes = (SYMBOLS, tokens - 2, *(SYMBOLS - 1,) * (tokens - 2))
    last, place, *others = np.unravel_index(random.choice(prod(sizes), number, replace=False), sizes)
    rows = np.repeat(last[:, None], tokens, axis=1)
    free = np.arange(tokens - 1) != place[:, None]
    rows[:, :-1][free] = ((last[:, None] + 1 + np.stack(others, axis=1)) % SYMBOLS).reshape(-1)
    return rows


def _table(rows: NDArray[np.int64]) -> Table:
    place = (rows[:, :-1] == rows[:, -1:]).argmax(axis=1)
    one_hot = np.eye(SYMBOLS, dtype=np.float32)
    return Table(one_hot[rows].reshape(len(rows), -1), one_hot[rows[np.arange(len(rows)), place + 1]])
