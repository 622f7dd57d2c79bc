"""One trial of a result."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neural_sculpting.analysis.changes import Changes
from neural_sculpting.errors import UserError
from neural_sculpting.records.changes import changes_of
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.scoring.diagnosis import Failure
from neural_sculpting.views.pictures.trial_pictures import picture_of
from neural_sculpting.views.shown import ShownHierarchy, ShownPatterns

if TYPE_CHECKING:
    from torch import nn

    from neural_sculpting.formulas.formulas import NetworkFormulas


@dataclass(frozen=True, repr=False, eq=False)
class Trial:
    """One trial: the selected one of its sculpted networks. A notebook shows its picture.

    Attributes:
        sweep: the trials that it belongs to.
        row: its row of :attr:`Result.trials`.
    """

    sweep: Sweep
    row: pd.Series

    @property
    def group(self) -> GroupRecord:
        """The record of its group."""
        return self.sweep.groups[int(self.row["group"])]

    @property
    def seed(self) -> int:
        """Its seed."""
        return int(self.row["seed"])

    @property
    def success(self) -> bool | None:
        """Whether its hierarchy is exactly the expected one; None where none is expected."""
        return None if pd.isna(self.row["exact"]) else bool(self.row["exact"])

    @property
    def hierarchy(self) -> ShownHierarchy | None:
        """The modules that were found, with the attributes ``inputs`` and ``outputs``; None where it failed."""
        graph = self.group.graphs[self.row["network"]]
        return None if graph is None else ShownHierarchy(graph, self.group.labels)

    @property
    def masks(self) -> list[NDArray[np.bool_]]:
        """The masks of the sculpted network, ``(fan_in, fan_out)`` for each weight layer."""
        return self.group.masks_of(self.row["network"])

    @property
    def changes(self) -> Changes | None:
        """What has changed since the sculpted network that it started from; None if it started from another one."""
        return changes_of(self.group, int(self.row["network"]))

    @property
    def failure(self) -> Failure | None:
        """Why it is no exact success; None where it is one, and where none is expected."""
        return self.sweep.failure(self.row)

    def picture(self, *, weights: bool | None = None) -> str:
        """The network beside the hierarchy of its modules, as SVG.

        Args:
            weights: whether edges show the signs and the sizes of their weights instead of the modules they start in;
                None for the setting ``picture_weights``.

        Raises:
            UserError: if the trial failed.
        """
        return picture_of(self.group, self.row, weights=weights)

    @property
    def patterns(self) -> ShownPatterns:
        """What its units look for: the mean attention of each head, the filters that are left of each channel.

        There are none in perceptrons. A notebook shows those of units that are left.

        Raises:
            UserError: if the trial failed.
        """
        if self.row["status"] == "failed":
            raise UserError(f"seed {self.seed}: no patterns, as the trial failed ({self.row['reason']})")
        network = int(self.row["network"])
        return ShownPatterns(tuple(self.group.patterns_of(network)), self.group.hierarchy_of(network))

    def model(self) -> "nn.Module":
        """The sculpted network as a torch model that gives the same logits, for rows ``(row, input)``.

        That of a perceptron is plain, and without its dead units.

        Raises:
            UserError: if the trial failed before its network had learned anything.
        """
        from neural_sculpting.exporting.models import model_of
        from neural_sculpting.exporting.trial_files import check_learned

        check_learned(self.row)
        return model_of(self.group.packed, int(self.row["network"]))

    def predict(self, rows: Any) -> pd.Series | pd.DataFrame:
        """Predict the outputs of further rows, which are encoded and standardized as the examples were.

        Args:
            rows: a frame with all input columns, or an array ``(row, input column)``.

        Returns:
            One column for each output, classes by their names; a series if there is one output.

        Raises:
            UserError: if a column is missing or contains an unknown value, or the trial failed.
        """
        from neural_sculpting.exporting.trial_files import predictions

        found = predictions(self.group, self.row, rows)
        return found.iloc[:, 0] if found.shape[1] == 1 else found

    def predict_proba(self, rows: Any) -> pd.DataFrame:
        """Return the probability of each class or bit for further rows, as :meth:`predict` takes them.

        Raises:
            UserError: as :meth:`predict`, or if the outputs are numbers.
        """
        from neural_sculpting.exporting.trial_files import probabilities

        return probabilities(self.group, self.row, rows)

    def formulas(self) -> "NetworkFormulas":
        """The functions of its modules, as logic formulas in terms of each other; printed, they are read from the top.

        Raises:
            UserError: if the network is no perceptron or reads more than 16 inputs, inputs or outputs are not bits, or
                the trial failed.
        """
        from neural_sculpting.exporting.trial_files import formulas_of_trial

        return formulas_of_trial(self.group, self.row)

    def export(self, folder: str | Path) -> list[Path]:
        """Write the model (safetensors, ONNX), the hierarchy (GraphML, JSON, DOT, SVG) and the formulas.

        ONNX and formulas are for perceptrons alone.

        Args:
            folder: created if it does not exist; files in it are replaced.

        Returns:
            The files: formulas only where the inputs are bits, ONNX only if the package onnx is installed.

        Raises:
            UserError: if the trial failed before its network had learned anything.
        """
        from neural_sculpting.exporting.trial_files import export_trial

        return export_trial(self.group, self.row, Path(folder)).files

    def __str__(self) -> str:
        judged = {True: "as expected", False: "another hierarchy", None: "hierarchy found"}[self.success]
        outcome = judged if self.row["status"] == "sculpted" else str(self.row["status"]).replace("_", " ")
        if outcome == "constant" and self.failure is not None:
            outcome = self.failure.headline[0].lower() + self.failure.headline[1:]
        if outcome == "failed":
            return f"seed {self.seed}: failed ({self.row['reason']})"
        edges = f"{self.row['edges']} edge{'' if self.row['edges'] == 1 else 's'}"
        return f"seed {self.seed}: {outcome}, {edges}, accuracy {self.row['accuracy']:.4g}"

    __repr__ = __str__

    def _repr_svg_(self) -> str | None:
        """Its picture; None, so that its line is shown, if it failed."""
        return None if self.row["status"] == "failed" else self.picture()
