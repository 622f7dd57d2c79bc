"""How an experiment of the paper was run, as Markdown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from experiments.study import made_with

READ_AGAIN = """\
The networks of both readers are those of a sweep that is read again, `python -m neural_sculpting.read <its folder>
analysis.reader=confirmed`, and stored by `python -m experiments.figures {figure} --readings <its folder>`:
{counts} Made with"""

FILES = """\
`make {figure}` runs or resumes it, and refreshes this folder; `make figures` redraws the tables and
figures from `trials.csv.gz` without training. `{figure}.csv` holds the table with all its numbers."""


def how_it_was_run(figure: str, run: Mapping[str, Any]) -> str:
    parts = [f"    {run['command']}", f"{_counts(run)} Made with", made_with(run)]
    if readings := run.get("readings"):
        parts += [READ_AGAIN.format(figure=figure, counts=_counts(readings)), made_with(readings)]
    return "\n\n".join([*parts, FILES.format(figure=figure)])


def _counts(run: Mapping[str, Any]) -> str:
    began, finished = (datetime.fromisoformat(run[name]) for name in ("began", "finished"))
    elapsed, sculpting = (finished - began).total_seconds(), run["seconds_of_sculpting"]
    return f"""\
{run["trials"]:,} trials, {run["networks"]:,} networks in {run["groups"]} groups, from {began:%Y-%m-%d %H:%M} to \
{finished:%Y-%m-%d %H:%M} UTC:
{_duration(elapsed)} in all, {_duration(sculpting)} of sculpting summed over the groups."""


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
