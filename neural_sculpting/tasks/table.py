"""Tasks from tables in files: the examples are given, and sculpting looks for the hierarchy behind them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, cast

import numpy as np
from numpy.typing import NDArray

from neural_sculpting.errors import UserError
from neural_sculpting.tasks.base import TaskContent
from neural_sculpting.tasks.examples import Table
from neural_sculpting.tasks.images.pairs import Sets
from neural_sculpting.tasks.parameters import Between, File, Names, OneOf, Share, Text
from neural_sculpting.tasks.registry import register
from neural_sculpting.tasks.tables.encoding import encode_bits, encode_inputs
from neural_sculpting.tasks.tables.files import ALLOWED_FILES, read_table
from neural_sculpting.tasks.tables.frames import choose_columns
from neural_sculpting.tasks.tables.missing import FILLING, known_values, report_filled, without_missing
from neural_sculpting.tasks.tables.outputs import KINDS, Kind, encode_outputs, kind_of, numbers_as_classes
from neural_sculpting.tasks.tables.splits import split_rows, strata_of, warn_of_single_rows
from neural_sculpting.tasks.tables.text_files import DECIMALS, SEPARATORS, TextFormat
from neural_sculpting.tasks.tables.values import Rows, is_text, plain

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

FEW_ROWS = 20
"""To decide whether pruned networks are accepted. Of fewer, each changes the accuracy by more than five points."""

FORMAT = ("separator", "decimal", "encoding")
DETAILS = ("inputs", "outputs", "kind", "missing", *FORMAT, "validation_share", "test_share", "split_seed")

Path = Annotated[str, File(ALLOWED_FILES)]
ColumnNames = Annotated[tuple[str, ...], Names("names of columns")]
Separator = Annotated[str, OneOf("auto", *SEPARATORS)]
Decimal = Annotated[str, OneOf(*DECIMALS)]
Encoding = Annotated[str, Text("an encoding that Python knows, such as utf-8, utf-16 or latin-1")]
LEAVING_OUT = ("error", "drop")


@register
def truth_table(
    path: Path,
    inputs: ColumnNames,
    outputs: ColumnNames,
    missing: Annotated[str, OneOf(*LEAVING_OUT)],
    separator: Separator,
    decimal: Decimal,
    encoding: Encoding,
) -> TaskContent:
    """A truth table in a file, complete or partial: all rows are learned, and all decide about acceptance."""
    form = TextFormat(separator, decimal, encoding)
    read, learned = (plain(side, path) for side in _columns(path, form, inputs, outputs, missing, LEAVING_OUT))
    bits = encode_bits(read, path)
    targets = encode_outputs(learned, "binary", np.arange(len(learned)), path)
    check_consistent(bits.values, targets.values, targets.names, read.index, path)
    rows = Table(bits.values, targets.values)
    return TaskContent(
        None,
        rows,
        rows,
        details=DETAILS,
        input_names=bits.names,
        output_names=targets.names,
        input_encoding=bits.columns,
        output_encoding=targets.columns,
    )


@register
def table(
    path: Path,
    inputs: ColumnNames,
    outputs: ColumnNames,
    kind: Annotated[str, OneOf("auto", *KINDS)],
    missing: Annotated[str, OneOf(*LEAVING_OUT, *FILLING)],
    separator: Separator,
    decimal: Decimal,
    encoding: Encoding,
    validation_share: Annotated[float, Share(0.01, 0.9)],
    test_share: Annotated[float, Share(0.0, 0.9)],
    split_seed: Annotated[int, Between(0, 2**32 - 1)],
) -> TaskContent:
    """Measured examples in a file, split at random into three sets, each with its share of every class."""
    form = TextFormat(separator, decimal, encoding)
    read, learned = _columns(path, form, inputs, outputs, missing, (*LEAVING_OUT, *FILLING))
    learned = plain(learned, path)
    known = kind_of(learned, path) if kind == "auto" else cast(Kind, kind)
    if kind == "auto":
        log.info("%s: taken for task.kind=%s%s", path, known, numbers_as_classes(learned) * (known == "classification"))
    strata = None if known == "regression" else strata_of(learned, (validation_share, test_share))
    split = split_rows(len(read), validation_share, test_share, split_seed, strata)
    known_inputs = known_values(read, path)
    encoded = encode_inputs(read, known_inputs, split.training, missing, path)
    targets = encode_outputs(learned, known, split.training, path)
    report_filled(read, path)
    warn_of_identifiers(known_inputs, path)
    warn_of_few_rows(split, path)
    if known != "regression":
        warn_of_single_rows(learned, path)
    training, validation, test = (Table(encoded.values[rows], targets.values[rows]) for rows in split)
    return TaskContent(
        None,
        training,
        validation,
        test if len(test) else None,
        one_hot=targets.one_hot,
        one_hot_inputs=encoded.one_hot,
        details=DETAILS,
        loss="squared_error" if known == "regression" else "cross_entropy",
        input_names=encoded.names,
        output_names=targets.names,
        input_encoding=encoded.columns,
        output_encoding=targets.columns,
    )


def check_consistent(
    inputs: NDArray[np.float32], targets: NDArray[np.float32], names: Sequence[str], rows: Sequence[int], path: str
) -> None:
    """Raise a UserError at the first row of a truth table that contradicts an earlier one.

    Args:
        inputs: bits of shape (rows, n_inputs); rows may be repeated.
        targets: bits of shape (rows, n_outputs).
        names: those of the outputs.
        rows: the indices of the rows in the file.
        path: the file.
    """
    bits = np.packbits(inputs.astype(np.bool_), axis=1)
    _, first_of, same_as = np.unique(bits, axis=0, return_index=True, return_inverse=True)
    first = first_of[same_as.reshape(-1)]
    different = np.argwhere(targets != targets[first])
    if different.size:
        row, column = different[0]
        raise UserError(
            f"{path}: data rows {rows[first[row]] + 1} and {rows[row] + 1} have the same inputs and differ in "
            f"{names[column]}; a truth table has one answer (task=table learns from rows that contradict each other)"
        )


def warn_of_identifiers(inputs: Mapping[str, pd.Series], path: str) -> None:
    """Log a warning about each plain column that identifies rows: text that few rows share, or numbers that count."""
    for name, column in inputs.items():
        different = column.nunique()
        if is_text(column) and different > max(len(column) / 2, 8):
            found = f"is text with {different:,} different values in {len(column):,} rows"
        elif (
            column.dtype.kind in "iu"
            and different > 2
            and (column - column.index == column.iloc[0] - column.index[0]).all()
        ):
            found = "counts the rows"
        else:
            continue
        log.warning("%s: input %s %s; if it identifies them, leave it out with task.inputs", path, name, found)


def warn_of_few_rows(split: Sets[Rows], path: str) -> None:
    """Log a warning if there are few rows to validate with."""
    if len(split.validation) < FEW_ROWS:
        sizes = f"{len(split.training)} to learn from, {len(split.validation)} to validate, {len(split.test)} to test"
        log.warning("%s: few rows, %s; accuracies depend on the split", path, sizes)


def _columns(
    path: str, form: TextFormat, inputs: Sequence[str], outputs: Sequence[str], missing: str, rules: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the inputs and outputs of a file, indexed by its rows from 0."""
    frame = read_table(path, form)
    read, learned = choose_columns(list(frame), inputs, outputs)
    frame = without_missing(frame[read + learned], learned, missing, rules, path)
    return frame[read], frame[learned]
