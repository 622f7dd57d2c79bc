"""boolean_sep with its controls: units pruned in random order, and random masks."""

import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

import neural_sculpting as ns
from experiments.study import Study, Tables, main, markdown_table
from neural_sculpting.records.readings import NetworkReader
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.verdicts import judge
from neural_sculpting.scoring.controls import scattered_masks, shuffled_masks
from neural_sculpting.scoring.rates import success_rates

CRITERIA = ["exact", "input_separability", "output_sub_functions"]
QUIETLY = ("pictures=none", "report=never", "logger=none")
SWEEPS = {
    "sculpted, seeds 0 to 35": ("task=boolean_sep", "seed=range(36)", *QUIETLY),
    "sculpted, seeds 36 to 359": ("task=boolean_sep", "seed=range(36,360)", *QUIETLY),
    "units in random order, seeds 0 to 359": ("experiment=random_units", "seed=range(360)", *QUIETLY),
}
CONTROLS = {
    "random masks, as many edges": scattered_masks,
    "random masks, as many edges and units in each layer": shuffled_masks,
}

INTRODUCTION = """\
One hidden layer of 24 units, steps 70 % and 2.5 %, learning rate 0.05, batches of 8, 15 epochs: the settings
of the paper."""

LEGEND = """\
*exact*: the modules and their hierarchy are the expected ones. *inputs*: the inputs are divided as expected.
Intervals are Wilson's. The random masks stand in for the networks of all 360 seeds: the first kind has as many edges
anywhere, the second as many edges in each layer between the units that the sculpted network uses.

Which units are pruned first does not matter on this task: in random order they lead to the same rate, because pruning
edges does the rest. Random masks show that the analysis does not find the hierarchy by itself."""

COMMANDS = "\n".join(f"    python -m neural_sculpting.run -m {task} '{seeds}'" for task, seeds, *_ in SWEEPS.values())
HOW = f"""\
`make controls` runs or resumes the three sweeps

{COMMANDS}

and refreshes this folder, with the random masks. `trials.csv.gz` holds the trials, `boolean_sep.csv` all rates. Made
with"""


class Controls(Study):
    """Trials of ``boolean_sep``, and random counterparts of their networks through the same analysis and scoring."""

    name = "boolean_sep"
    title = "boolean_sep and its controls"
    sweeps = {name.replace(",", "").replace(" ", "_"): overrides for name, overrides in SWEEPS.items()}
    types = {"run": pd.CategoricalDtype([*SWEEPS, *CONTROLS], ordered=True)}
    key = ("run", "seed")
    columns = ("run", "seed", "status", *CRITERIA, "edges", "density", "units")
    how = HOW

    def store(self, sweeps: Path) -> None:
        self._random = {name: np.random.default_rng(0) for name in CONTROLS}
        super().store(sweeps)
        picture = ns.load(sweeps / next(iter(self.sweeps))).picture()
        (self.folder / "best.svg").write_text(picture, encoding="utf-8")

    def rows_of(self, group: GroupRecord, sweep: str) -> pd.DataFrame:
        name = dict(zip(self.sweeps, SWEEPS, strict=True))[sweep]
        rows = [group.selected_trials.assign(run=name)]
        if name.startswith("sculpted"):
            rows += [self._random_rows(group, control) for control in CONTROLS]
        return pd.concat(rows, ignore_index=True)

    def _random_rows(self, group: GroupRecord, control: str) -> pd.DataFrame:
        assert group.expected is not None
        reader, rows = NetworkReader("paper", group.config.analysis.settings), []
        for trial in group.selected_trials.to_dict("records"):
            masks = CONTROLS[control](group.masks_of(trial["network"]), self._random[control])
            success = judge(masks, group.expected, reader).success
            found = {criterion: success is not None and success.met[criterion] for criterion in CRITERIA}
            rows.append({**trial, **found, "run": control, "units": None})
        return pd.DataFrame(rows)

    def tables(self, rows: pd.DataFrame) -> Tables:
        return {self.name: success_rates(rows.astype({"run": "str"}), ["run"], CRITERIA)}

    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        exact, inputs, _ = (tables[self.name].query("criterion == @name").to_dict("records") for name in CRITERIA)
        density = rows.groupby("run", observed=True)["density"].median()
        lines = []
        for found, divided in zip(exact, inputs, strict=True):
            counts = [found["run"], f"{found['successes']} of {found['trials']}", f"{found['rate']:.3f}"]
            interval = f"{found['low']:.3f}–{found['high']:.3f}"
            lines.append([*counts, interval, f"{divided['rate']:.3f}", f"{density[found['run']]:.1%}"])
        yield INTRODUCTION
        yield "![The sparsest of the successful networks of seeds 0 to 35](best.svg)"
        yield markdown_table(["", "exact", "rate", "95 % interval", "inputs", "median density"], lines)
        yield LEGEND


if __name__ == "__main__":
    sys.exit(main(Controls()))
