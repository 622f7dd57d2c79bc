"""Tables of measurements: what the default finds, and what the paper's training and training without decay do."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from time import process_time
from typing import Any

import networkx as nx
import pandas as pd

import neural_sculpting as ns
from experiments.baselines import CRITERIA, boosted, met
from experiments.computed import ComputedStudy
from experiments.intervals import interval_text, rate_columns
from experiments.measured.cases import FAMILIES, table
from experiments.study import Tables, main, markdown_table
from neural_sculpting.analysis import graph_to_json
from neural_sculpting.records.answers import null_answers
from neural_sculpting.scoring.rates import sign_test
from neural_sculpting.tasks import build_task

TRIALS, SEEDS = 8, range(1000, 1006)
"""Of each table, and those of the tables: settings were chosen on seeds below 1000."""

SIZES = ((600, 0.05), (2000, 0.05), (600, 0.7))
"""Rows, and the standard deviation of the noise beside outputs of unit variance."""

TWO_POINTS = "pruning/accuracy=measured"
SETTINGS: Mapping[str, Sequence[str]] = {
    "paper": ("arch=mlp", "training=paper", "pruning=default", TWO_POINTS),
    "undecayed": ("training=levels", TWO_POINTS),
    "default": (),
}
ANSWERS = ("answer", "rewired", "boosting")
KEY = ("family", "rows", "noise", "table_seed", "setting")


class Measured(ComputedStudy):
    """A row for each table and setting."""

    name = "measured"
    title = "Tables of measurements"
    key = KEY
    columns = (
        *(*KEY, "trials", "learned", "edges", "dense_test_accuracy", "test_accuracy", "seconds"),
        *(f"{answer}_{criterion}" for answer in ANSWERS for criterion in CRITERIA),
        *("expected", "hierarchy"),
    )
    how = "`python -m experiments.measured --run` runs or resumes it. Made with"

    def keys(self) -> list[tuple[Any, ...]]:
        return [
            (family, *size, seed, setting)
            for seed in SEEDS
            for family in FAMILIES
            for size in SIZES
            for setting in SETTINGS
        ]

    def row(self, *key: Any) -> dict[str, Any]:
        return row_of(*key)

    def tables(self, rows: pd.DataFrame) -> Tables:
        return {self.name: compare(rows)}

    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        yield INTRODUCTION
        yield "\n".join(f"- *{name}*: {words}" for name, words in FAMILIES.items())
        compared = tables[self.name]
        for (size, noise), lines in compared.groupby(["rows", "noise"], sort=False):
            yield f"## {size:,} rows, noise of {noise:g}"
            yield _markdown(lines)
        yield LEGEND


INTRODUCTION = f"""\
Tables of numbers whose hierarchy is known: standard normal inputs, outputs of unit variance with noise of 0.05 or 0.7.
{len(SEEDS)} tables of each family and size, {TRIALS} trials each, given to `ns.sculpt` as a table of one's own: with
training and pruning as in the paper (*paper*: `{" ".join(SETTINGS["paper"])}`), with two layers that train longer
(*undecayed*: `{" ".join(SETTINGS["undecayed"])}`), and with what such tables start with (*default*), which adds weight
decay and one standard error. Settings were chosen on tables with other seeds. Functions are drawn so that a joint does
not divide a leaf further."""

LEGEND = """\
The share of tables whose answer has the right blocks of inputs with the outputs that each reaches (of *no structure*:
one block), with 95 % Wilson intervals; *gained* and *lost*: tables that only the default, or only *paper*, gets right,
with *p* of the two-sided sign test. *rewired*: right answers of the default with its edges rewired.
*trees*: of boosted trees, whose function is decomposed in the same way. *test*: the mean accuracy of sculpted networks
on rows that they have not seen, of numbers the explained variance; *edges* left, the median of trials."""


_BOOSTED: dict[tuple[Any, ...], nx.DiGraph | None] = {}
"""What boosted trees say of the last table: the same, whatever networks are set to."""


def row_of(family: str, rows: int, noise: float, seed: int, setting: str) -> dict[str, Any]:
    """Sculpt a table, and read the answer, its control, and boosted trees."""
    drawn = table(family, rows, noise, seed)
    overrides = ["trainer.threads=1", "trainer.progress_bar=false", *SETTINGS[setting]]
    start = process_time()
    result = ns.sculpt(drawn.rows, outputs=drawn.outputs, seeds=TRIALS, overrides=overrides)
    [cell], [group] = result.sweep.cells, result.groups
    seconds = process_time() - start
    drawn_from = (family, rows, noise, seed)
    if drawn_from not in _BOOSTED:
        _BOOSTED.clear()
        _BOOSTED[drawn_from] = boosted(build_task(group.config.task.name, **group.config.task.parameters))
    answers = {
        "answer": cell.answer.hierarchy if cell.answer else None,
        "rewired": null_answers(cell).get("rewired"),
        "boosting": _BOOSTED[drawn_from],
    }
    trials = cell.trials
    return {
        **dict(zip(KEY, (family, rows, noise, seed, setting), strict=True)),
        "trials": len(trials),
        "learned": int((trials["status"] == "sculpted").sum()),
        "edges": float(trials["edges"].median()),
        "dense_test_accuracy": trials["dense_test_bit_accuracy"].mean(),
        "test_accuracy": trials["test_bit_accuracy"].mean(),
        "seconds": seconds,
        **{f"{of}_{key}": value for of in ANSWERS for key, value in met(answers[of], drawn.expected).items()},
        "expected": json.dumps(graph_to_json(drawn.expected)),
        "hierarchy": json.dumps(graph_to_json(cell.answer.hierarchy)) if cell.answer else "",
    }


def compare(rows: pd.DataFrame) -> pd.DataFrame:
    """Compute the rates of right relations by size and family, and of all families, of tables with all settings."""
    lines = []
    for (size, noise), of_size in rows.groupby(["rows", "noise"], sort=False):
        for family in ("all", *FAMILIES):
            tables = of_size if family == "all" else of_size[of_size["family"] == family]
            paired = tables.pivot(index=["family", "table_seed"], columns="setting", values=MEASURES).dropna()
            if paired.empty:
                continue
            right = paired["answer_relation"].astype(bool)
            gained, lost = (int((right[a] & ~right[b]).sum()) for a, b in (("default", "paper"), ("paper", "default")))
            line: dict[str, Any] = {"rows": size, "noise": noise, "family": family, "tables": len(paired)}
            for name in SETTINGS:
                line |= rate_columns(name, int(right[name].sum()), len(paired))
                line |= {f"{name}_test": paired["test_accuracy"][name].mean()}
                line |= {
                    f"{name}_edges": paired["edges"][name].mean(),
                    f"{name}_seconds": paired["seconds"][name].mean(),
                }
            for name in ANSWERS[1:]:
                line |= rate_columns(name, int(paired[f"{name}_relation"]["default"].sum()), len(paired))
            lines.append({**line, "gained": gained, "lost": lost, "p": sign_test(gained, lost)})
    return pd.DataFrame(lines)


def _markdown(lines: pd.DataFrame) -> str:
    heads = ("tables", *SETTINGS, "gained", "lost", "p", "rewired", "trees", "test", "edges", "seconds")
    return markdown_table(
        ["family", *heads],
        [
            [
                *(str(line["family"]), str(line["tables"])),
                *(interval_text(line, name) for name in SETTINGS),
                *(str(line["gained"]), str(line["lost"]), f"{line['p']:.2g}"),
                *(f"{line[name]:.2f}" for name in ANSWERS[1:]),
                *(", ".join(f"{line[f'{name}_{of}']:{form}}" for name in SETTINGS) for of, form in MEANS.items()),
            ]
            for line in lines.to_dict("records")
        ],
    )


MEASURES = [*(f"{answer}_relation" for answer in ANSWERS), "test_accuracy", "edges", "seconds"]
MEANS = {"test": ".2f", "edges": ".0f", "seconds": ".1f"}
"""Of all settings, with their formats."""

if __name__ == "__main__":
    sys.exit(main(Measured()))
