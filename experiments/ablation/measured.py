"""The trials of a setting, read by the paper's reader and by the one that confirms, and answers to unseen tasks."""

from collections.abc import Sequence
from functools import cache, reduce
from typing import Any

import numpy as np
import pandas as pd

import neural_sculpting as ns
from experiments.ablation.cases import (
    BASE_SAMPLES,
    CELLS,
    DEFAULT,
    DESIGN,
    FACTORS,
    READING,
    SETTINGS,
    Changes,
    Step,
    design_changes,
    graph_of,
)
from experiments.calibration.cases import is_right
from neural_sculpting.config.composing import compose
from neural_sculpting.config.schemas import Config
from neural_sculpting.pipeline import sculpt_group
from neural_sculpting.records.answers import null_answers
from neural_sculpting.records.reading_again import read_again
from neural_sculpting.records.record import GroupRecord

QUIET = ("trainer.threads=1", "trainer.progress_bar=false", "logger=none", "pictures=none")
CRITERIA = ("relation", "exact")


@cache
def base_of(cell: str) -> Config:
    """Compose the default of a cell."""
    return compose([*CELLS[cell].overrides, *QUIET, "pruning=default", "analysis.reader=paper"])


def changed(base: Config, changes: Changes) -> Config:
    """Change a configuration, and check it; learning rate, batch size and epochs stay whatever else changes.

    Raises:
        ValidationError: a value is not allowed.
    """
    values = base.model_dump(mode="json")
    for key, value in changes.items():
        *sections, name = key.split(".")
        old = reduce(getattr, (*sections, name), base)
        reduce(dict.__getitem__, sections, values)[name] = value(old) if callable(value) else value
    return Config.model_validate(values)


def rows_of(step: Step) -> pd.DataFrame:
    """Compute the trials of a step; those of the default come with their other readings."""
    key = {"part": step.stored_part, "cell": step.cell}
    if step.part == "unseen":
        family, seed, share = step.cell.split()
        found = answered(family, int(seed), float(share), SETTINGS[step.level], step.seeds)
        return found.assign(**key, factor=step.factor, level=step.level)
    of_design = step.part == "design"
    changes = design_changes(design_sample()[int(step.level)]) if of_design else FACTORS[step.factor][step.level]
    group = sculpt_group(changed(base_of(step.cell), changes), step.seeds)
    confirmed = _met(read_again(group, {"reader": "confirmed"}), "confirmed")
    rows = [_trials(group).assign(**_met(group, "paper"), **confirmed, factor=step.factor, level=step.level)]
    if step.level == DEFAULT:
        rows += [
            _trials(group).assign(**_met(read_again(group, settings), "paper"), factor=factor, level=level)
            for factor, levels in READING.items()
            for level, settings in levels.items()
        ]
    return pd.concat(rows).assign(**key)


def _trials(group: GroupRecord) -> pd.DataFrame:
    return group.selected_trials[["seed", "status", "edges", "seconds"]].reset_index(drop=True)


def _met(group: GroupRecord, reader: str) -> dict[str, Any]:
    trials = group.selected_trials
    return {f"{reader}_{name}": trials[name].eq(True).astype(int).to_numpy() for name in CRITERIA}


@cache
def design_sample() -> np.ndarray:
    """Draw the settings of the design, ``(setting, factor)`` from 0 to 1: Saltelli's extension of Sobol's sequence."""
    from SALib.sample import sobol  # an extra

    return np.asarray(sobol.sample(problem(), BASE_SAMPLES, seed=0))


def problem() -> dict[str, Any]:
    """Describe the factors to SALib."""
    return {"num_vars": len(DESIGN), "names": [*DESIGN], "bounds": [[0, 1]] * len(DESIGN)}


def answered(family: str, task_seed: int, rows: float, overrides: Sequence[str], seeds: Sequence[int]) -> pd.DataFrame:
    """Return the trials of an unseen task, each with whether the answer of all of them is right.

    The task is given as a graph of one's own. ``right`` is as in the study of calibration: what the whole truth table
    determines counts; of a function without structure what divides nothing. ``rewired`` is the control.
    """
    graph, hidden = graph_of(family, task_seed)
    sampled: dict[str, Any] = {"rows": rows, "rows_seed": task_seed} if rows < 1 else {}
    result = ns.sculpt(graph, seeds=seeds, hidden=hidden, overrides=[*QUIET[:2], *overrides], **sampled)
    [group], [cell] = result.groups, result.sweep.cells
    found = cell.networks_answer.hierarchy if cell.networks_answer else None
    control = null_answers(cell).get("rewired")
    return _trials(group).assign(
        **_met(group, "confirmed"),
        right=int(found is not None and is_right(found, graph)),
        rewired=int(control is not None and is_right(control, graph)),
    )
