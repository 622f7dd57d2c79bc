"""The structure of sculpted networks: path weights, units that are used, what breaks, and what stays the same."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.intervals import interval_text
from experiments.structure.figure import figure_of, lesion_figure
from experiments.structure.measured import PATHS, TESTED, path_rows, tested_rows
from experiments.structure.summaries import VARIANTS, agreements, lesions, slopes, units_by_width, within_across
from experiments.study import Study, Tables, main, markdown_table
from neural_sculpting.paper.figures.style import save
from neural_sculpting.records.record import GroupRecord

WIDTHS, USES = (8, 12, 16, 20, 24, 36, 48), (1, 2, 4, 6, 8)
SHOWN_WIDTH = 24
THREE = "pruning.variants={dense:{phases:[edge],edge:{limit:1e-6}},edges:{phases:[edge]},units_edges:{}}"
"""A limit below one edge leaves the dense network after its round of training."""

STEPS = ("pruning.unit.step=[70,35,15]", "pruning.edge.step=[2.5,1]")
QUIETLY = ("trainer.threads=1", "pictures=none", "report=never", "logger=none")
TRIALS, FEWER = "seed=range(36)", "seed=range(12)"
TESTED_TASKS = {
    "boolean_sep": ("task=boolean_sep", TRIALS),
    "boolean_reused": ("task=boolean_reused", "arch.hidden=[24,24]", TRIALS),
    "boolean_sep_reused": ("task=boolean_sep_reused", "arch.hidden=[24,24]", TRIALS),
    "boolean_overlap": ("task=boolean_overlap", "task.overlap=2", "task.uses=2", "arch.hidden=[24,24]", TRIALS),
    "boolean_hierarchy": ("task=boolean_hierarchy", "task.uses=4", "arch.hidden=[36,36,36]", TRIALS),
    "random_hierarchy_2": ("task=random_hierarchy", "task.graph_seed=range(4)", "arch.hidden=[24,24,24]", FEWER),
    "random_hierarchy_3": (
        *("task=random_hierarchy", "task.depth=3", "task.sub_functions=4", "task.graph_seed=range(4)"),
        *("arch.hidden=[24,24,24,24]", FEWER),
    ),
    "sep_reused_rows": (
        *("task=boolean_sep_reused", "arch.hidden=[24,24]", "task.rows=0.75", "task.rows_seed=range(6)"),
        "seed=range(6)",
    ),
}

INTRODUCTION = """\
What sculpting leaves of a network: whether paths stay inside of sub-functions, how many units do the work, whether
damage is where the hierarchy says, and whether other seeds, steps and rows lead to the same. The path weight between
two units is the sum over the paths between them of the product of the sizes of their weights."""

LEGEND_OF_PATHS = """\
`boolean_sep`, one hidden layer of 24 units. *within*, *across*: the mean path weight between an input and an output of
the same and of different sub-functions; one-sided Welch test over networks, each with its means. *share across*: of the
path weight, with the 95 % t-interval; *none*: networks without any."""

LEGEND_OF_UNITS = """\
`boolean_reused`, two hidden layers: the fewest units of each that make up 90 % of the path weight to the outputs, the
mean over networks that reached 100 %, of 36, with 95 % t-intervals; `units.csv` has all widths and uses. Below: slopes
of a linear regression over the widths with 8 uses, and over the uses with width 24."""

LEGEND_OF_LESIONS = """\
`boolean_reused` with 8 uses, `boolean_overlap` with an overlap of 2 and 2 uses, `boolean_hierarchy` with 4 uses;
`random_hierarchy` with two and three levels, four graphs each; `sep_reused_rows` is `boolean_sep_reused` with six draws
of 75 % of its rows. Balanced accuracy of what hierarchies predict: which outputs change when the units of a module get
their values from other rows. *own*: of each network by its own hierarchy; *answer*: by what all trials of a graph, or
of a draw of rows, say together; *random*: of as many random units; *above*: own minus random, paired. *scored*: trials
that learned the task and whose hierarchy predicts that some output does not change. 95 % t-intervals. No output can
change to which no path leads, so the *own* score of the paper's reader, which reads nothing but paths, tests only
whether paths matter."""

LEGEND_OF_AGREEMENT = """\
Mean agreement of every two hierarchies: the adjusted Rand index of how inputs are divided, and Cohen's kappa of which
outputs depend on which inputs. *seeds*: trials that differ in the seed alone; *steps*: the six networks of a trial with
unit steps of 70, 35 and 15 % and edge steps of 2.5 and 1 %; *rows*: trials of a seed that learn from other 75 % of the
rows. Intervals are jackknifed over trials, or t-intervals over the groups that are compared within (*n* of either)."""


class Structure(Study):
    """Path weights, lesions and agreement."""

    name, title = "structure", "The structure of sculpted networks"
    sweeps = {
        "separate": ("task=boolean_sep", THREE, TRIALS, *QUIETLY),
        "reuse": (
            *("task=boolean_reused", f"task.uses={','.join(map(str, USES))}", THREE, TRIALS, *QUIETLY),
            f"arch.hidden={','.join(f'[{width},{width}]' for width in WIDTHS)}",
        ),
        **{name: (*of_task, *STEPS, *QUIETLY) for name, of_task in TESTED_TASKS.items()},
    }
    key = ("sweep", "uses", "layers", "graph_seed", "rows_seed", "seed", "variant", "reader")
    columns = (*key, "width", "status", "edges", *PATHS, *TESTED)
    types = dict.fromkeys(("variant", "reader"), "str")
    partial = True
    how = """\
