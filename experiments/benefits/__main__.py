"""Do networks with the found modules learn faster, from fewer rows, and forget less?"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd
import torch

from experiments.benefits.cases import REPORTED, SEEDS, SHAPES, SHARES, TUNING, TUNING_SEEDS, TUNING_SHARES, name_of
from experiments.benefits.comparison import arms, by_share, by_task, chosen, differences, is_tuning
from experiments.benefits.measured import ARMS, Setting, rows_of
from experiments.benefits.page import figure_of, sections
from experiments.study import Study, Tables, main
from neural_sculpting.paper.figures.style import save

RATES, DECAYS = (0.03, 0.1), (0.0, 1e-3, 1e-2)
"""Learning rates and weight decays of which each arm has the best on the tuning tasks."""


class Benefits(Study):
    """Networks of all arms on all tasks."""

    name, title = "benefits", "What found modules are good for"
    sweeps: Mapping[str, Sequence[str]] = {}
    key = ("shape", "task_seed", "arm", "share", "seed", "lr", "weight_decay")
    columns = (
        *(*key, "edges", "missing", "right", "epochs", "learned", "seen", "unseen"),
        *("kept_before", "kept", "later_epochs", "later_accuracy"),
    )
    types = {"shape": "str"}
    how = """\
`python -m experiments.benefits --run` runs or resumes it, task by task; `trials.csv.gz` has a row for each network.
Made with"""

    def refresh(self, overrides: Sequence[str] | None = None, sweeps: Path | None = None) -> int:
        """Compute the tasks that are not stored yet, those that settings are chosen on first, and write the page."""
        if overrides is not None:
            threads = torch.get_num_threads()
            torch.set_num_threads(1)  # so small products are slower with more
            for seeds in (TUNING, REPORTED):
                for task_seed in seeds:
                    for shape in SHAPES:
                        self._compute(shape, task_seed)
            torch.set_num_threads(threads)
        print(*self.write(), sep="\n")
        return 0

    def _compute(self, shape: Sequence[int], task_seed: int) -> None:
        stored = self.rows_so_far()
        name = name_of(shape)
        if (stored["shape"].eq(name) & stored["task_seed"].eq(task_seed)).any():
            return
        rows = self.rows_of_task(shape, task_seed, stored)
        self.keep(pd.concat([stored, rows], ignore_index=True) if len(stored) else rows)
        print(name, task_seed, len(rows), flush=True)

    def rows_of_task(self, shape: Sequence[int], task_seed: int, stored: pd.DataFrame) -> pd.DataFrame:
        """Compute the networks of a task, of one that is reported with the settings chosen on stored rows of others."""
        of_tuning = task_seed in TUNING
        seeds, shares = (TUNING_SEEDS, TUNING_SHARES) if of_tuning else (SEEDS, SHARES)
        settings = grid() if of_tuning else grouped(chosen(stored))
        return rows_of(shape, task_seed, seeds, shares, settings).reindex(columns=list(self.columns))

    def rows_of(self, group: object, sweep: str) -> pd.DataFrame:
        raise NotImplementedError("there are no sweeps")

    def tables(self, rows: pd.DataFrame) -> Tables:
        reported = rows[~is_tuning(rows)]
        if reported.empty:
            return {}
        tasks = by_task(reported)
        return {self.name: arms(tasks), "by_share": by_share(reported), "differences": differences(tasks)}

    def draw(self, rows: pd.DataFrame, tables: Tables) -> list[Path]:
        shapes = [each for each in map(name_of, SHAPES) if tables and each in {*tables["by_share"]["shape"]}]
        return save(lambda: figure_of(tables["by_share"], shapes), self.folder, self.name) if shapes else []

    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        if tables:
            percent = ", ".join(f"{100 * share:g}" for share in sorted({*rows.loc[~is_tuning(rows), "share"]}))
            counts = rows[~is_tuning(rows)].groupby("shape")[["task_seed", "seed"]].nunique().max()
            about = {"tasks": counts["task_seed"], "seeds": counts["seed"], "shares": f"{percent} %"}
            yield from sections(tables, chosen(rows), about)


Settings = list[tuple[Setting, float | None, Sequence[str]]]


def grid() -> Settings:
    """List all settings, for all arms."""
    return [((lr, decay), None, tuple(ARMS)) for lr in RATES for decay in DECAYS]


def grouped(settings: Mapping[tuple[str, int], Setting]) -> Settings:
    """Put arms with the same setting together, for all rows and for fewer."""
    groups: dict[tuple[Setting, int], list[str]] = defaultdict(list)
    for (arm, whole), setting in settings.items():
        groups[setting, whole].append(arm)
    return [(setting, whole, names) for (setting, whole), names in groups.items()]


if __name__ == "__main__":
    sys.exit(main(Benefits()))
