"""Tasks from tables in files: the examples are there, and the hierarchy behind them is what is looked for."""

import logging
from typing import Annotated, cast

import numpy as np

from neural_sculpting.tasks.base import TaskContent
from neural_sculpting.tasks.examples import Table
from neural_sculpting.tasks.parameters import Between, File, Names, OneOf, Share
from neural_sculpting.tasks.registry import register
from neural_sculpting.tasks.tables import (
    ALLOWED_FILES,
    KINDS,
    Columns,
    Kind,
    check_consistent,
    choose_columns,
    encode_bits,
    encode_inputs,
    encode_targets,
    kind_of,
    plain,
    read_table,
    split_rows,
    without_missing,
)

log = logging.getLogger(__name__)

DETAILS = ("inputs", "outputs", "kind", "missing", "validation_share", "test_share", "split_seed")

Path = Annotated[str, File(ALLOWED_FILES)]
ColumnNames = Annotated[tuple[str, ...], Names("names of columns")]
Missing = Annotated[str, OneOf("error", "drop")]


@register
def truth_table(path: Path, inputs: ColumnNames, outputs: ColumnNames, missing: Missing) -> TaskContent:
    """A truth table in a file, whole or in part: networks learn all its rows, and all decide about acceptance.

    Args:
        path: of the file, as for :func:`~neural_sculpting.tasks.tables.read_table`.
        inputs: names of columns of 0 and 1; empty for all that are no outputs.
        outputs: names of columns of 0 and 1.
        missing: what is done about rows with missing values: ``error``, or ``drop`` to leave them out.

    Raises:
        UserError: if the file cannot be read, holds other values, or contradicts itself.
    """
    columns = _columns(path, inputs, outputs, missing)
    bits = encode_bits(columns.inputs, path)
    targets = encode_targets(columns.outputs, "binary", np.arange(len(columns.outputs)), path)
    check_consistent(bits.values, targets.values, targets.names, columns.inputs.index, path)
    rows = Table(bits.values, targets.values)
    return TaskContent(None, rows, rows, details=DETAILS, input_names=bits.names, output_names=targets.names)


@register
def table(
    path: Path,
    inputs: ColumnNames,
    outputs: ColumnNames,
    kind: Annotated[str, OneOf("auto", *KINDS)],
    missing: Missing,
    validation_share: Annotated[float, Share(0.01, 0.9)],
    test_share: Annotated[float, Share(0.0, 0.9)],
    split_seed: Annotated[int, Between(0, 2**32 - 1)],
) -> TaskContent:
    """Measured examples in a file, divided at random into three sets.

    Args:
        path: of the file, as for :func:`~neural_sculpting.tasks.tables.read_table`.
        inputs: names of columns; empty for all that are no outputs.
        outputs: names of columns.
        kind: ``binary`` for outputs of 0 and 1, ``classification`` for one class of several in each column,
            ``regression`` for numbers; ``auto`` to tell by the values.
        missing: what is done about rows with missing values: ``error``, or ``drop`` to leave them out.
        validation_share: of the rows, to decide whether a pruned network is accepted.
        test_share: of the rows, to be reported only; 0 for none.
        split_seed: of the split. All trials share it.

    Raises:
        UserError: if the file cannot be read, or does not hold what is asked of it.
    """
    columns = _columns(path, inputs, outputs, missing)
    known = kind_of(columns.outputs, path) if kind == "auto" else cast(Kind, kind)
    if kind == "auto":
        log.info("%s: taken for task.kind=%s", path, known)
    split = split_rows(len(columns.inputs), validation_share, test_share, split_seed)
    encoded = encode_inputs(columns.inputs, split.training, path)
    targets = encode_targets(columns.outputs, known, split.training, path)
    training, validation, test = (Table(encoded.values[rows], targets.values[rows]) for rows in split)
    return TaskContent(
        None,
        training,
        validation,
        test if len(test) else None,
        one_hot=targets.one_hot,
        details=DETAILS,
        loss=targets.loss,
        input_names=encoded.names,
        output_names=targets.names,
    )


def _columns(path: str, inputs: ColumnNames, outputs: ColumnNames, missing: str) -> Columns:
    columns = without_missing(choose_columns(read_table(path), inputs, outputs), missing, path)
    return Columns(plain(columns.inputs, path), plain(columns.outputs, path))
