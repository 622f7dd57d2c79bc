"""What a sculpted network answers for further rows, encoded as its examples were."""

from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from neural_sculpting.errors import UserError
from neural_sculpting.exporting.trial_files import check_learned
from neural_sculpting.exporting.whole_model import model_of
from neural_sculpting.networks.matrices import MatrixArchitecture
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.tasks.tables.codebook import by_column, encode_rows
from neural_sculpting.tasks.tables.frames import as_frame
from neural_sculpting.tasks.units import flat_names


def predictions(group: GroupRecord, trial: pd.Series, rows: Any) -> pd.DataFrame:
    """Predict the output columns of a table, classes by their names; bits where the task has no table."""
    outputs, index = _outputs(group, trial, rows)
    if group.output_encoding:
        found = {column.name: column.decode(units) for column, units in by_column(outputs, group.output_encoding)}
        return pd.DataFrame(found, index=index)
    values = (outputs > 0).astype(np.int64) if group.outputs_are_bits else outputs
    return pd.DataFrame(values, index=index, columns=_names(group, values))


def probabilities(group: GroupRecord, trial: pd.Series, rows: Any) -> pd.DataFrame:
    """Return the probability that each output unit is 1; those of one column's classes add up to 1."""
    if not group.outputs_are_bits:
        raise UserError(f"no probabilities: the outputs of {group.config.task.name} are numbers")
    outputs, index = _outputs(group, trial, rows)
    shares = torch.sigmoid(torch.from_numpy(outputs)).numpy()
    for column, units in by_column(shares, group.output_encoding):
        if len(column.units) > 1:
            units /= units.sum(axis=1, keepdims=True)
    return pd.DataFrame(shares, index=index, columns=_names(group, shares))


def _outputs(group: GroupRecord, trial: pd.Series, rows: Any) -> tuple[NDArray[np.float64], pd.Index]:
    check_learned(trial)
    if group.input_encoding:
        values, index = encode_rows(rows, group.input_encoding)
    else:
        table = as_frame(rows, "X")
        if table.shape[1] != group.layout.inputs:
            raise UserError(f"X: has {table.shape[1]} columns; must have {group.layout.inputs}, one for each input")
        values, index = table.to_numpy(dtype=np.float32), table.index
    with torch.inference_mode():
        model = model_of(group.packed, int(trial["network"]))
        logits: torch.Tensor = model(torch.tensor(values))
        return logits.double().numpy(), index


def _names(group: GroupRecord, values: NDArray[Any]) -> list[str]:
    names = group.output_names
    if isinstance(group.layout, MatrixArchitecture):
        names = flat_names(names, group.layout.task.output_units)
    return list(names) or [f"y{number}" for number in range(values.shape[1])]
