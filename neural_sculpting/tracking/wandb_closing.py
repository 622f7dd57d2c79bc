"""What W&B gets when a sweep is over: its tables, a chart of its rates, pictures, and a summary."""

import json
import logging
import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import wandb
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from neural_sculpting.analysis import graph_to_json
from neural_sculpting.errors import UserError
from neural_sculpting.files import PICTURES, typed_path
from neural_sculpting.records.ceilings import ceiling_columns
from neural_sculpting.records.sweep import Sweep
from neural_sculpting.records.tables import best_first
from neural_sculpting.scoring.answers import Answer
from neural_sculpting.tracking.wandb_results import config_of_sweep, hierarchy_json, summary_of, svg, tags_of
from neural_sculpting.tracking.wandb_session import SafeRun, Session, close_session
from neural_sculpting.views.pictures.drawing import draw_hierarchy

log = logging.getLogger(__name__)

MAX_PICTURES = 108
"""As many as W&B accepts of its own type for images."""

MAX_RATES = 60
"""Success rates that fit the chart."""


def close_sweep(session: Session, sweep: Sweep | None = None) -> None:
    """Log the results of a sweep, end its run, and report where it all is.

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
    configs, trials, name = [group.config for group in sweep.groups], sweep.by_job, session.folder.name
    config = config_of_sweep(configs, trials["seed"].tolist())
    run.configure(config)
    run.tag([tag for config in configs for tag in tags_of(config)])
    trials = trials.assign(
        found=[hierarchy_json(sweep.groups[trial["group"]], trial) for _, trial in trials.iterrows()]
    )
    hierarchy = best_first(trials)["found"].iloc[0]
    success = {**summary_of(sweep.groups), **_interval(sweep.rates, configs[0].selection)}
    run.summarize({**success, **_agreement(sweep), "hierarchy": hierarchy})
    if len(sweep.rates):
        run.log({"success_chart": svg(draw_rates(sweep.rates, f"Success rates of {name}"))})
    if paths := sorted((session.folder / PICTURES).glob("*.svg"))[:MAX_PICTURES]:
        run.log({"pictures": [svg(path.read_text(encoding="utf-8")) for path in paths]})
    trials = trials.drop(columns=["network", "group", "title", "setting"])
    if (answer := _answer(sweep)) is not None:
        run.log({"answer": svg(draw_hierarchy(answer.hierarchy, sweep.tasks[0].labels))})
    tables = {"success_rates": sweep.rates, "answers": sweep.answers, "trials_table": trials}
    with _staged_in(session.folder):
        if not _log_tables(run, tables) and session.mode != "offline":  # online tables need the server at once
            session.mode = "offline"
            apart = session.begin(f"{name} tables", "sweep", config)
            _log_tables(apart, tables)
            apart.finish()


def _answer(sweep: Sweep) -> Answer | None:
    """The answer to the only task."""
    return sweep.tasks[0].answer if len(sweep.tasks) == 1 else None


def _agreement(sweep: Sweep) -> dict[str, Any]:
    """How many trials found the only task's answer, alone and by chance, if it is right, the ceiling, the consensus."""
    answer = _answer(sweep)
    if answer is None:
        return {}
    [task] = sweep.tasks
    share, consensus = answer.agreement, task.consensus
    found: dict[str, Any] = {"agreement": share.share, "agreement_low": share.low, "agreement_high": share.high}
    found |= {} if task.confidence is None else {"confidence": task.confidence}
    found |= {"null_rewired_rate": task.nulls.rewired.share} if task.nulls else {}
    ceiling = ceiling_columns(task.first_group.ceiling, task.expected)
    found |= {name: int(met) for name, met in ceiling.items() if pd.notna(met)}
    return found if consensus is None else {**found, "consensus": json.dumps(graph_to_json(consensus.graph))}


def _log_tables(run: SafeRun, frames: Mapping[str, pd.DataFrame]) -> bool:
    """Log frames as tables of W&B, which has no types for missing numbers; of more rows than it accepts, the first."""
    tables = {}
    for name, frame in frames.items():
        first = frame.head(wandb.Table.MAX_ROWS)
        rows = first.astype(object).where(first.notna(), None).to_numpy().tolist()
        tables[name] = wandb.Table(columns=list(frame.columns), data=rows, allow_mixed_types=True)
    return run.log(tables)


