"""What a sweep was made with, as the lines of a page."""

from __future__ import annotations

from neural_sculpting.records.sweep import Sweep


def versions_of(sweep: Sweep) -> dict[str, str]:
    """What the results were made with: versions, commit, machine, when, and how long it took."""
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
