"""How a sweep was made: the settings that differ from the defaults, all of them, versions, and the command."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from neural_sculpting.config.schemas import Config
from neural_sculpting.records.store import NOT_THE_RESULTS
from neural_sculpting.views.page.sweeps import Sweep

Setting = tuple[str, str, str]
"""A key of the configuration, its values in this sweep, and its default or nothing."""

LOOKED_UP = ("training.lr", "training.batch_size", "training.epochs")
"""Follow from task and layers where the command does not set them."""


def all_settings(configs: Sequence[Config]) -> dict[str, str]:
    """Every key of the configuration with its value; with all its values where configurations differ."""
    exclude: Any = {key: value for key, value in NOT_THE_RESULTS.items() if key != "trainer"} | {"seed": True}
    tables = [flat(config.model_dump(mode="json", exclude=exclude)) for config in configs]
    keys = dict.fromkeys(key for table in tables for key in table)
    return {key: "; ".join(dict.fromkeys(table[key] for table in tables if key in table)) for key in keys}


def changed_settings(sweep: Sweep, defaults: Mapping[str, Config]) -> list[Setting]:
    """The settings that differ from the defaults of their task; where these are not given, those that the command sets.

    Args:
        sweep: the sweep.
        defaults: the configuration of each task, by its name, where nothing else is set.
    """
    given = {line.partition("=")[0]: line.partition("=")[2] for line in sweep.overrides}
    if not defaults:
        return [(key, value, "") for key, value in given.items()]
    used = all_settings([group.config for group in sweep.groups])
    usual = all_settings(list(defaults.values()))
    changed = [(key, value, usual.get(key, "")) for key, value in used.items() if value != usual.get(key)]
    seeds = ("seed", runs(sorted(set(sweep.selected_trials["seed"]))), "0")
    return [*(line for line in changed if line[0] not in LOOKED_UP or line[0] in given), seeds]


def command_of(sweep: Sweep) -> str:
    """The command that repeats a sweep, as a shell takes it; empty where it is not known."""
    if not sweep.overrides:
        return ""
    flag = ["-m"] if sweep.multirun else []
    return shlex.join(["python", "-m", "neural_sculpting.run", *flag, *sweep.overrides])


def versions_of(sweep: Sweep) -> dict[str, str]:
    """What the results were made with: versions, commit, machine, when, and how long it took."""
    lines: dict[str, list[str]] = {}
    for about in sweep.about:
        facts = {
            "neural_sculpting": about["neural_sculpting"],
            "commit": about["git_commit"] or "unknown",
            "Python": about["python"],
            **about["libraries"],
            "machine": about["machine"],
        }
        for name, value in facts.items():
            lines.setdefault(name, []).append(str(value))
    finished = sorted(about["created"] for about in sweep.about)
    first, last = (moment.replace("T", " ").replace("+00:00", " UTC") for moment in (finished[0], finished[-1]))
    seconds = sum(group.seconds for group in sweep.groups)
    return {
        **{name: "; ".join(dict.fromkeys(values)) for name, values in lines.items()},
        "finished": first if first == last else f"{first} to {last}",
        "time of sculpting": f"{seconds:.1f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes",
    }


def flat(values: Mapping[str, Any], path: str = "") -> dict[str, str]:
    """Nested settings as text under dotted keys, each value as one would type it."""
    found: dict[str, str] = {}
    for key, value in values.items():
        found |= flat(value, f"{path}{key}.") if isinstance(value, Mapping) else {f"{path}{key}": _typed(value)}
    return found


def runs(numbers: Sequence[int]) -> str:
    """Numbers in a short way: ``"0–35"``, ``"0–2, 5"``."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(f"{part[0]}–{part[-1]}" if len(part) > 2 else ", ".join(map(str, part)) for part in parts)


def _typed(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_typed, value))}]"
    return f"{value:g}" if isinstance(value, float) else str(value)
