"""Which edges the networks of each kind have."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from experiments.benefits.cases import Case
from neural_sculpting.analysis.relations import relation_of
from neural_sculpting.config.composing import compose
from neural_sculpting.records.verdicts import Verdict, judge_all
from neural_sculpting.sculpting import Batch, SculptedNetworks, sculpt_in_memory
from neural_sculpting.task_arguments import task_settings
from neural_sculpting.tasks import build_task

Masks = list[NDArray[np.bool_]]
"""``(fan_in, fan_out)`` for each weight layer."""

SETTINGS = ("training=levels", "trainer.threads=1", "trainer.progress_bar=false", "logger=none")
"""With ``pruning=fast``, which tasks of one's own start with; learning rate and rounds as for several levels."""


@dataclass(frozen=True, eq=False)
class Found:
    """What sculpting found with one seed.

    Attributes:
        masks: of the edges that are left; all edges where the rows were never learned.
        modules: of each unit, by layer, ``(unit,)``; negative where there is none.
        right: whether the inputs are divided as in the task, and each block reaches the same outputs.
        unseen: the share of right bits in rows that were not learned, NaN without any.
    """

    masks: Masks
    modules: Sequence[NDArray[np.int64]]
    right: bool
    unseen: float = np.nan


def sculpt(
    case: Case, hidden: Sequence[int], seeds: Sequence[int], rows: float = 1.0, rows_seed: int = 0
) -> list[Found]:
    """Sculpt a network for each seed on a share of the rows of a task, and read it (``analysis=confirmed``)."""
    some = {"rows": rows, "rows_seed": rows_seed} if rows < 1 else {}
    shape = f"arch.hidden=[{','.join(map(str, hidden))}]"
    config = compose([*task_settings(case.graph, None, some), shape, *SETTINGS])
    task = build_task(config.task.name, **config.task.parameters)
    sculpted = sculpt_in_memory(task, config, Batch.of(config, seeds))
    verdicts = judge_all(sculpted, None, task=task, **config.analysis.model_dump())
    return [_found(case, sculpted, number, verdict) for number, verdict in enumerate(verdicts)]


def _found(case: Case, sculpted: SculptedNetworks, network: int, verdict: Verdict) -> Found:
    masks, hierarchy = sculpted.masks_of(network), verdict.hierarchy
    unseen = float(sculpted.table["test_bit_accuracy"][network])
    if hierarchy is None:
        one = [np.zeros(size, dtype=np.int64) for size in (len(masks[0]), *(mask.shape[1] for mask in masks))]
        return Found(masks, one, False, unseen)
    modules = [
        np.where(kept & (of < 0), len(hierarchy.graph), of)  # units on a path that belong to no module
        for kept, of in zip(hierarchy.kept, hierarchy.modules, strict=True)
    ]
    return Found(masks, modules, relation_of(hierarchy.graph) == case.relation, unseen)


def blocks(found: Found) -> Masks:
    """Make a network of the found modules: full width, and all edges between modules where sculpting left any.

    The modules that have units in a hidden layer share all units of that layer equally, as the sub-functions do in
    :func:`oracle`. All units of a module are connected to all of a module in the next layer, or of the same one, if the
    sculpted network has an edge between any of them.
    """
    names = [np.unique(of[of >= 0]).tolist() for of in found.modules]
    ends = (0, len(names) - 1)
    units = [
        [np.flatnonzero(of == name) for name in named]
        if layer in ends
        else np.array_split(np.arange(len(of)), len(named))
        for layer, (of, named) in enumerate(zip(found.modules, names, strict=True))
    ]
    masks = []
    for layer, mask in enumerate(found.masks):
        masks.append(np.zeros_like(mask))
        for source, these in zip(names[layer], units[layer], strict=True):
            for target, those in zip(names[layer + 1], units[layer + 1], strict=True):
                between = np.ix_(found.modules[layer] == source, found.modules[layer + 1] == target)
                masks[-1][np.ix_(these, those)] = mask[between].any()
    return masks


def full(layers: Sequence[int]) -> Masks:
    """Return masks of all edges."""
    return [np.ones(shape, dtype=np.bool_) for shape in pairwise(layers)]


def narrow(layers: Sequence[int], edges: int) -> Masks:
    """Keep all edges between the first units of each hidden layer, so many that the number of edges is nearest."""

    def masks(width: int) -> Masks:
        kept = [layers[0], *(width for _ in layers[1:-1]), layers[-1]]
        return [_first(shape, left) for shape, left in zip(pairwise(layers), pairwise(kept), strict=True)]

    return min(map(masks, range(1, min(layers[1:-1]) + 1)), key=lambda each: abs(count(each) - edges))


def _first(shape: tuple[int, int], left: tuple[int, int]) -> NDArray[np.bool_]:
    mask = np.zeros(shape, dtype=np.bool_)
    mask[: left[0], : left[1]] = True
    return mask


def oracle(case: Case, layers: Sequence[int]) -> Masks:
    """Give each sub-function an equal share of the units of its layer, which read all units of those that it reads.

    The hidden layers are the levels of the task; an output reads the units of its sub-function.
    """
    masks: Masks = []
    below = [[each] for each in range(layers[0])]
    for level, (fan_in, width) in zip(case.levels, pairwise(layers), strict=False):
        units = [own.tolist() for own in np.array_split(np.arange(width), len(level))]
        masks.append(np.zeros((fan_in, width), dtype=np.bool_))
        for own, read in zip(units, level, strict=True):
            masks[-1][np.ix_([unit for used in read for unit in below[used]], own)] = True
        below = units
    last = np.zeros((layers[-2], layers[-1]), dtype=np.bool_)
    for output, own in enumerate(below):
        last[own, output] = True
    return [*masks, last]


def shuffled(masks: Masks, case: Case, seed: int) -> Masks:
    """Exchange inputs between modules: the same network, of which the inputs are connected in another order.

    Inputs are permuted at random, such that no block of inputs of the task is read where a block was read before.
    """
    random, blocks = np.random.default_rng([seed, *b"shuffled"]), {frozenset(read) for read in case.levels[0]}
    while True:
        order = random.permutation(len(masks[0]))
        if not any(frozenset(order[[*block]].tolist()) in blocks for block in blocks):
            return [masks[0][order], *masks[1:]]


def missing(masks: Masks, case: Case) -> int:
    """Count the pairs of an output and an input that it depends on to which no path leads."""
    paths = reduce(np.matmul, [mask.astype(np.int64) for mask in masks])
    return sum(int((paths[[*below], output] == 0).sum()) for output, below in enumerate(case.inputs_below))


def count(masks: Masks) -> int:
    """Count edges."""
    return sum(int(mask.sum()) for mask in masks)
