"""Where do networks earn their keep: sampled rows, idle inputs, wrong labels, numbers, and many inputs."""

import json
import sys
from collections.abc import Iterable
from time import perf_counter
from typing import Any

import networkx as nx
import pandas as pd

import neural_sculpting as ns
from experiments.baselines import CRITERIA, boosted, met
from experiments.computed import ComputedStudy
from experiments.intervals import interval_text, rate_columns
from experiments.sampled.cases import DIRECTIONS, Case
from experiments.study import Tables, main, markdown_table
from neural_sculpting.analysis import graph_to_json
from neural_sculpting.analysis.relations import divides_inputs
from neural_sculpting.decomposition.task_tables import decompose_task
from neural_sculpting.records.answers import null_answers
from neural_sculpting.tasks import build_task

TRIALS, FIRST_SEED = 8, 1000
"""Of each task, and that of the tasks: settings and rules were chosen on seeds below it."""

TASKS = {
    **dict.fromkeys(DIRECTIONS, 20),
    **dict.fromkeys(("rows", "idle inputs", "wrong labels", "examples of depth 4", "numbers", "size"), 10),
    "no structure": 70,
}
"""How many there are of a level: fewer where each takes long, more where a few false claims in a hundred matter."""

SETTINGS = (
    "pruning=default",
    "training=levels",
    "pruning.phases=[edge]",
    "pruning.edge.tail=10",
    "analysis.reader=confirmed",
)
"""Edges alone, all layers together: the cheapest of the settings of ``pruning=levels``, and nearly the best."""

MEASURED = ("pruning/accuracy=measured",)
METHODS = {
    "printed": "printed answer",
    "networks": "networks",
    "rewired": "rewired masks",
    "table": "table alone",
    "boosting": "boosted trees",
}
KEY = ("direction", "level", "graph_seed")


class Sampled(ComputedStudy):
    """Tasks of which only some rows are known, in six directions."""

    name = "sampled"
    title = "Where networks earn their keep"
    key = KEY
    columns = (
        *(*KEY, "inputs", "rows", "trials", "learned", "test_accuracy", "agreement", "source", "seconds"),
        *(f"{method}_{criterion}" for method in METHODS for criterion in CRITERIA),
        *("expected", *METHODS),
    )
    how = "`python -m experiments.sampled --run` runs or resumes it. Made with"

    def keys(self) -> list[tuple[str, float, int]]:
        """Direction by direction, those that take longest last; the levels of one seed together."""
        return [
            (name, float(level), FIRST_SEED + number)
            for name, (_, levels) in DIRECTIONS.items()
            for number in range(TASKS[name])
            for level in levels
        ]

    def row(self, *key: Any) -> dict[str, Any]:
        return row_of(*key)

    def tables(self, rows: pd.DataFrame) -> Tables:
        return {self.name: rates_by_level(rows.reindex(columns=[*self.columns]))}

    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        yield INTRODUCTION.format(tasks=max(TASKS.values()), trials=TRIALS)
        for direction in DIRECTIONS:
            of_direction = tables[self.name][tables[self.name]["direction"] == direction]
            if of_direction.empty:
                continue
            yield f"## {direction.capitalize()}\n\n{INTRODUCTIONS[direction]}"
            yield _markdown(direction, of_direction)
        yield LEGEND


INTRODUCTION = """\
On a whole truth table a reader that asks the function needs no network. Where only some of it is known, somebody has to
guess the rest. Up to {tasks} tasks of each kind, {trials} trials each, of which edges alone are pruned; their networks
are read together. Beside them: the answer that the program prints, which is that of the networks, or of the rows alone
where these save more bits so, or none where neither saves enough; the same with rewired masks; the rows alone, by
columns with don't-cares; and boosted trees, whose function of the inputs that count is decomposed in the same way.
Shares of tasks whose answer is exactly the expected hierarchy, with 95 % Wilson intervals."""

