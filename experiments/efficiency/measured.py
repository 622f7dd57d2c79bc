"""What a setting costs on a task, and whether its answer is right, beside the control."""

import json
from collections.abc import Sequence
from functools import cache
from time import process_time
from typing import Any

import pandas as pd

import neural_sculpting as ns
from experiments.calibration.cases import is_right
from experiments.efficiency.cases import HALVED, SETTINGS, task_of
from experiments.efficiency.halving import successive_halving
from neural_sculpting.analysis import graph_to_json
from neural_sculpting.records.answers import met_by, null_answers
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.confidence import confidence_of
from neural_sculpting.results import Result

TRIALS = 8
COMMON = (
    "pruning=default",
    "analysis.reader=confirmed",
    "selection=finest",
    "trainer.threads=1",
    "trainer.progress_bar=false",
)


def row_of(family: str, rows: float, task_seed: int, setting: str) -> dict[str, Any]:
    """Sculpt a task with a setting.

    ``rounds`` counts the rounds of training of all networks: attempts, rejected ones too, and the rounds of the dense
    networks (if several are allowed, as if all were needed), which those of one trial and variant share. ``seconds``
    is the CPU time of sculpting, reading and pooling.
    """
    graph, hidden = task_of(family, task_seed)
    sampled: dict[str, Any] = {"rows": rows, "rows_seed": task_seed} if rows < 1 else {}

    def sculpt(seeds: Sequence[int], overrides: Sequence[str]) -> Result:
        return ns.sculpt(graph, seeds=seeds, hidden=hidden, overrides=[*COMMON, *overrides], **sampled)

    _load_libraries()
    start, seeds = process_time(), range(TRIALS)
    if setting in HALVED:
        results = successive_halving(sculpt, HALVED[setting], seeds)
    else:
        results = [sculpt(seeds, SETTINGS[setting])]
    sweep = Result(tuple(group for result in results for group in result.groups)).sweep
    cell = Cell(sweep, sweep.by_job)
    answer = cell.networks_answer
    seconds = process_time() - start
    control, found = null_answers(cell).get("rewired"), answer.hierarchy if answer else None
    own = [each for each, learned in zip(cell.compared, cell.learned, strict=True) if learned]
    return {
        **{"family": family, "rows": rows, "task_seed": task_seed, "setting": setting},
        **{"hidden": "-".join(map(str, hidden)), "trials": TRIALS, "networks": len(sweep.networks)},
        **{"rounds": sum(_rounds(result) for result in results), "seconds": seconds},
        "learned": int(cell.learned.sum()),
        "right": int(found is not None and is_right(found, graph)),
        **{name: int(met is not pd.NA and met) for name, met in met_by(cell, found).items()},
        "rewired_right": int(control is not None and is_right(control, graph)),
        "trials_right": sum(each is not None and is_right(each, graph) for each in own),
        "edges_left": cell.trials.loc[cell.learned, "edges"].mean(),
        "agreement": answer.agreement.share if answer else 0.0,
        "confidence": confidence_of(cell),
        "hierarchy": json.dumps(graph_to_json(found)) if found is not None else "",
    }


@cache
def _load_libraries() -> None:
    """Sculpt once, so that no setting is charged for it."""
    ns.sculpt("boolean_sep", seeds=1, hidden=[24], overrides=COMMON)


def _rounds(result: Result) -> int:
    further = max(group.config.training.dense_rounds for group in result.groups) - 1
    dense = result.history.query("attempt == 0 and unit_step.isna() and edge_step.isna()")
    return len(result.history) + further * len(dense)
