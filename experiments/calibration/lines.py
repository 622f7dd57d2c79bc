"""The lines of the tables: scores of confidence and agreement, families and sizes, and what else a model could read."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.calibration.cases import CALIBRATING, TESTING
from experiments.calibration.model import TRIED, claims, left_out
from experiments.calibration.reliability import scores
from experiments.intervals import columns_of, interval_text, resampled
from experiments.study import markdown_table
from neural_sculpting.scoring.rates import wilson_interval

DRAWS = 10_000

SIZES = {"4 or 5 inputs": (4, 5), "6 or 7 inputs": (6, 7), "8 to 12 inputs": (8, 12)}

Line = dict[str, Any]


def score_lines(known: pd.DataFrame, base: float) -> Iterator[Line]:
    """Score confidence, agreement and the base rate on the same tasks, and the differences."""
    right = known["right"].to_numpy()
    given = {"confidence": known["confidence"], "agreement": known["agreement_share"], "base rate": base + 0 * right}
    found = {name: scores(np.asarray(each, dtype=np.float64), right) for name, each in given.items()}
    for score in ("Brier", "log"):
        values = {name: of[score] for name, of in found.items()}
        values |= {f"less than {name}": values["confidence"] - values[name] for name in ("agreement", "base rate")}
        line: Line = {"score": score}
        for name, each in values.items():
            line |= columns_of(name, float(each.mean()), *resampled(each, DRAWS, seed=0))
        yield line


def family_lines(rows: pd.DataFrame) -> Iterator[Line]:
    """Count the tasks of each family, and of each size of those that test: how many are right, and what was said."""
    tested = rows[rows["family"].isin([*TESTING])]
    groups = {name: rows[rows["family"] == name] for name in (*CALIBRATING, *TESTING)}
    groups |= {name: tested[tested["inputs"].between(*ends)] for name, ends in SIZES.items()}
    for name, tasks in groups.items():
        known = tasks[tasks["confidence"].notna()]
        right, count = known["right"].to_numpy(), int(known["right"].sum())
        low, high = wilson_interval(count, len(known))
        line = {"tasks of": name, "answers": len(tasks), "not known": len(tasks) - len(known)}
        line |= {"confidence": known["confidence"].mean(), "right": count / max(len(known), 1)}
        line |= {"right_low": low, "right_high": high}
        brier = {"Brier": known["confidence"], "of agreement": known["agreement_share"]}
        yield line | {head: scores(each.to_numpy(), right)["Brier"].mean() for head, each in brier.items()}


def choice_lines(rows: pd.DataFrame) -> Iterator[Line]:
    """Score what a model could read on the families that calibrate, each by a model of the others."""
    calibrating = rows[rows["family"].isin([*CALIBRATING]) & claims(rows)].reset_index(drop=True)
    right = calibrating["right"].to_numpy()
    given = {"agreement, as it is": calibrating["agreement_share"].to_numpy()}
    given |= {", ".join(names): left_out(calibrating, names) for names in TRIED}
    for name, probability in given.items():
        found = scores(probability, right)
        yield {"reads": name, "Brier": found["Brier"].mean(), "log": found["log"].mean()}


def as_markdown(table: pd.DataFrame) -> str:
    """Format lines, numbers with their intervals where they have one."""
    heads = [name for name in table if not name.endswith(("_low", "_high"))]
    return markdown_table(heads, [[_cell(line, name) for name in heads] for line in table.to_dict("records")])


def _cell(line: Mapping[str, Any], name: str) -> str:
    if not isinstance(line[name], float):
        return str(line[name])
    return interval_text(line, name, ".3f")
