"""What W&B is told when a sweep is over: its tables, a chart, pictures, and what it all came to."""

import logging
import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import wandb

from neural_sculpting.errors import UserError
from neural_sculpting.files import PICTURES
from neural_sculpting.records.group_files import load_group
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.selected_trials import best_first
from neural_sculpting.records.store import group_paths
from neural_sculpting.records.tables import merge, rates_of_sweep
from neural_sculpting.tracking.rates_chart import draw_rates, rates_to_show
from neural_sculpting.tracking.wandb_config import of_sweep, tags_of
from neural_sculpting.tracking.wandb_results import hierarchy_json, plain, summary_of, svg
from neural_sculpting.tracking.wandb_session import SafeRun, Session, close_session

log = logging.getLogger(__name__)

MOST_PICTURES = 108
"""As many as W&B takes of its own type for images."""


def close_sweep(session: Session, complete: bool) -> None:
    """Log the tables of the groups that are finished, end the run of the sweep, and tell where it all is.

    Args:
        session: that of the process that ends the sweep.
        complete: whether every job has its rows.
    """
    run = session.sweep_run.run if session.sweep_run else None
    with session.safely():
        if records := _finished_groups(session.folder):
            run = run or session.begin(session.folder.name, "sweep", {})
            _log_results(session, run, records)
    if run is not None:
        run.finish(failed=not complete)
    with session.safely():
        _tell_where(session)
    close_session(session)


def _finished_groups(folder: Path) -> list[GroupRecord]:
    try:
        return [load_group(path) for path in group_paths(folder)]
    except UserError:  # there is none; one that cannot be read has been told of with the tables
        return []


def _log_results(session: Session, run: SafeRun, records: Sequence[GroupRecord]) -> None:
    trials = merge(records, "trials")
    rates = rates_of_sweep(trials, records)
    configs = [record.config for record in records]
    config = of_sweep(configs, trials["seed"].tolist())
    run.configure(config)
    run.tag([tag for config in configs for tag in tags_of(config)])
    answer = rates[rates["selection"].isin([configs[0].selection])]
    interval = _interval(answer if len(answer) else rates)
    run.summarize({**summary_of(records), **interval, **_best_hierarchy(records)})
    name = session.folder.name
    chart = svg(draw_rates(rates_to_show(rates), f"Success rates of {name}"))
    run.log({"success_chart": chart, **_pictures(session.folder)})
    tables = {"success_rates": rates, "trials_table": _with_hierarchies(records)}
    with _staged_in(session.folder):
        if not _log_tables(run, tables) and session.mode != "offline":  # online tables need the server at once
            session.mode = "offline"
            apart = session.begin(f"{name} tables", "sweep", config)
            _log_tables(apart, tables)
            apart.finish()


def _log_tables(run: SafeRun, tables: Mapping[str, pd.DataFrame]) -> bool:
    return run.log({name: as_table(table) for name, table in tables.items()})


def as_table(frame: pd.DataFrame) -> wandb.Table:
    """A frame as a table of W&B, which has no types for missing numbers; of more rows than it takes, the first."""
    rows = [[plain(value) for value in row] for row in frame.head(wandb.Table.MAX_ROWS).itertuples(index=False)]
    return wandb.Table(columns=list(frame.columns), data=rows, allow_mixed_types=True)


def _with_hierarchies(records: Sequence[GroupRecord]) -> pd.DataFrame:
    """The answers of all trials, each with the hierarchy that it found."""
    frames = []
    for record in records:
        answers = record.selected_trials
        found = [hierarchy_json(record, trial) for _, trial in answers.iterrows()]
        frames.append(answers.drop(columns="network").assign(found=found))
    return pd.concat(frames, ignore_index=True).sort_values("job", kind="stable", ignore_index=True)


def _pictures(folder: Path) -> dict[str, list[wandb.Html]]:
    paths = sorted((folder / PICTURES).glob("*.svg"))[:MOST_PICTURES]
    return {"pictures": [svg(path.read_text(encoding="utf-8")) for path in paths]} if paths else {}


def _interval(rates: pd.DataFrame) -> dict[str, Any]:
    """The interval of exact success, where it is one rate; those of several stand in the table."""
    exact = rates[(rates["criterion"] == "exact") & (rates["ties"] == "strict")]
    if len(exact) != 1:
        return {}
    return {f"success/exact_{end}": float(exact.iloc[0][end]) for end in ("low", "high")}


def _best_hierarchy(records: Sequence[GroupRecord]) -> dict[str, Any]:
    answers = pd.concat(
        [record.selected_trials.assign(group=place) for place, record in enumerate(records)], ignore_index=True
    )
    best = best_first(answers).iloc[0]
    return {"hierarchy": hierarchy_json(records[best["group"]], best)}


@contextmanager
def _staged_in(folder: Path) -> Iterator[None]:
    """Have W&B keep tables until they are uploaded in the folder of the sweep, not in the user's home."""
    name = "WANDB_DATA_DIR"  # there is no setting for it
    if os.environ.get(name):
        yield
        return
    os.environ[name] = str(folder.resolve() / "wandb")
    try:
        yield
    finally:
        del os.environ[name]


def _tell_where(session: Session) -> None:
    """Say on one line how to upload what lies in files, or where the runs can be seen."""
    kept = session.folder / "wandb"
    if any(kept.glob("offline-run-*")):
        log.info("W&B      offline; to upload it: wandb sync %s/offline-run-*", shlex.quote(_shown(kept)))
    if session.url:
        log.info("W&B      %s", session.url)
    if session.unsent:
        paths = " ".join(shlex.quote(_shown(path)) for path in session.unsent)
        log.info("W&B      not all was sent; to send the rest: wandb sync %s", paths)


def _shown(path: Path) -> str:
    """The path as short as it can be typed from here."""
    absolute = path.resolve()
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(absolute)
