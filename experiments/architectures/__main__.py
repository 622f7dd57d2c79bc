"""Are sub-functions found in convolutional networks and transformers?"""

import sys
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from experiments.architectures.inside import INSIDE
from experiments.architectures.measured import MEASURES, measured
from experiments.intervals import interval_text, rate_columns
from experiments.study import NO_NUMBER, Study, Tables, main, markdown_table
from neural_sculpting.records.record import GroupRecord

NARROW = 0.03
"""The share of stray paths up to which two functions count as apart."""

AS_KNOWN = 0.9
"""The correlation or share from which the inside of a network counts as what its task suggests."""

TASKS = {
    "streams_sep": 36,
    "streams_hier": 36,
    "streams_lag": 12,
    "induction": 12,
    "digits_channels": 36,
    "digits_pair": 12,
    "factors": 12,
    "rhm": 12,
}
"""The number of trials of each task."""

SETTINGS = {
    "digits_pair": (
        *("arch=cnn", "training=images", "pruning=kernels", "task.gap=4", "task.per_pair=40"),
        "task.validation_per_pair=10",
    ),
    "induction": ("task.sequences=4096", "training.dense_rounds=6"),
    "factors": ("task.per_combination=64",),
    "rhm": ("arch=residual_mlp", "arch.width=64", "arch.mlp=128", "pruning=classes", "training.dense_rounds=4"),
}
"""Those that a task does not bring."""

INTRODUCTION = """\
Convolutional networks and transformers, sculpted by the settings that their tasks bring: edges alone, and of images
whole kernels first. These were chosen on the seeds 100 to 103 of `streams_hier` and `digits_channels`; here are the
seeds from 0 on. What each task is, and what is expected of it, says
[the page of tasks](../../docs/reference/tasks.md). A hierarchy is about streams of bits, channels of images, or
positions; its *relation* is right if these are divided as expected and reach the outputs that depend on them."""

LEGEND = """\
*learned*: trials that reached the accuracy asked for. *edges*: the median that is left; *dense*: of how many.
*paper*, *confirmed*: trials with the expected relation, by reader; *answer*: whether all trials together have it.
*rewired*: with the edges of each weight matrix exchanged at random, by the paper's reader. Intervals: 95 % (Wilson)."""

LEGEND_OF_SEPARATION = f"""\
*stray paths*: the share of path weight between inputs and outputs that do not depend on them, the median; *apart*:
trials in which it is at most {NARROW}. *stray units*: the share of hidden units that serve no sub-function, likewise;
*pure*: trials without any. *lesions*: the share of pairs of a module and an output where the output changes exactly if
the hierarchy says that it depends on the module, when the hidden units of the module get their values from another
example; *random units*: likewise of as many other units. *dense*, *sculpted*: accuracy on the validation set. *longer*:
that of single outputs in sequences with two tokens more than those learned. Of `factors`, units that serve both shape
and color are astray, and modules are the units of the shape, of the color and of "red square" alone."""


OF_INSIDE = ("task", "what", "mean", "rewired", f"{AS_KNOWN} or more", "rewired")
"""The columns of the third table."""

LEGEND_OF_INSIDE = f"""\
*previous head*: how well the best head of the first block attends to the token before, by correlation; *match head*:
that of the second block to the token after the earlier place of the last symbol. *first level*: the share of neurons of
the first block that see positions of one pair alone; *second level*: of the second block, of one four. *last channels*:
the share of channels of the last convolution that serve the shape or the color, but not both. *{AS_KNOWN} or more*:
trials."""

SEPARATED = (
    *("task", "stray paths", "rewired", "apart", "stray units", "rewired", "pure", "rewired"),
    *("lesions", "random units", "dense", "sculpted", "longer"),
)
"""The columns of the second table."""


