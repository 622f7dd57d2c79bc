"""The formulas beside a hierarchy on the terminal and on pages, each trial read once."""

from collections.abc import Sequence

import pandas as pd

from neural_sculpting.formulas.network_formulas import formula_lines
from neural_sculpting.records.record import GroupRecord


class FormulaLines:
    """Reads trials as lines of formulas; what was read before is not read again."""

    def __init__(self) -> None:
        self._read: dict[tuple[int, int], tuple[GroupRecord, Sequence[str]]] = {}

    def __call__(self, group: GroupRecord, trial: pd.Series) -> Sequence[str]:
        """The formulas of a trial, a row of the record that it belongs to, as those of :func:`formula_lines`."""
        network = int(trial["network"])
        key = (id(group), network)
        if key not in self._read:
            lines = formula_lines(
                group.packed,
                network,
                group.graphs[network],
                group.input_names,
                group.output_names,
                are_bits=group.inputs_are_bits and group.outputs_are_bits,
                name=f"job {trial['job']}",
            )
            self._read[key] = (group, lines)  # with the record, so that no other gets its id
        return self._read[key][1]
