"""fp32 and bf16 on the same trials: rates, means, and their paired differences."""

import sys
from collections.abc import Iterable, Mapping

import pandas as pd

from experiments.intervals import interval_text, rate_columns
from experiments.study import Study, Tables, main, markdown_table
from neural_sculpting.errors import UserError
from neural_sculpting.paper.figures.tables import NEARLY, NEARLY_SEPARABLE
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.scoring.means import mean_interval
from neural_sculpting.scoring.rates import paired_difference

PRECISIONS = ("fp32", "bf16")
ON_A_CPU = ("trainer.accelerator=cpu", "trainer.threads=1", "trainer.progress_bar=false", "pictures=none")
SWEEPS = {
    "digits_pair": (
        *("experiment=digits_pair", "trainer.precision=fp32,bf16", "arch.hidden=[32,32],[64,64],[128,128]"),
        *ON_A_CPU,
    ),
    "mnist_pair": (
        *("experiment=mnist_pair", "trainer.precision=fp32,bf16", "arch.hidden=[392,392]"),
        *("task.per_pair=80", "task.validation_per_pair=50", "task.test_per_pair=100"),
        *("training.lr=0.01", "training.batch_size=512", "training.epochs=20", "training.input_noise=0.1"),
        *("pruning.unit.step=70", "pruning.edge.step=1", "seed=0,1,2,3,4,5,6,7"),
        *ON_A_CPU,
    ),
}
"""Two hidden layers, and for MNIST the size of its stored trials."""

TRIAL = ["task", "layers", "seed"]
CRITERIA = {
    "exact": "exactly the expected hierarchy",
    "input_separability": "inputs divided as expected",
    NEARLY_SEPARABLE: f"inputs divided nearly so: index at least {NEARLY}",
    "output_sub_functions": "outputs divided as expected",
}
MEASURES = {
    "input_agreement": "agreement of the inputs",
    "dense_test_bit_accuracy": "test accuracy, bits, dense",
    "test_bit_accuracy": "test accuracy, bits, sculpted",
    "dense_test_example_accuracy": "test accuracy, pairs, dense",
    "test_example_accuracy": "test accuracy, pairs, sculpted",
    "density": "density",
    "edges": "edges",
}
FORMATS = dict.fromkeys(CRITERIA, ".2f") | dict.fromkeys(MEASURES, ".3f") | {"density": ".2%", "edges": ".0f"}
STORED_CRITERIA = [name for name in CRITERIA if name != NEARLY_SEPARABLE]

INTRODUCTION = """\
With `trainer.precision=bf16` the products of training and evaluation are computed from numbers of 16 bits; weights,
their updates and what is ranked stay in 32 bits. On wide layers that takes about half the time
([benchmarks](../../benchmarks/README.md)). Does sculpting find the same? The same trials (seeds, starts, orders, noise)
ran in both precisions, with the settings of [digits_pair](../digits_pair) and [mnist_pair](../mnist_pair)."""

LEGEND = """\
Rates with 95 % Wilson intervals, differences of the same trials with the 95 % interval of Newcombe (1998, method 10);
means, with 95 % t-intervals of the mean difference. Each trial counts by its sparsest network. Agreement: the
adjusted Rand index of how the kept pixels are divided, against left and right."""


class Precision(Study):
    """The same trials in both precisions."""

    name = "precision"
    title = "fp32 and bf16"
    sweeps = SWEEPS
    key = ("precision", *TRIAL)
    columns = (*key, "status", *STORED_CRITERIA, *MEASURES)
    types = dict.fromkeys(STORED_CRITERIA, "int64")
    how = """\
`make precision` runs or resumes the sweeps, and refreshes this folder (`__main__.py` has their settings; the images of
MNIST must be in `data/mnist`). `trials.csv.gz` holds the trials, `precision.csv` the tables. Made with"""

    def rows_of(self, group: GroupRecord, sweep: str) -> pd.DataFrame:
        return group.selected_trials.assign(precision=group.config.trainer.precision)

    def tables(self, rows: pd.DataFrame) -> Tables:
        return {self.name: compare(rows)}

    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        yield INTRODUCTION
        for task, lines in tables[self.name].groupby("task", sort=False):
            yield f"## `{task}`, two hidden layers, {lines['trials'].iloc[0]} trials in both"
            found = lines.set_index("measure").loc
            shown = [[label, *_cells(found[name], FORMATS[name])] for name, label in (CRITERIA | MEASURES).items()]
            yield markdown_table(["", *PRECISIONS, "bf16 − fp32"], shown)
        yield LEGEND


def compare(rows: pd.DataFrame) -> pd.DataFrame:
    """Compare the precisions on the trials that ran in both.

    Args:
        rows: one for each trial and precision.

    Returns:
        One row for each task and each of ``CRITERIA`` and ``MEASURES``: ``trials``; ``fp32`` and ``bf16``, the rate
        with its 95 % Wilson interval or the mean; ``difference``, bf16 minus fp32, with Newcombe's 95 % interval for
        paired rates or the t-interval of the mean difference.

    Raises:
        UserError: if a trial ran in one precision only.
    """
    rows = rows.assign(**{NEARLY_SEPARABLE: rows["input_agreement"] >= NEARLY})
    lines = []
    for task, of_task in rows.groupby("task", sort=False):
        fp32, bf16 = (of_task[of_task["precision"] == name].set_index(TRIAL).sort_index() for name in PRECISIONS)
        if not fp32.index.equals(bf16.index):
            raise UserError(f"{task}: has trials in one precision only; --run resumes the sweeps")
        for name in (*CRITERIA, *MEASURES):
            line = (_rates if name in CRITERIA else _means)(fp32[name].astype(float), bf16[name].astype(float))
            lines.append({"task": task, "measure": name, "trials": len(fp32), **line})
    return pd.DataFrame(lines)


def _rates(fp32: pd.Series, bf16: pd.Series) -> Mapping[str, float]:
    both, gained, lost = (int(of.sum()) for of in (fp32 * bf16, (1 - fp32) * bf16, fp32 * (1 - bf16)))
    difference = paired_difference(both, gained, lost, len(fp32) - both - gained - lost)
    values: dict[str, float] = {}
    for name, successes in zip(PRECISIONS, (fp32, bf16), strict=True):
        values |= rate_columns(name, int(successes.sum()), len(successes))
    return {**values, "difference": difference.difference, "low": difference.low, "high": difference.high}


def _means(fp32: pd.Series, bf16: pd.Series) -> Mapping[str, float]:
    differences = bf16 - fp32
    low, high = mean_interval(differences.tolist(), lowest=float("-inf"), highest=float("inf"))
    return {"fp32": fp32.mean(), "bf16": bf16.mean(), "difference": differences.mean(), "low": low, "high": high}


def _cells(line: pd.Series, form: str) -> Iterable[str]:
    yield from (interval_text(line, name, form) for name in PRECISIONS)
    yield f"{line['difference']:+{form}} ({line['low']:+{form}} to {line['high']:+{form}})"


if __name__ == "__main__":
    sys.exit(main(Precision()))
