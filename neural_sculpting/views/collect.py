"""Merge the finished groups of a sweep into its tables and pictures; needs no training."""

import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from neural_sculpting.errors import UserError, on_one_line
from neural_sculpting.files import PICTURES, atomic_write
from neural_sculpting.paper.figures.figures import write_figure
from neural_sculpting.paper.figures.tables import PLANS, TRIAL, figure_table
from neural_sculpting.records.group_files import FORMAT_VERSION
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.selected_trials import best_first
from neural_sculpting.records.store import settings_of
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.records.tables import swept_settings
from neural_sculpting.views.pictures.trial_pictures import draw_group
from neural_sculpting.views.terminal.hierarchies import ReadFormulas, no_formulas
from neural_sculpting.views.terminal.summary import print_summary

log = logging.getLogger(__name__)


def collect(
    folder: Path,
    jobs: int | None = None,
    experiment: str | None = None,
    write_page: Callable[[Sweep], Path | None] = lambda sweep: None,
    read_formulas: ReadFormulas = no_formulas,
) -> bool:
    """Write the tables and pictures of a sweep from the groups that are finished, and print the rates.

    Leaves ``networks.parquet``, ``trials.csv``, ``success_rates.csv``, ``pictures/`` and, when all these are
    written, ``sweep.json``; of an experiment of the paper its figure as well, with its table.

    Args:
        folder: the folder of the sweep.
        jobs: how many jobs the sweep has, where that is known.
        experiment: the chosen experiment, if any.
        write_page: writes a page of the sweep, where one is wanted.
        read_formulas: reads the trials whose hierarchy is printed as formulas.

    Returns:
        Whether every job has its rows.

    Raises:
        UserError: if there is no finished group, or one cannot be read.
    """
    sweep = Sweep.open(folder)
    groups, trials, rates = sweep.groups, sweep.trials, sweep.rates
    atomic_write(folder / "networks.parquet", lambda path: sweep.networks.to_parquet(path, index=False))
    atomic_write(folder / "trials.csv", lambda path: trials.to_csv(path, index=False))
    atomic_write(folder / "success_rates.csv", lambda path: rates.to_csv(path, index=False))
    pictures = _draw(groups, folder / PICTURES)
    figure, cells = _write_figure(trials, groups, experiment, folder)
    page = _page_or_none(write_page, sweep)
    text = json.dumps({"format_version": FORMAT_VERSION, "groups": [group.about for group in groups]}, indent=2) + "\n"
    # Last: nothing is left to do.
    atomic_write(folder / "sweep.json", lambda path: path.write_text(text, encoding="utf-8"))
    missing = 0 if jobs is None else jobs - trials["job"].nunique()
    print_summary(trials, rates, folder, pictures, missing, figure, cells, groups, page, read_formulas)
    return missing == 0


def _page_or_none(write_page: Callable[[Sweep], Path | None], sweep: Sweep) -> Path | None:
    """The page; an error in making it costs the page alone, and is told in a line."""
    try:
        return write_page(sweep)
    except (UserError, OSError):
        raise
    except Exception as error:
        log.error("the page could not be made (%s: %s)", type(error).__name__, on_one_line(error))
        log.debug("making the page stopped with an error", exc_info=True)
        return None


def _draw(groups: Sequence[GroupRecord], folder: Path) -> list[Path]:
    """Draw the trials that get a picture; take away those of others, drawn when less was finished."""
    pictures = [picture for group in _with_pictures(groups) for picture in draw_group(group, folder)]
    for path in folder.glob("[0-9]*_seed*.svg"):
        if path not in pictures:
            path.unlink()
    return pictures


def _with_pictures(groups: Sequence[GroupRecord]) -> list[GroupRecord]:
    """Leave out groups whose best trial is not the best of all that differ in nothing but the seed.

    A launcher that runs job by job makes a group of each of them.
    """
    alike: dict[tuple[str, str], list[GroupRecord]] = {}
    for group in groups:
        alike.setdefault((json.dumps(settings_of(group.config)), group.config.pictures), []).append(group)
    return [
        group
        for (_, pictures), members in alike.items()
        for group in ([_with_best_trial(members)] if pictures == "best" else members)
    ]


def _with_best_trial(groups: Sequence[GroupRecord]) -> GroupRecord:
    if len(groups) == 1:
        return groups[0]
    answers = pd.concat(
        [group.selected_trials.assign(group=place) for place, group in enumerate(groups)], ignore_index=True
    )
    ranked = best_first(answers[answers["status"] != "failed"])
    return groups[0] if ranked.empty else groups[ranked.iloc[0]["group"]]


def _write_figure(
    trials: pd.DataFrame, groups: Sequence[GroupRecord], experiment: str | None, folder: Path
) -> tuple[Path | str | None, pd.DataFrame | None]:
    """Write the figure of an experiment of the paper, or say why there is none; None for other experiments.

    Returns:
        The figure, or the reason, and its table.
    """
    if experiment not in PLANS:
        return None, None
    repeated = trials[trials.duplicated(list(TRIAL))]
    if len(repeated):
        first, swept = repeated.iloc[0], ", ".join(swept_settings(groups))
        reason = f" (the sweep is over {swept} too)" if swept else ""
        return f"{first['task']} {first['layers']} with seed {first['seed']} appears more than once{reason}", None
    cells = figure_table(trials, experiment)
    if not cells["sparsest_trials"].any():
        return "none of the trials belongs to it", None
    picture, *_ = write_figure(cells, experiment, folder, trials)
    return picture, cells
