"""The page of one sweep: ``report.html``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

import neural_sculpting
from neural_sculpting.config.schemas import Config
from neural_sculpting.exporting.shown_formulas import FormulaLines
from neural_sculpting.files import atomic_write
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.scoring.consensus import Consensus
from neural_sculpting.views.page import rates
from neural_sculpting.views.page.failures import OUTCOMES, Outcome, reason_of
from neural_sculpting.views.page.gallery import gallery_data
from neural_sculpting.views.page.hierarchies import hierarchy_svg
from neural_sculpting.views.page.pruning_chart import MOST_LINES, pruning_chart
from neural_sculpting.views.page.pruning_paths import PruningPath
from neural_sculpting.views.page.questions import Question, questions_of
from neural_sculpting.views.page.rendering import render
from neural_sculpting.views.page.settings import all_settings, changed_settings, command_of, runs, versions_of
from neural_sculpting.views.page.sweeps import Sweep, open_sweep

MOST_OTHERS, MOST_REASONS = 4, 3
MOST_READ = 8
"""Questions up to which the hierarchy of each is read as formulas, which takes some tenths of a second."""

FILE = "report.html"
"""The name of the page in the folder of its sweep."""


@dataclass(frozen=True)
class Answer:
    """What the page says on a question.

    Attributes:
        question: the trials.
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
        failures: how many trials failed in which way, the most frequent first, each with the reasons that several
            trials share and how many do.
        criteria: rates by criterion.
        layers: rates by architecture.
        depths: rates by number of hidden layers.
        choices: rates by how the answer is chosen among the networks of a trial.
        chart: the density over the pruning.
        attempts: the same in a sentence.
    """

    question: Question
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
    failures: Sequence[tuple[Outcome, int, Sequence[tuple[str, int]]]]
    criteria: Sequence[rates.Rate]
    layers: Sequence[rates.Rate]
    depths: Sequence[rates.Rate]
    choices: Sequence[rates.Rate]
    chart: Markup
    attempts: str

    @property
    def failed(self) -> int:
        """How many trials failed."""
        return sum(count for _, count, _ in self.failures)


def write_report(
    folder: Path,
    groups: Sequence[GroupRecord] | None = None,
    *,
    overrides: Sequence[str] = (),
    multirun: bool = True,
    jobs: int | None = None,
    defaults: Mapping[str, Config] | None = None,
    path: Path | None = None,
    read_formulas: FormulaLines | None = None,
) -> Path:
    """Write the page of a sweep from its finished groups, whole or not at all.

    Args:
        folder: the folder of the sweep.
        groups: its records in the order of their jobs, where they are loaded already.
        overrides: what the command changed, such as ``"task=boolean_sep"``; of a plan, ``plan.overrides``.
        multirun: whether the command had ``-m``.
        jobs: how many jobs it has, where that is known.
        defaults: the configuration of each task where nothing else is set, by its name; without it the page lists
            what the command sets in place of what differs from the defaults.
        path: where the page goes; by default ``report.html`` in the folder.
        read_formulas: what has read some trials already.

    Returns:
        The page.

    Raises:
        UserError: if there is no finished group, or one cannot be read.
    """
    sweep = open_sweep(folder, groups, overrides=tuple(overrides), multirun=multirun, jobs=jobs)
    page = path or folder / FILE
    text = sweep_page(sweep, defaults or {}, read_formulas)
    atomic_write(page, lambda unfinished: unfinished.write_text(text, encoding="utf-8"))
    return page


def sweep_page(sweep: Sweep, defaults: Mapping[str, Config], read_formulas: FormulaLines | None = None) -> str:
    """Make the page of a sweep.

    Args:
        sweep: its groups.
        defaults: as for :func:`write_report`.
        read_formulas: likewise.
    """
    questions = questions_of(sweep)
    read = (read_formulas or FormulaLines()) if len(questions) <= MOST_READ else None
    return render(
        "sweep.html",
        sweep=sweep,
        answers=[_answer(sweep, question, read) for question in questions],
        trials=len(sweep.selected_trials),
        seeds=runs(sorted(set(sweep.selected_trials["seed"]))),
        architectures=list(dict.fromkeys(sweep.selected_trials["layers"])),
        gallery=gallery_data(sweep, questions),
        changed=changed_settings(sweep, defaults),
        has_defaults=bool(defaults),
        settings=all_settings([group.config for group in sweep.groups]),
        command=command_of(sweep),
        versions=versions_of(sweep),
        version=neural_sculpting.__version__,
        most_lines=MOST_LINES,
    )


def _answer(sweep: Sweep, question: Question, read_formulas: FormulaLines | None) -> Answer:
    consensus = question.consensus[0] if question.consensus else None
    expected = question.expected
    is_expected = None if consensus is None or expected is None else question.is_expected(consensus.graph)
    best = question.best
    return Answer(
        question=question,
        rate=rates.rate_of(question),
        consensus=consensus,
        found=Markup(hierarchy_svg(consensus.graph, question.labels) if consensus else ""),
        expected=Markup(hierarchy_svg(expected, question.labels) if expected is not None else ""),
        is_expected=is_expected,
        agreement=_agreement(question, is_expected),
        formulas=() if best is None or read_formulas is None else read_formulas(sweep.groups[best["group"]], best),
        read_from="" if best is None else f"{best['layers']}, seed {best['seed']}",
        hierarchies=len(question.consensus),
        others=_others(question),
        failures=_failures(question),
        criteria=rates.by_criterion(question),
        layers=rates.by_column(question, "layers"),
        depths=rates.by_column(question, "hidden_layers"),
        choices=rates.by_choice(sweep, question),
        chart=Markup(pruning_chart(question.paths, [failure is None for failure in question.failures], question.label)),
        attempts=_attempts(question.paths),
    )


def _agreement(question: Question, is_expected: bool | None) -> str:
    """Say whether most trials found what was expected."""
    if not question.consensus:
        return "No trial has a hierarchy: none performs the task."
    most = question.consensus[0].trials
    if most == 1:
        return "No two trials found the same hierarchy."
    if is_expected is None:
        return "This hierarchy was found most often; which one is expected is not known."
    tied = sum(one.trials == most for one in question.consensus) > 1
    if is_expected:
        return "The consensus is the expected hierarchy" + ("; another one was found as often." if tied else ".")
    return "The consensus is not the expected hierarchy: another one was found most often."


def _others(question: Question) -> list[tuple[Markup, int]]:
    """The most frequent hierarchies behind the consensus, without the expected one, which stands beside it."""
    rest = [one for one in question.consensus[1:] if not question.is_expected(one.graph)]
    return [(Markup(hierarchy_svg(one.graph, question.labels)), one.trials) for one in rest[:MOST_OTHERS]]


def _failures(question: Question) -> list[tuple[Outcome, int, list[tuple[str, int]]]]:
    found = []
    for outcome in OUTCOMES.values():
        reasons = [reason_of(failure) for failure in question.failures if failure and failure.kind == outcome.kind]
        shared = [(reason, count) for reason, count in Counter(reasons).most_common(MOST_REASONS) if count > 1]
        if reasons:
            found.append((outcome, len(reasons), shared))
    return sorted(found, key=lambda one: -one[1])


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
