"""What W&B gets when a sweep is over: its tables, a chart, pictures, and a summary."""

import logging
import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd
import wandb

from neural_sculpting.errors import UserError
from neural_sculpting.files import PICTURES
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.records.tables import best_first
from neural_sculpting.tracking.rates_chart import draw_rates
from neural_sculpting.tracking.wandb_results import config_of_sweep, hierarchy_json, plain, summary_of, svg, tags_of
from neural_sculpting.tracking.wandb_session import SafeRun, Session, close_session

log = logging.getLogger(__name__)

MAX_PICTURES = 108
"""As many as W&B accepts of its own type for images."""


def close_sweep(session: Session, sweep: Sweep | None = None) -> None:
    """Log the tables of the groups that are finished, end the run of the sweep, and log where it all is.

    Without a ``sweep`` it failed, and its finished groups are read from the folder.
    """
    failed = sweep is None or sweep.missing > 0
    curves = session.sweep_run.curves if session.sweep_run else None
    run = curves.run if curves else None
    with session.safely():
        with suppress(UserError):  # no group is finished; one that cannot be read has been reported with the tables
            sweep = sweep or Sweep.open(session.folder)
        if sweep is not None:
            run = run or session.begin(session.folder.name, "sweep", {})
            _log_results(session, run, sweep)
    if run is not None:
        run.finish(failed)
    with session.safely():
        _log_locations(session)
    close_session(session)


def _log_results(session: Session, run: SafeRun, sweep: Sweep) -> None:
    configs = [group.config for group in sweep.groups]
    config = config_of_sweep(configs, sweep.trials["seed"].tolist())
    run.configure(config)
    run.tag([tag for config in configs for tag in tags_of(config)])
    best = best_first(sweep.by_job).iloc[0]
    hierarchy = hierarchy_json(sweep.groups[best["group"]], best)
    run.summarize({**summary_of(sweep.groups), **_interval(sweep.rates, configs[0].selection), "hierarchy": hierarchy})
    name = session.folder.name
    if len(sweep.rates):
        run.log({"success_chart": svg(draw_rates(sweep.rates, f"Success rates of {name}"))})
    if paths := sorted((session.folder / PICTURES).glob("*.svg"))[:MAX_PICTURES]:
        run.log({"pictures": [svg(path.read_text(encoding="utf-8")) for path in paths]})
    found = [hierarchy_json(sweep.groups[trial["group"]], trial) for _, trial in sweep.by_job.iterrows()]
    trials = sweep.by_job.drop(columns=["network", "group", "title", "setting"]).assign(found=found)
    tables = {"success_rates": sweep.rates, "trials_table": trials}
    with _staged_in(session.folder):
        if not _log_tables(run, tables) and session.mode != "offline":  # online tables need the server at once
            session.mode = "offline"
            apart = session.begin(f"{name} tables", "sweep", config)
            _log_tables(apart, tables)
            apart.finish()


def _log_tables(run: SafeRun, tables: Mapping[str, pd.DataFrame]) -> bool:
    return run.log({name: _as_table(table) for name, table in tables.items()})


def _as_table(frame: pd.DataFrame) -> wandb.Table:
    """A frame as a table of W&B, which has no types for missing numbers; of more rows than it accepts, the first."""
    rows = [[plain(value) for value in row] for row in frame.head(wandb.Table.MAX_ROWS).itertuples(index=False)]
    return wandb.Table(columns=list(frame.columns), data=rows, allow_mixed_types=True)


def _interval(rates: pd.DataFrame, selection: str) -> dict[str, float]:
    """The interval of exact success, where it is one rate; those of several are in the table."""
    rates = rates[(rates["criterion"] == "exact") & (rates["ties"] == "strict")]
    chosen = rates[rates["selection"] == selection] if selection in set(rates["selection"]) else rates
    return {f"success/exact_{end}": float(chosen.iloc[0][end]) for end in ("low", "high") if len(chosen) == 1}


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


def _log_locations(session: Session) -> None:
    """Log how to upload what is in files, or where the runs can be seen."""

    def shown(path: Path) -> str:
        absolute, here = path.resolve(), Path.cwd()
        return shlex.quote(str(absolute.relative_to(here) if absolute.is_relative_to(here) else absolute))

    files = session.folder / "wandb"
    if any(files.glob("offline-run-*")):
        log.info("W&B      offline; to upload it: wandb sync %s/offline-run-*", shown(files))
    if session.url:
        log.info("W&B      %s", session.url)
    if session.unsent:
        log.info("W&B      not all was sent; to send the rest: wandb sync %s", " ".join(map(shown, session.unsent)))