`python -m experiments.structure --run` runs or resumes the sweeps, and refreshes this folder. `trials.csv.gz` holds
the networks and trials with what was measured of them. Made with"""

    def rows_of(self, group: GroupRecord, sweep: str) -> pd.DataFrame:
        rows = path_rows(group) if sweep in ("separate", "reuse") else tested_rows(group)
        rows = rows.assign(sweep=sweep, width=group.layout.layers[1])
        return rows.assign(**{name: pd.NA for name in self.columns if name not in rows})

    def tables(self, rows: pd.DataFrame) -> Tables:
        reuse = rows[rows["sweep"].eq("reuse") & rows["variant"].ne("dealt")]
        tested = rows[~rows["sweep"].isin(["separate", "reuse"])]
        return {
            "within_across": pd.DataFrame([*within_across(rows[rows["sweep"] == "separate"])]),
            "units": pd.DataFrame([*units_by_width(reuse)]),
            "slopes": pd.DataFrame([*slopes(reuse, USES[-1], SHOWN_WIDTH)]),
            "lesions": pd.DataFrame([*lesions(tested)]),
            "agreement": pd.DataFrame([*agreements(tested)]),
        }

    def draw(self, rows: pd.DataFrame, tables: Tables) -> list[Path]:
        paths = save(lambda: figure_of(tables, USES[-1], SHOWN_WIDTH), self.folder, self.name)
        return paths + save(lambda: lesion_figure(tables["lesions"]), self.folder, "lesions")

    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        yield INTRODUCTION
        yield f"![Path weights and units]({self.name}.png)"
        yield "## Paths within and across"
        heads: tuple[str, ...] = ("networks", "n", "edges", "within", "across", "t", "p", "share across", "none")
        yield markdown_table(heads, [[*_paths(line)] for line in tables["within_across"].to_dict("records")])
        yield LEGEND_OF_PATHS
        yield "## Units that do the work"
        heads = ("uses", "width", "networks", "n", "first layer", "second layer")
        units = tables["units"].query("width == @SHOWN_WIDTH or uses == @USES[-1]")
        yield markdown_table(heads, [[*_units(line)] for line in units.to_dict("records")])
        heads = ("networks", "layer", "n", "per unit of width", "p", "n", "per use", "p")
        yield markdown_table(heads, [[*_slopes(line)] for line in tables["slopes"].to_dict("records")])
        yield LEGEND_OF_UNITS
        yield "## What breaks"
        yield "![Scores of lesions](lesions.png)"
        heads = ("task", "reader", "learned", "scored", "own", "answer", "random", "above")
        yield markdown_table(heads, [[*_lesions(line)] for line in tables["lesions"].to_dict("records")])
        yield LEGEND_OF_LESIONS
        yield "## What stays the same"
        heads = ("task", "reader", "of", "n", "inputs", "reach")
        yield markdown_table(heads, [[*_agreements(line)] for line in tables["agreement"].to_dict("records")])
        yield LEGEND_OF_AGREEMENT


def _paths(line: dict[str, Any]) -> Iterator[str]:
    yield from (VARIANTS[line["networks"]], str(line["n"]), f"{line['edges']:.0f}")
    yield from (f"{line[name]:.2f}" for name in ("within", "across", "t"))
    yield from (f"{line['p']:.2g}", interval_text(line, "share_across", ".3f"), str(line["none_across"]))


def _units(line: dict[str, Any]) -> Iterator[str]:
    yield from (str(line["uses"]), str(line["width"]), VARIANTS[line["networks"]], str(line["n"]))
    yield from (interval_text(line, f"units_{layer}", ".1f") for layer in (1, 2))


def _slopes(line: dict[str, Any]) -> Iterator[str]:
    yield from (VARIANTS[line["networks"]], str(line["layer"]))
    for along in ("width", "uses"):
        yield from (str(line[f"{along}_n"]), f"{line[f'{along}_slope']:.3f}", f"{line[f'{along}_p']:.2g}")


def _lesions(line: dict[str, Any]) -> Iterator[str]:
    yield from (line["task"], line["reader"], f"{line['learned']} of {line['trials']}", str(line["scored"]))
    yield from (interval_text(line, name) for name in ("lesion", "answer_lesion", "random_lesion", "above_random"))


def _agreements(line: dict[str, Any]) -> Iterator[str]:
    yield from (line["task"], line["reader"], line["agreement_of"], str(line["n"]))
    yield from (interval_text(line, "inputs"), interval_text(line, "reach"))


if __name__ == "__main__":
    sys.exit(main(Structure()))
