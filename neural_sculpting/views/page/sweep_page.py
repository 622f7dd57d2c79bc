"""The page of one sweep: ``report.html``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

import neural_sculpting
from neural_sculpting.errors import UserError
from neural_sculpting.files import atomic_write
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.pruning_paths import PruningPath
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.scoring.consensus import Consensus
from neural_sculpting.scoring.diagnosis.failure import OUTCOMES, Outcome
from neural_sculpting.views.page import rates
from neural_sculpting.views.page.gallery import gallery_data
from neural_sculpting.views.page.pictures import hierarchy_svg
from neural_sculpting.views.page.pruning_chart import MOST_LINES, pruning_chart
from neural_sculpting.views.page.rendering import render
from neural_sculpting.views.page.settings import versions_of

MOST_OTHERS, MOST_REASONS = 4, 3
MOST_READ = 8
"""Cells up to which the hierarchy of each is read as formulas, which takes some tenths of a second."""

FILE = "report.html"
"""The name of the page in the folder of its sweep."""


@dataclass(frozen=True)
class FailureCount:
    """How many trials failed in one way, and the reasons that several of them share, each with how many do."""

    kind: str
    outcome: Outcome
    trials: int
    reasons: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Section:
    """What the page says on a cell.

    Attributes:
        cell: the trials.
        rate: how many found the expected hierarchy, or where that is not known, the same one.
        consensus: the hierarchy that most trials found; None where no trial has one.
        found: its picture.
        expected: the picture of the expected one; empty where that is not known.
        is_expected: whether the two are the same; None where that is not known.
        agreement: what that means, in words.
        formulas: what the modules of ``found`` compute, a line each; none where its inputs are no bits, or too many.
        read_from: the layers and the seed of the trial that they are read from.
        hierarchies: how many different ones were found.
        others: pictures of the next most frequent of them, each with how many trials found it.
        failures: how many trials failed in which way, the most frequent first.
        criteria: rates by criterion.
        layers: rates by architecture.
        depths: rates by number of hidden layers.
        choices: rates by how a network is selected among those of a trial.
        chart: the density over the pruning.
        attempts: the same in a sentence.
    """

    cell: Cell
    rate: rates.Rate
    consensus: Consensus | None
    found: Markup
    expected: Markup
    is_expected: bool | None
    agreement: str
    formulas: Sequence[str]
    read_from: str
    hierarchies: int
    others: Sequence[tuple[Markup, int]]
    failures: Sequence[FailureCount]
    criteria: Sequence[rates.Rate]
    layers: Sequence[rates.Rate]
    depths: Sequence[rates.Rate]
    choices: Sequence[rates.Rate]
    chart: Markup
    attempts: str

    @property
    def failed(self) -> int:
        """How many trials failed."""
        return sum(each.trials for each in self.failures)


def write_report(sweep: Sweep | Path, path: Path | None = None) -> Path:
    """Write the page of a sweep atomically and return its path.

    Args:
        sweep: a sweep, or its folder.
        path: of the page; by default ``report.html`` in the folder of the sweep.

    Raises:
        UserError: if the folder contains no finished group, or one cannot be read.
    """
    sweep = Sweep.open(sweep) if isinstance(sweep, Path) else sweep
    if path is None:
        if sweep.folder is None:
            raise UserError("path: must be given for a sweep that was not read from a folder")
        path = sweep.folder / FILE
    text = sweep_page(sweep)
    atomic_write(path, lambda unfinished: unfinished.write_text(text, encoding="utf-8"))
    return path


def sweep_page(sweep: Sweep) -> str:
    """Make the page of a sweep."""
    with_formulas = len(sweep.cells) <= MOST_READ
    return render(
        "sweep.html",
        sweep=sweep,
        sections=[_section(cell, with_formulas=with_formulas) for cell in sweep.cells],
        architectures=list(dict.fromkeys(sweep.selected["layers"])),
        gallery=gallery_data(sweep),
        versions=versions_of(sweep),
        version=neural_sculpting.__version__,
        most_lines=MOST_LINES,
    )


def _section(cell: Cell, *, with_formulas: bool) -> Section:
    consensus, expected, best = cell.consensus, cell.expected, cell.best
    is_expected = None if consensus is None or expected is None else cell.is_expected(consensus.graph)
    return Section(
        cell=cell,
        rate=rates.rate_of(cell),
        consensus=consensus,
        found=Markup(hierarchy_svg(consensus.graph, cell.labels) if consensus else ""),
        expected=Markup(hierarchy_svg(expected, cell.labels) if expected is not None else ""),
        is_expected=is_expected,
        agreement=_agreement(cell, is_expected),
        formulas=() if best is None or not with_formulas else cell.sweep.formulas(best),
        read_from="" if best is None else f"{best['layers']}, seed {best['seed']}",
        hierarchies=len(cell.hierarchies),
        others=_others(cell),
        failures=_failures(cell),
        criteria=rates.by_criterion(cell),
        layers=rates.by_column(cell, "layers"),
        depths=rates.by_column(cell, "hidden_layers"),
        choices=rates.by_choice(cell),
        chart=Markup(pruning_chart(cell.paths, [failure is None for failure in cell.failures], cell.label)),
        attempts=_attempts(cell.paths),
    )


def _agreement(cell: Cell, is_expected: bool | None) -> str:
    """Say whether most trials found what was expected."""
    if not cell.hierarchies:
        return "No trial has a hierarchy: none performs the task."
    most = cell.hierarchies[0].trials
    if most == 1:
        return "No two trials found the same hierarchy."
    if is_expected is None:
        return "This hierarchy was found most often; which one is expected is not known."
    tied = sum(one.trials == most for one in cell.hierarchies) > 1
    if is_expected:
        return "The consensus is the expected hierarchy" + ("; another one was found as often." if tied else ".")
    return "The consensus is not the expected hierarchy: another one was found most often."


def _others(cell: Cell) -> list[tuple[Markup, int]]:
    """The most frequent hierarchies behind the consensus, without the expected one, which is shown beside it."""
    rest = [one for one in cell.hierarchies[1:] if not cell.is_expected(one.graph)]
    return [(Markup(hierarchy_svg(one.graph, cell.labels)), one.trials) for one in rest[:MOST_OTHERS]]


def _failures(cell: Cell) -> list[FailureCount]:
    found = []
    for kind, outcome in OUTCOMES.items():
        reasons = [failure.reason for failure in cell.failures if failure and failure.kind == kind]
        shared = [(reason, count) for reason, count in Counter(reasons).most_common(MOST_REASONS) if count > 1]
        if reasons:
            found.append(FailureCount(kind, outcome, len(reasons), shared))
    return sorted(found, key=lambda one: -one.trials)


def _attempts(paths: Sequence[PruningPath]) -> str:
    """How many attempts the trials took, in two sentences."""
    units, edges = sorted(path.edge_phase for path in paths), sorted(len(path.kept) - path.edge_phase for path in paths)
    rejected = sum(int((~path.accepted).sum()) for path in paths) / len(paths)
    return (
        f"The median trial took {_middle(units)} attempts to prune units and {_middle(edges)} to prune edges. "
        f"On average {rejected:.1f} attempts of a trial were rejected."
    )


def _middle(counts: Sequence[int]) -> str:
    lowest, highest = counts[0], counts[-1]
    return f"{counts[len(counts) // 2]}" + (f" ({lowest} to {highest})" if lowest != highest else "")
