"""Which settings matter: one at a time, together in a design, and one recommended setting on unseen tasks."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from time import monotonic

import pandas as pd

from experiments.ablation.cases import PARTS, Step, steps
from experiments.ablation.effects import indices, of_design, on_unseen, one_at_a_time
from experiments.ablation.figure import design_figure, effects_figure
from experiments.ablation.measured import rows_of
from experiments.ablation.page import sections
from experiments.study import Study, Tables, main
from neural_sculpting.errors import UserError
from neural_sculpting.paper.figures.style import save

SECONDS = 60
"""Between two times that rows are stored."""

OF_TRIALS = ("paper_relation", "paper_exact", "confirmed_relation", "confirmed_exact")


class Ablation(Study):
    """Trials of all settings."""

    name, title = "ablation", "Which settings matter"
    sweeps: Mapping[str, Sequence[str]] = {}
    key = ("part", "cell", "factor", "level", "seed")
    columns = (*key, "status", "edges", "seconds", *OF_TRIALS, "right", "rewired")
    types = {**dict.fromkeys(("factor", "level"), "str"), **dict.fromkeys((*OF_TRIALS, "right", "rewired"), "Int8")}
    how = """\
`python -m experiments.ablation --run` runs or resumes it, or some of its parts (`one`, `design`, `unseen`, `more`).
`trials.csv.gz` has a row for each trial. Made with"""

    def refresh(self, overrides: Sequence[str] | None = None, sweeps: Path | None = None) -> int:
        """Compute the trials that are not stored yet, of the parts that are named or of all, and write the page."""
        if overrides is not None:
            if unknown := {*overrides} - {*PARTS}:
                raise UserError(f"--run {min(unknown)}: is no part; there are {', '.join(PARTS)}")
            self._compute([step for step in steps() if step.part in (overrides or PARTS)])
        print(*self.write(), sep="\n")
        return 0

    def _compute(self, wanted: Iterable[Step]) -> None:
        rows, since = self.rows_so_far(), monotonic()
        stored = {*rows[list(self.key)].fillna("").itertuples(index=False, name=None)}
        missing = [left for step in wanted if (left := step.without(stored)).seeds]
        for number, step in enumerate(missing, start=1):
            rows = pd.concat([rows, rows_of(step)], ignore_index=True)
            if number == len(missing) or monotonic() - since > SECONDS:
                self.keep(rows.reindex(columns=list(self.columns)))
                since = monotonic()
                print(f"{number} of {len(missing)}", step.part, step.cell, step.factor, step.level, flush=True)

    def rows_of(self, group: object, sweep: str) -> pd.DataFrame:
        raise NotImplementedError("there are no sweeps")

    def tables(self, rows: pd.DataFrame) -> Tables:
        makers = {"one": (self.name, one_at_a_time), "unseen": ("unseen", on_unseen)}
        found = {name: make(rows) for part, (name, make) in makers.items() if rows["part"].eq(part).any()}
        return {**found, "indices": indices(rows)}

    def draw(self, rows: pd.DataFrame, tables: Tables) -> list[Path]:
        paths = save(lambda: effects_figure(tables[self.name]), self.folder, self.name) if self.name in tables else []
        for measure in tables["indices"]["measure"].unique():
            paths += save(partial(design_figure, tables["indices"], measure), self.folder, f"design_{measure}")
        return paths

    def sections(self, rows: pd.DataFrame, tables: Tables) -> Iterable[str]:
        yield from sections(rows, tables, len(of_design(rows)))


if __name__ == "__main__":
    sys.exit(main(Ablation()))