def _interval(rates: pd.DataFrame, selection: str) -> dict[str, float]:
    """The interval of exact success, where it is one rate; those of several are in the table."""
    rates = rates[(rates["criterion"] == "exact") & (rates["ties"] == "strict")]
    chosen = rates[rates["selection"] == selection] if selection in set(rates["selection"]) else rates
    return {f"success/exact_{end}": float(chosen.iloc[0][end]) for end in ("low", "high") if len(chosen) == 1}


def rates_to_show(rates: pd.DataFrame) -> pd.DataFrame:
    """Rates of each cell, ties counted strictly, with labels: all criteria of one cell, exact success of several."""
    strict = rates[rates["ties"] == "strict"]
    cell = [name for name in rates.columns[: rates.columns.get_loc("criterion")] if name != "hidden_layers"]
    several = strict[cell].drop_duplicates().shape[0] > 1
    shown = strict[strict["criterion"] == "exact"] if several else strict
    differing = [name for name in cell if name not in ("task", "layers") and strict[name].nunique(dropna=False) > 1]

    def label(row: pd.Series) -> str:
        words = [row["task"], row["layers"], *(f"{name} {row[name]}" for name in differing if pd.notna(row[name]))]
        criterion = "" if row["criterion"] == "exact" else f": {row['criterion'].replace('_', ' ')}"
        return " ".join(map(str, words)) + criterion

    return shown.assign(label=[label(row) for _, row in shown.iterrows()])


def draw_rates(rates: pd.DataFrame, title: str) -> str:
    """Draw success rates as dots on their 95 % intervals, as SVG; of more than fit, the first ones."""
    every = rates_to_show(rates)
    shown = every.head(MAX_RATES)
    rows = range(len(shown))
    numbers = [f"{row.rate:.3f} ({row.low:.3f} – {row.high:.3f})" for row in shown.itertuples()]
    figure = Figure(figsize=(10, 1.2 + 0.25 * len(shown)), layout="constrained")
    axes = figure.subplots()
    axes.hlines(rows, shown["low"], shown["high"], linewidth=3, alpha=0.4)
    axes.plot(shown["rate"], rows, "o")
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    axes.set_xlim(-0.02, 1.02)
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.set_yticks(rows, shown["label"], parse_math=False)
    axes.secondary_yaxis("right").set_yticks(rows, numbers)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_title(title, parse_math=False)
    axes.grid(axis="x", alpha=0.3)
    if len(every) > len(shown):
        axes.set_xlabel(f"and {len(every) - len(shown)} more: all are in the table success_rates")
    text = StringIO()
    with rc_context({"svg.fonttype": "none"}):
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


@contextmanager
def _staged_in(folder: Path) -> Iterator[None]:
    """Have W&B keep tables until they are uploaded in the folder of the sweep, not in the user's home."""
    name = "WANDB_DATA_DIR"  # there is no setting for it
    if os.environ.get(name):
        yield
        return
    files = folder.resolve() / "wandb"
    os.environ[name] = str(files)
    try:
        yield
    finally:
        del os.environ[name]
        mode = 0o666 & (files.stat().st_mode if files.exists() else 0)  # W&B's own is 0400
        for path in files.glob("artifacts/staging/*"):
            with suppress(OSError):
                path.chmod(mode)


def _log_locations(session: Session) -> None:
    """Report how to upload what is in files, or where the runs can be seen."""
    files = session.folder / "wandb"
    if any(files.glob("offline-run-*")):
        log.info("W&B      offline; to upload it: wandb sync %s/offline-run-*", shlex.quote(typed_path(files)))
    if session.url:
        log.info("W&B      %s", session.url)
    if session.unsent:
        unsent = shlex.join(map(typed_path, session.unsent))
        log.info("W&B      not all was sent; to send the rest: wandb sync %s", unsent)