INTRODUCTIONS = {
    "rows": "Trees of depth 3 on eight bits; the share of the 256 rows that are known.",
    "rows of depth 1": "Three functions of two bits each, side by side; the share of the 64 rows. Pruned by `levels`.",
    "rows of depth 2": "Three functions of two bits each, used by three of two of them each; the share of the 64 rows.",
    "no structure": "Functions of six bits and two or three outputs that have no hierarchy; right is who claims none.",
    "idle inputs": "Trees of depth 3 with random bits beside the eight that count; 1,000 examples.",
    "wrong labels": "Trees of depth 3 with a share of the labels flipped; 1,000 examples.",
    "numbers": "Trees of functions of so many normal inputs, with a number as output; 2,000 rows. Pruned `fast`.",
    "examples of depth 4": "Trees of depth 4 on sixteen bits; so many of the 65,536 rows are known. Pruned `fast`.",
    "size": "One or two such trees of bits side by side, so many inputs in all; 3,000 examples.",
}

LEGEND = """\
*test*: mean accuracy of the sculpted networks on rows that they have not seen (of numbers: explained variance), where
there are any. *learned*: the share of trials that reached the accuracy asked for."""


def row_of(direction: str, level: float, seed: int) -> dict[str, Any]:
    """Sculpt one task and read it in every way."""
    case: Case = DIRECTIONS[direction][0](level, seed)
    start = perf_counter()
    settings = [*(case.pruned or SETTINGS), *(MEASURED if case.measured else ()), *case.settings]
    result = ns.sculpt(case.task, seeds=TRIALS, hidden=_hidden(case), overrides=settings, **case.parameters)
    [cell], group = result.sweep.cells, result.groups[0]
    task = build_task(group.config.task.name, **group.config.task.parameters)
    decomposed = decompose_task(task)
    graphs = {
        "printed": cell.answer.hierarchy if cell.answer else None,
        "networks": cell.networks_answer.hierarchy if cell.networks_answer else None,
        "rewired": null_answers(cell).get("rewired"),
        "table": decomposed.hierarchy if decomposed else None,
        "boosting": boosted(task),
    }
    test = "test_bit_accuracy"
    return {
        **dict(zip(KEY, (direction, level, seed), strict=True)),
        "inputs": group.layout.layers[0],
        "rows": group.set_sizes[0],
        "trials": len(cell.trials),
        "learned": int((cell.trials["status"] == "sculpted").sum()),
        "test_accuracy": cell.trials[test].mean(),
        "agreement": cell.networks_answer.agreement.share if cell.networks_answer else 0.0,
        "source": cell.answer.source if cell.answer else "",
        "seconds": perf_counter() - start,
        **{f"{name}_{key}": value for name, graph in graphs.items() for key, value in _met(graph, case).items()},
        "expected": json.dumps(graph_to_json(case.expected)),
        **{name: json.dumps(graph_to_json(graph)) if graph is not None else "" for name, graph in graphs.items()},
    }


def _hidden(case: Case) -> list[int]:
    if case.hidden:
        return [*case.hidden]
    inputs = case.expected.nodes(data="inputs")
    count = sum(len(of) for _, of in inputs)
    return [24, 24, 24, 24] if count <= 8 else [48, 48, 48, 48]


def _met(graph: nx.DiGraph | None, case: Case) -> dict[str, int]:
    if len(case.expected) == 1:
        return dict.fromkeys(CRITERIA, int(graph is None or not divides_inputs(graph)))
    return met(graph, case.expected)


def rates_by_level(rows: pd.DataFrame) -> pd.DataFrame:
    """Compute the share of tasks that each method gets right, by direction and level, with Wilson intervals."""
    lines = []
    for (direction, level), tasks in rows.groupby(["direction", "level"], sort=False):
        line: dict[str, Any] = {"direction": direction, "level": level, "tasks": len(tasks)}
        line |= {
            "learned": tasks["learned"].sum() / tasks["trials"].sum(),
            "test_accuracy": tasks["test_accuracy"].mean(),
        }
        for name in [f"{method}_{criterion}" for method in METHODS for criterion in CRITERIA]:
            line |= rate_columns(name, int(tasks[name].sum()), int(tasks[name].notna().sum()))
        lines.append(line)
    return pd.DataFrame(lines)


def _markdown(direction: str, table: pd.DataFrame) -> str:
    lines = [
        [
            f"{line['level']:g}",
            str(line["tasks"]),
            *(interval_text(line, f"{name}_exact") for name in METHODS),
            f"{line['learned']:.2f}",
            interval_text(line, "test_accuracy"),
        ]
        for line in table.sort_values("level").to_dict("records")
    ]
    return markdown_table([direction, "tasks", *METHODS.values(), "learned", "test"], lines)


if __name__ == "__main__":
    sys.exit(main(Sampled()))
