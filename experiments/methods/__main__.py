"""Does sculpting find more than other ways of uncovering structure, and more than chance?"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import Any

import networkx as nx
import pandas as pd

from experiments.methods.cases import CASES, OURS, TUNING, Case
from experiments.methods.page import figure, firsts, markdown_by_family, reasons, tuning_table
from experiments.methods.ranks import by_family
from experiments.methods.tuning import COLUMNS as OF_TUNING
from experiments.methods.tuning import NUMBERS, best, grid_of, tuned
from experiments.study import Study, Tables, main
from neural_sculpting.analysis import graph_to_json
from neural_sculpting.cli.folders import ROOT
from neural_sculpting.methods.comparison import COLUMNS, Subject, compare, score, why_not_asked
from neural_sculpting.methods.registry import shipped
from neural_sculpting.paper.figures.style import save
from neural_sculpting.records.answers import null_answers
from neural_sculpting.records.reading_again import read_again
from neural_sculpting.records.sweep import Sweep

INTRODUCTION = """\
{methods} ways to uncover the structure of {tasks} tasks, up to 12 trials each: from the examples without a network,
from networks before pruning, from networks that were trained in another way and whose small weights were set to zero
afterwards, and from sculpted networks by several readers. What was compared, and on which tasks, was fixed before
anything was looked at. Settings were chosen on four other tasks and other seeds, four of each method that has any.
Those for images were chosen on images when others had turned out not to suit them."""

LEGEND = """\
The share of trials with the right *relation*: inputs divided as expected, each block reaching the right outputs; with
95 % intervals, by resampling tasks where a family has five or more, else of the trials (Wilson). *rank*: among all that
apply, with the 2.5 and 97.5 percentiles over resampled tasks or trials; *probes* are told the sub-functions and have
none. *false*: of functions without structure, the
share of trials in which inputs are divided. Methods without a network, and the *answer*, which reads all trials
together, count once for each task. *answer/rewired*: the answer with the candidates of rewired masks, which is what the
function alone gives with chance candidates. *seconds*: of one trial, training and sculpting included."""


class Methods(Study):
    """All methods on all tasks."""

    name, title = "methods", "How it compares"
    sweeps: Mapping[str, Sequence[str]] = {
        f"{case.name}/{kind}": overrides
        for case in (*chain(*TUNING.values()), *CASES)
        for kind, overrides in case.sweeps.items()
    }
    key = ("task", "method", "seed")
    columns = ("task", "family", *COLUMNS, "engine", "found")
    types = dict.fromkeys(("applies", "inputs", "outputs", "relation", "exact", "false_claim"), "boolean")
    how = "`python -m experiments.methods --run` runs or resumes it. Made with"

    def refresh(self, overrides: Sequence[str] | None = None, sweeps: Path | None = None) -> int:
        """Train, choose settings and compare where something is missing; what is stored is not computed again."""
        if overrides is not None:
            sweeps = sweeps or ROOT / self.name
            for tasks, cases in TUNING.items():
                if missing := self._untuned(tasks):
                    if code := self._sculpt(cases, missing, sweeps, overrides):
                        return code
                    self._tune(tasks, missing, sweeps)
            for case in CASES:
                if missing := self._not_compared(case):
                    if code := self._sculpt([case], missing, sweeps, overrides):
                        return code
                    self._compare(case, missing, sweeps)
        print(*self.write(), sep="\n")
        return 0

    def _sculpt(self, cases: Iterable[Case], methods: Sequence[str], sweeps: Path, overrides: Sequence[str]) -> int:
        for case in cases:
            for kind in case.kinds(methods):
                if code := self._run(sweeps / case.name / kind, [*case.sweeps[kind], *overrides]):
                    return code
        return 0

    def tuning(self) -> pd.DataFrame:
        """Return the stored results of tuning."""
        path = self.folder / "tuning.csv"
        if not path.exists():
            return pd.DataFrame(columns=list(OF_TUNING))
        return pd.read_csv(path, keep_default_na=False, na_values=dict.fromkeys(NUMBERS, ""))

    def _untuned(self, tasks: str) -> list[str]:
        """Methods without stored results of tuning; on images, those that have a choice."""
        known = self.tuning()
        done = {*known.loc[known["tasks"] == tasks, "method"]}
        chosen = (name for name in shipped() if tasks == "tables" or len(grid_of(name, tasks)) > 1)
        return [name for name in chosen if name not in done]

    def _tune(self, tasks: str, names: Iterable[str], sweeps: Path) -> None:
        subjects = {case.name: case.subject(sweeps, case.kinds(names)) for case in TUNING[tasks]}
        for name in names:
            print("tuning", tasks, name, flush=True)
            known, found = self.tuning(), tuned(name, tasks, subjects)
            self.folder.mkdir(parents=True, exist_ok=True)
            (pd.concat([known, found]) if len(known) else found).to_csv(
                self.folder / "tuning.csv", index=False, float_format="%.4g"
            )

    def _not_compared(self, case: Case) -> list[str]:
        known = self.rows_so_far()
        done = {name.partition("/")[0] for name in known.loc[known["task"] == case.name, "method"]}
        return [name for name in (*shipped(), OURS[0]) if name not in done]

    def _compare(self, case: Case, names: Sequence[str], sweeps: Path) -> None:
        subject = case.subject(sweeps, case.kinds(names))
        for name in names:
            print(case.name, name, flush=True)
            known, rows = self.rows_so_far(), self.rows_of_subject(case, subject, [name])
            self.keep(pd.concat([known, rows], ignore_index=True) if len(known) else rows)

    def rows_of_subject(self, case: Case, subject: Subject, names: Iterable[str]) -> pd.DataFrame:
        """Apply methods to a task, with the settings that were chosen."""
        names = [*names]
        rows = compare(subject, [name for name in names if name not in OURS], best(self.tuning(), names, case.tuned_on))
        if OURS[0] in names:
            rows = pd.concat([rows, pd.DataFrame(answers(subject))])
        found = ["" if graph is None else stored(graph) for graph in rows["found"]]
        return rows.assign(task=case.name, family=case.family, found=found, engine=subject.dense.engine)

    def rows_of(self, group: object, sweep: str) -> pd.DataFrame:
        raise NotImplementedError("rows are of methods, not of sweeps alone")

    def tables(self, rows: pd.DataFrame) -> Tables:
        return {self.name: rows.drop(columns="found"), "ranks": by_family(rows)}

    def draw(self, rows: pd.DataFrame, tables: Tables) -> list[Path]:
        return save(lambda: figure(tables["ranks"]), self.folder, self.name)

    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        methods = rows["method"].str.partition("/")[0].nunique()
        yield INTRODUCTION.format(methods=methods, tasks=rows["task"].nunique())
        yield f"![The share of right relations by method and family]({self.name}.png)"
        yield firsts(tables["ranks"])
        yield from markdown_by_family(tables["ranks"])
        yield LEGEND
        yield reasons(rows)
        yield tuning_table(self.tuning())


def stored(graph: nx.DiGraph) -> str:
    """Write a hierarchy as JSON, without the hidden units of its modules."""
    modules = nx.DiGraph(graph.edges)
    modules.add_nodes_from(
        (name, {ends: of[ends] for ends in ("inputs", "outputs")}) for name, of in graph.nodes.items()
    )
    return json.dumps(graph_to_json(modules))


def answers(subject: Subject) -> Iterator[dict[str, Any]]:
    """Score the answer to a task, and the one with the candidates of rewired masks."""
    if reason := why_not_asked(subject, "confirmed"):
        yield {"method": OURS[0], "tier": "sculpted", "applies": False, "reason": reason, "found": None}
        return
    start, group = perf_counter(), subject.sculpted
    assert group is not None
    confirmed = group if group.config.analysis.reader == "confirmed" else read_again(group, {"reader": "confirmed"})
    [cell] = Sweep((confirmed,)).cells
    found = cell.networks_answer.hierarchy if cell.networks_answer else None
    seconds = group.seconds / len(group.selected_trials) + perf_counter() - start
    for name, graph in zip(OURS, (found, null_answers(cell).get("rewired")), strict=True):
        scores = score(graph, group.expected, subject.task.ignore_pruned_inputs)
        about = {"method": name, "tier": "sculpted", "seed": 0, "applies": True, "found": graph, "seconds": seconds}
        yield {**about, "reason": "" if graph is not None else "no answer", **scores}


if __name__ == "__main__":
    sys.exit(main(Methods()))