class Architectures(Study):
    """Tasks of sequences and images."""

    name, title = "architectures", "Convolutional networks and transformers"
    sweeps = {
        task: (
            *(f"task={task}", *SETTINGS.get(task, ()), f"seed=range({trials})"),
            *("pictures=none", "report=never", "logger=none"),
        )
        for task, trials in TASKS.items()
    }
    key = ("task", "seed")
    columns = (
        *(*key, "layers", "status", "edges", "dense_edges", "dense_accuracy", "accuracy"),
        *("test_bit_accuracy", "test_balanced_accuracy", "longer_bit_accuracy", "input_agreement"),
        *("stray_path_share", "stray_unit_share", *MEASURES, "seconds"),
    )
    partial = merges = True
    how = """\
`python -m experiments.architectures --run` runs or resumes the sweeps, and refreshes this folder. `trials.csv.gz` holds
the trials; `architectures.csv` the tables. Made with"""

    def rows_of(self, group: GroupRecord, sweep: str) -> pd.DataFrame:
        rows = measured(group)
        return rows.assign(**{name: pd.NA for name in self.columns if name not in rows})

    def tables(self, rows: pd.DataFrame) -> Tables:
        return {self.name: pd.DataFrame([*by_task(rows)])}

    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        lines = tables[self.name].to_dict("records")
        yield INTRODUCTION
        yield "## Found"
        heads = ("task", "trials", "learned", "edges", "dense", "paper", "confirmed", "answer", "rewired")
        yield markdown_table(heads, [[*_found(line)] for line in lines])
        yield LEGEND
        yield "## Apart"
        yield markdown_table(SEPARATED, [[*_separated(line)] for line in lines])
        yield LEGEND_OF_SEPARATION
        yield "## Inside"
        yield markdown_table(OF_INSIDE, [[*each] for line in lines for each in _inside(line)])
        yield LEGEND_OF_INSIDE


def by_task(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Summarize the trials of each task."""
    for task in (each for each in TASKS if each in {*rows["task"]}):
        trials = rows[rows["task"] == task]
        learned = trials[trials["status"] == "sculpted"]
        line: dict[str, Any] = {"task": task, "trials": len(trials), "learned": len(learned)}
        for name in ("edges", "dense_edges", "stray_path_share", "stray_unit_share", "seconds", "input_agreement"):
            line[name] = learned[name].median()
        for name in ("dense_accuracy", "accuracy", "longer_bit_accuracy", *MEASURES[6:]):
            line[name] = learned[name].astype(float).mean()
        counts = {name: trials[name].eq(True) & trials["status"].eq("sculpted") for name in MEASURES[:6]}
        able = trials["status"].eq("sculpted")
        counts["apart"] = able & trials["stray_path_share"].le(NARROW)
        counts["pure"] = able & trials["stray_unit_share"].eq(0)
        counts["rewired_pure"] = able & trials["rewired_unit_share"].eq(0)
        for name in (f"{kind}{each}" for kind in ("", "rewired_") for each in INSIDE):
            counts[f"{name}_known"] = able & trials[name].astype(float).ge(AS_KNOWN)
        for name, met in counts.items():
            column = name.removesuffix("_known")
            asked = column not in trials or trials[column].notna().any()
            rate = rate_columns(name, int(met.sum()), len(trials))
            line |= rate if asked else dict.fromkeys(rate, np.nan)
        yield line


def _found(line: dict[str, Any]) -> Iterator[str]:
    yield from (f"`{line['task']}`", str(line["trials"]), str(line["learned"]))
    yield from (f"{line['edges']:.0f}", f"{line['dense_edges']:,.0f}")
    yield from (interval_text(line, "paper_relation"), interval_text(line, "confirmed_relation"))
    yield NO_NUMBER if pd.isna(line["answer_relation"]) else "yes" if line["answer_relation"] else "no"
    yield interval_text(line, "rewired_relation")


FORMS = {
    **{"stray_path_share": ".3f", "rewired_path_share": ".3f", "apart": ".2f"},
    **{"stray_unit_share": ".3f", "rewired_unit_share": ".3f", "pure": ".2f", "rewired_pure": ".2f"},
    **{"lesion_agreement": ".2f", "random_lesion_agreement": ".2f"},
    **{"dense_accuracy": ".3f", "accuracy": ".3f", "longer_bit_accuracy": ".3f"},
}
"""The columns of the second table after the task, and their formats."""


def _separated(line: dict[str, Any]) -> Iterator[str]:
    yield f"`{line['task']}`"
    yield from (interval_text(line, name, form) for name, form in FORMS.items())


def _inside(line: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name in (each for each in INSIDE if pd.notna(line[each])):
        both = name, f"rewired_{name}"
        means, rates = (f"{line[each]:.2f}" for each in both), (interval_text(line, f"{each}_known") for each in both)
        yield (f"`{line['task']}`", name.replace("_", " "), *means, *rates)


if __name__ == "__main__":
    sys.exit(main(Architectures()))
