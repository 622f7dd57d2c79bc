"""The page of one sweep: ``report.html``."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from neural_sculpting.errors import UserError
from neural_sculpting.records.cell import Cell
from neural_sculpting.records.majority import majority_warning
from neural_sculpting.records.pruning_paths import PruningPath
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.scoring.diagnosis.failure import OUTCOMES
from neural_sculpting.views.answer_words import advice, cell_changes, common_ground
from neural_sculpting.views.page import rates
from neural_sculpting.views.page.gallery import gallery_data
from neural_sculpting.views.page.pruning_chart import MOST_LINES, pruning_chart
from neural_sculpting.views.page.rendering import hierarchy_svg, percent, write_page
from neural_sculpting.views.page.sections import answer_section, lesion_section
from neural_sculpting.views.pictures.matrices import MOST_INPUTS, co_membership_svg
from neural_sculpting.views.terminal.failures import lost_networks

MOST_OTHERS, MOST_REASONS = 4, 3
MOST_READ = 8
"""The most cells whose hierarchies are read as formulas, which takes some tenths of a second each, or compared."""

CEILING = "Ceiling: whether the examples alone, without a network, determine the expected hierarchy or as much of it."

FILE = "report.html"
"""The name of the page in the folder of its sweep."""


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
    with_details = len(sweep.cells) <= MOST_READ
    return write_page(
        path,
        "sweep.html",
        sweep=sweep,
        sections=[_section(cell, with_details=with_details) for cell in sweep.cells],
        architectures=list(dict.fromkeys(sweep.selected["layers"])),
        gallery=gallery_data(sweep),
        versions=versions_of(sweep),
        most_lines=MOST_LINES,
    )


def _section(cell: Cell, *, with_details: bool) -> dict[str, Any]:
    shown, expected, best, rate = cell.shown, cell.expected, cell.best, rates.rate_of(cell)
    is_expected = None if shown is None or expected is None else cell.is_expected(shown.graph)
    answer, on_top = answer_section(cell), shown.graph if shown else None
    if answer["picture"] and cell.answer is not None:
        best, on_top = cell.best_with_answer, cell.answer.hierarchy
    return {
        "cell": cell,
        "warning": majority_warning(cell),
        "rate": rate,
        "verdict": _verdict(cell, rate),
        "shown": shown,
        "found": Markup(hierarchy_svg(shown.graph, cell.labels, leading=True) if shown else ""),
        "expected": Markup(hierarchy_svg(expected, cell.labels) if expected is not None else ""),
        "is_expected": is_expected,
        "agreement": _agreement(cell, is_expected),
        "formulas": () if best is None or not with_details else cell.sweep.formulas(best),
        "has_modules": on_top is not None and len(on_top) > 1,
        "read_from": "" if best is None else f"{best['layers']}, seed {best['seed']}",
        "naming": cell.sweep.groups[cell.trials["group"].iloc[0]].naming_note,
        "hierarchies": len(cell.hierarchies),
        "common": common_ground(cell),
        "next_step": advice(cell),
        "together": Markup(
            co_membership_svg(cell.co_membership, cell.labels) if cell.is_split and with_details else ""
        ),
        "not_together": _not_together(cell),
        "answer": answer,
        "changes": cell_changes(cell),
        "tested": lesion_section(cell) if with_details else {"facts": {}},
        "ceiling": CEILING if any(rate.ceiling for rate in rates.by_criterion(cell)) else "",
        "others": _others(cell),
        "failures": _failures(cell),
        "lost": lost_networks(cell.trials),
        "criteria": rates.by_criterion(cell),
        "layers": rates.by_column(cell, "layers"),
        "depths": rates.by_column(cell, "hidden_layers"),
        "selections": rates.by_selection(cell),
        "chart": Markup(pruning_chart(cell.paths, [failure is None for failure in cell.failures], cell.label)),
        "attempts": _attempts(cell.paths),
    }


def _verdict(cell: Cell, rate: rates.Rate) -> tuple[str, str, str]:
    """The number on top, what it counts, and the rest of the sentence."""
    trials = f"{rate.trials:,} trial{'' if rate.trials == 1 else 's'}"
    if cell.is_judged or cell.consensus or not cell.hierarchies:
        kind = "expected" if cell.is_judged else "same"
        return percent(rate.rate), f"{rate.successes:,} of {trials}", f"found the {kind} hierarchy."
    if cell.shown:
        return (
            "1",
            "trial",
            "has a hierarchy, which no other one confirms." if rate.trials == 1 else f"of {trials} has one.",
        )
    return f"{len(cell.hierarchies):,}", "different hierarchies", f"in {trials}: there is no consensus."


def _agreement(cell: Cell, is_expected: bool | None) -> str:
    if not cell.hierarchies:
        constant = (cell.trials["status"] == "constant").all()
        why = "every network answers the same in all rows" if constant else "none performs the task"
        return f"No trial has a hierarchy: {why}."
    most = cell.hierarchies[0].trials
    as_frequent = [one for one in cell.hierarchies if one.trials == most]
    if cell.consensus is None:
        if cell.shown:
            judged = {True: ", the expected one", False: ", not the expected one", None: ""}[is_expected]
            return f"Only one trial has a hierarchy{judged}; it takes two to agree."
        if most == 1:
            return "No two trials found the same hierarchy."
        expected = (
            "; one of them is the expected one" if any(cell.is_expected(one.graph) for one in as_frequent) else ""
        )
        return f"{len(as_frequent)} hierarchies were found as often as each other, by {most} trials each{expected}."
    if is_expected is None:
        return "This hierarchy was found most often; which one is expected is not known."
    if is_expected:
        return "The consensus is the expected hierarchy."
    return "The consensus is not the expected hierarchy: another one was found most often."


def _not_together(cell: Cell) -> str:
    """Say which inputs are not in the picture of what trials put together."""
    kept = int((cell.co_membership.kept > 0).sum()) if cell.is_split else 0
    never, more = len(cell.co_membership.kept) - kept if kept else 0, max(kept - MOST_INPUTS, 0)
    sentences = [
        f"{never} further input{'' if never == 1 else 's'} {'is' if never == 1 else 'are'} kept by no trial."
        * bool(never),
        f"Of {kept} inputs, the {MOST_INPUTS} that most trials keep are shown." * bool(more),
    ]
    return " ".join(filter(None, sentences))


def _others(cell: Cell) -> list[tuple[Markup, int]]:
    """Draw the most frequent hierarchies, except the one that is shown already and the expected one, beside it."""
    rest = [one for one in cell.hierarchies if one is not cell.shown and not cell.is_expected(one.graph)]
    return [(Markup(hierarchy_svg(one.graph, cell.labels)), one.trials) for one in rest[:MOST_OTHERS]]


def _failures(cell: Cell) -> list[dict[str, Any]]:
    """Count the failed trials by kind, most frequent first, with the reasons that several of them share."""
    found = []
    for kind, outcome in OUTCOMES.items():
        reasons = [failure.reason for failure in cell.failures if failure and failure.kind == kind]
        shared = [(reason, count) for reason, count in Counter(reasons).most_common(MOST_REASONS) if count > 1]
        if reasons:
            found.append({"kind": kind, "outcome": outcome, "trials": len(reasons), "reasons": shared})
    return sorted(found, key=lambda one: -one["trials"])


def _attempts(paths: Sequence[PruningPath]) -> str:
    phases = dict.fromkeys(phase for path in paths for phase in path.attempts)
    counts = {phase: sorted(path.attempts[phase] for path in paths if phase in path.attempts) for phase in phases}
    took = [
        f"{_middle(each)}{' attempts' * (not at)} to prune {phase}s" for at, (phase, each) in enumerate(counts.items())
    ]
    rejected = sum(int((~path.accepted).sum()) for path in paths) / len(paths)
    return f"The median trial took {' and '.join(took)}. On average {rejected:.1f} attempts of a trial were rejected."


def _middle(counts: Sequence[int]) -> str:
    lowest, highest = counts[0], counts[-1]
    return f"{counts[len(counts) // 2]}" + (f" ({lowest} to {highest})" if lowest != highest else "")


def versions_of(sweep: Sweep) -> dict[str, str]:
    """Collect what a sweep was made with: versions, commit, machine, when, and how long it took."""
    lines: dict[str, list[str]] = {}
    for group in sweep.groups:
        about = group.about
        facts = {
            "neural_sculpting": about["neural_sculpting"],
            "commit": about["git_commit"] or "unknown",
            "Python": about["python"],
            **about["libraries"],
            "machine": about["machine"],
        }
        for name, value in facts.items():
            lines.setdefault(name, []).append(str(value))
    finished = sorted(group.about["created"] for group in sweep.groups)
    first, last = (moment.replace("T", " ").replace("+00:00", " UTC") for moment in (finished[0], finished[-1]))
    seconds = sum(group.seconds for group in sweep.groups)
    return {
        **{name: "; ".join(dict.fromkeys(values)) for name, values in lines.items()},
        "finished": first if first == last else f"{first} to {last}",
        "time of sculpting": f"{seconds:.1f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes",
    }
