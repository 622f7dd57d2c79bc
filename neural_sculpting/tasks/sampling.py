"""Options of every truth table: which rows networks learn from, what they do not know of, and what misleads them."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.base import TaskContent
from neural_sculpting.tasks.examples import Table
from neural_sculpting.tasks.graph import MAX_INPUTS, Graph
from neural_sculpting.tasks.parameters import Allowed, Between, ParameterValue, Share, value_of_text

LEAST_ROWS = 2
"""To learn from."""

SEED = "rows_seed"

Rows = NDArray[np.int64]
"""Indices of rows of a truth table."""


@dataclass(frozen=True)
class Sampling:
    """How examples are drawn from a truth table; by default each row is learned, and none is left for a test.

    Rows and labels are drawn in nested sets: those of a smaller share are among those of a larger one.

    Attributes:
        rows: the share of the rows that are seen; the others are the test set. None, or 1, for all.
        samples: how many examples are drawn from the seen rows, with replacement, and as many from the others for the
            test; None for each row once. If there are no others, both are drawn from all rows. This is how a graph with
            more inputs than a truth table may have is learned.
        idle_inputs: further inputs that no output depends on; each example has random bits there. Without other rows,
            the test set has the same ones with other idle bits.
        wrong_labels: the share of the output bits of the training examples that are flipped.
        rows_seed: of all draws.
    """

    rows: float | None = None
    samples: int | None = None
    idle_inputs: int = 0
    wrong_labels: float = 0.0
    rows_seed: int = 0

    @property
    def parameters(self) -> dict[str, ParameterValue]:
        """The options that are set, and the seed if anything is drawn: parameters of the task."""
        default = asdict(Sampling())
        found = {key: value for key, value in asdict(self).items() if value != default[key]}
        return {**found, SEED: self.rows_seed} if {*found} - {SEED} else {}

    def generator(self, purpose: str) -> np.random.Generator:
        """Return a generator whose draws depend on the seed and the purpose alone."""
        return np.random.default_rng([self.rows_seed, *purpose.encode()])


OPTIONS: dict[str, Allowed] = {
    "rows": Share(0.0, 1.0),
    "samples": Between(LEAST_ROWS, 1_000_000),
    "idle_inputs": Between(0, 1_000),
    "wrong_labels": Share(0.0, 0.5),
    SEED: Between(0, 2**32 - 1),
}
"""What they may be, beside null."""


def split_options(own: Collection[str], parameters: Mapping[str, object]) -> tuple[Sampling, dict[str, object]]:
    """Divide the parameters of a task into options and others; its ``own`` parameters are no options.

    Raises:
        UserError: if an option is out of its range.
    """
    given = {key: value for key, value in parameters.items() if key in OPTIONS and key not in own}
    read: dict[str, Any] = {k: value_of_text(value) if isinstance(value, str) else value for k, value in given.items()}
    for key, value in read.items():
        if value is not None and value not in OPTIONS[key]:
            raise UserError(f"task.{key}={given[key]!r}: must be {OPTIONS[key]}, or null")
    chosen = Sampling(**{key: value for key, value in read.items() if value is not None})
    return chosen, {key: value for key, value in parameters.items() if key not in given}


def content_of(graph: Graph, sampling: Sampling) -> TaskContent:
    """Evaluate a graph: on every input, or if there are too many on as many random ones as are to be drawn.

    Raises:
        UserError: if there are too many inputs, and no number of samples; see also :meth:`Graph.evaluate`.
    """
    if graph.n_inputs <= MAX_INPUTS:
        table = Table(*graph.truth_table())
        return sampled(TaskContent(graph, table, table), sampling)
    if sampling.samples is None:
        problem = f"{graph.n_inputs} inputs: a whole truth table has at most {MAX_INPUTS}"
        raise UserError(f"{problem}; of a larger one task.samples rows are drawn")
    if sampling.rows is not None:
        problem = f"must be null with {graph.n_inputs} inputs; of these task.samples rows are drawn"
        raise UserError(f"task.rows={sampling.rows:g}: {problem}")
    bits = sampling.generator("inputs").integers(2, size=(2 * sampling.samples, graph.n_inputs)).astype(np.bool_)
    table = Table(bits.astype(np.float32), graph.evaluate(bits))
    return _drawn(TaskContent(graph, table, table), table, sampling, *np.split(np.arange(len(table)), 2))


def sampled(content: TaskContent, sampling: Sampling) -> TaskContent:
    """Draw examples from a truth table; the content itself where nothing is drawn.

    Raises:
        UserError: if it has other sets of examples than one truth table, or too few rows.
    """
    options = {key: value for key, value in sampling.parameters.items() if key != SEED}
    if not options:
        return content
    table, one_set = content.training, content.test is None and content.validation is content.training
    if not (isinstance(table, Table) and one_set and content.inputs_are_bits and content.outputs_are_bits):
        key, value = next(iter(options.items()))
        raise UserError(f"task.{key}={value}: must be null for a task that is no truth table")
    if sampling.wrong_labels and content.one_hot:
        raise UserError(f"task.wrong_labels={sampling.wrong_labels:g}: must be 0 where outputs are classes")
    seen, unseen = _divided(table, sampling)
    if sampling.samples is not None:
        pool = unseen if len(unseen) else seen
        seen = sampling.generator("examples").choice(seen, sampling.samples)
        unseen = sampling.generator("test").choice(pool, sampling.samples)
    elif sampling.idle_inputs and not len(unseen):
        unseen = seen
    return _drawn(content, table, sampling, seen, unseen)


def _divided(table: Table, sampling: Sampling) -> tuple[Rows, Rows]:
    """Divide the rows of a truth table into those that are seen and the others; equal inputs stay together."""
    pattern = _numbered(table.inputs)
    patterns = int(pattern.max()) + 1
    share = 1.0 if sampling.rows is None else sampling.rows
    n_seen = round(share * patterns)
    if n_seen < LEAST_ROWS or (n_seen == patterns and share < 1):
        found = f"task.rows={share:g}: of {patterns} rows that is {'all' if n_seen == patterns else n_seen}"
        raise UserError(f"{found}; must be at least {LEAST_ROWS} and leave one for the test, or be 1")
    seen = np.isin(pattern, sampling.generator("rows").permutation(patterns)[:n_seen])
    return np.flatnonzero(seen), np.flatnonzero(~seen)


def _numbered(inputs: NDArray[np.float32]) -> Rows:
    """Number the bits of each row, ``(rows,)``: equal ones have the same number."""
    packed = np.packbits(inputs.astype(np.bool_), axis=1)
    return np.unique(packed, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _drawn(content: TaskContent, table: Table, sampling: Sampling, seen: Rows, unseen: Rows) -> TaskContent:
    """Make examples of rows: with idle inputs, wrong labels to learn from, and no test example that is also learned."""
    idle = sampling.idle_inputs
    sets = []
    for rows, purpose in ((seen, "idle"), (unseen, "idle of the test")):
        bits = sampling.generator(purpose).integers(2, size=(len(rows), idle)).astype(np.float32)
        sets.append(Table(np.hstack([table.inputs[rows], bits]), table.targets[rows]))
    training, test = sets
    number = _numbered(np.vstack([training.inputs, test.inputs]))
    new = ~np.isin(number[len(seen) :], number[: len(seen)])
    wrong = sampling.generator("labels").permutation(training.targets.size)
    wrong = wrong[: round(sampling.wrong_labels * training.targets.size)]
    training.targets.flat[wrong] = 1 - training.targets.flat[wrong]
    return replace(
        content,
        graph=content.graph and replace(content.graph, idle_inputs=content.graph.idle_inputs + idle),
        training=training,
        validation=training,
        test=Table(test.inputs[new], test.targets[new]) if new.any() else None,
        details=(*content.details, SEED),
        input_names=content.input_names and (*content.input_names, *(f"idle{number}" for number in range(idle))),
        input_encoding=() if idle else content.input_encoding,
        one_hot_inputs=content.one_hot_inputs and (*content.one_hot_inputs, *(1,) * idle),
    )
