"""The sections of the page."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from experiments.ablation.cases import (
    ANSWER_SEEDS,
    CELLS,
    DEFAULT,
    DESIGN,
    DESIGN_CELLS,
    DESIGN_SEEDS,
    READERS,
    SEEDS,
    SETTINGS,
    TODAY,
    UNSEEN,
)
from experiments.ablation.effects import MEASURES
from experiments.intervals import interval_text
from experiments.study import markdown_table

INTRODUCTION = """\
What does each setting do, and is there a better one? All trials are counted by the right *relation*: inputs divided as
expected, each block reaching the right outputs. Single networks are read by the paper's reader and by
`analysis.reader=confirmed`, and each reader counts in the tasks in which its rate was neither 0 nor 1 in a pilot with
other seeds."""

ONE = f"""\
## One factor at a time

Around the program's defaults (units, then edges, by one pair of steps), {len(SEEDS)} trials for each of the tasks
{{names}}. Differences are paired by task and seed; McNemar's exact test, Holm's correction for each reader."""

LEGEND = """\
*rate*: right relations; *difference* from the default in percentage points, with 95 % intervals for pairs (Newcombe,
method 10); *p*: corrected; *tasks*: in how many the rate is higher, and lower, than by default; *learned*, *edges* of
these trials. The factors of reading change only that: the same networks, read otherwise than by the paper's reader."""

TOGETHER = f"""\
## Together

{{settings}} settings of a Sobol design (Saltelli's extension, `SALib`) of {len(DESIGN)} factors around these defaults,
{len(DESIGN_SEEDS)} trials for each of {len(DESIGN_CELLS)} tasks ({", ".join(DESIGN_CELLS)}), read by `confirmed`.
Learning rate, batch size, epochs and width are factors of what a task has. A *first* index is the share of the variance
of the rates that the factor explains alone, a *total* one that with all its interactions. Intervals come from
resampling the samples of the design, of which there are few."""

TESTED = f"""\
## On unseen tasks

Random hierarchies with graph seeds from {UNSEEN} on (depth 1 to 3), given as graphs of one's own, and functions without
structure, where what divides the inputs is wrong; {len(ANSWER_SEEDS)} trials each, read together. **{TODAY}** is what
own tasks start with (`pruning=fast`)."""

LEGEND_OF_TEST = """\
*right* answers with 95 % Wilson intervals; *rewired*: right answers of the same networks with their edges rewired, the
control; *trials*: right relations of trials on their own. *gained*, *lost*: tasks that only this setting, or only
today's, gets right; *p* of McNemar's exact test."""


def sections(rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame], settings: int) -> Iterator[str]:
    """Write the sections of what there is."""
    yield INTRODUCTION
    if "ablation" in tables:
        table = tables["ablation"]
        own = {*rows.loc[rows["part"] == "one", "cell"]}
        yield ONE.format(names="; ".join(name for name in CELLS if name in own))
        yield "![Differences from the default](ablation.png)"
        for reader in READERS:
            yield f"### Read by the reader `{reader}`"
            yield _effects(table[table["reader"] == reader])
        yield LEGEND
    if settings:
        yield TOGETHER.format(settings=settings)
        for measure, name in MEASURES.items():
            yield f"![Indices and interactions: {name}](design_{measure}.png)"
    if "unseen" in tables:
        yield TESTED
        yield markdown_table(
            ["setting", "overrides"], [(name, f"`{' '.join(each)}`") for name, each in SETTINGS.items()]
        )
        yield _unseen(tables["unseen"])
        yield LEGEND_OF_TEST


def _effects(table: pd.DataFrame) -> str:
    heads = ("factor: level", "trials", "rate", "difference", "p", "tasks", "learned", "edges")
    return markdown_table(heads, [_effect(line) for line in table.to_dict("records")])


def _effect(line: dict[str, Any]) -> list[str]:
    is_default = line["level"] == DEFAULT
    points = [100 * line[name] for name in ("difference", "low", "high")]
    return [
        DEFAULT if is_default else f"{line['factor']}: {line['level']}",
        *(f"{line['trials']}", f"{line['rate']:.2f}"),
        "–" if is_default else "{:+.0f} ({:+.0f} to {:+.0f})".format(*points),
        "–" if is_default else f"{line['p_corrected']:.2g}",
        "–" if is_default else f"{line['better']} / {line['worse']}",
        *(f"{line['learned']:.2f}", f"{line['edges']:.0f}"),
    ]


def _unseen(table: pd.DataFrame) -> str:
    heads = ("setting", "n", "right", "rewired", "trials", "learned", "edges", "gained", "lost", "p")
    lines = [
        [
            *(line["tasks"], line["setting"], str(line["n"])),
            *(interval_text(line, name) for name in ("right", "rewired")),
            *(f"{line['of_trials']:.2f}", f"{line['learned']:.2f}", f"{line['edges']:.0f}"),
            *(("–",) * 3 if line["setting"] == TODAY else (str(line["gained"]), str(line["lost"]), f"{line['p']:.2g}")),
        ]
        for line in table.to_dict("records")
    ]
    return markdown_table(["tasks", *heads], lines)
