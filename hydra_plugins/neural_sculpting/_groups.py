"""Which jobs of a sweep are one group."""

from collections.abc import Sequence
from functools import cache

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override


def group_jobs(job_overrides: Sequence[Sequence[str]]) -> list[list[int]]:
    """Put the jobs together whose overrides differ only in the value of ``seed``.

    Args:
        job_overrides: the overrides of every job, such as ``["task=boolean_sep", "seed=3"]``.

    Returns:
        The places of the jobs in the list, group by group; groups and the jobs in them in the order of the
        list.

    Example:
        >>> group_jobs([["lr=1", "seed=0"], ["lr=2", "seed=0"], ["lr=1", "seed=1"], ["lr=2", "seed=1"]])
        [[0, 2], [1, 3]]
    """
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, overrides in enumerate(job_overrides):
        groups.setdefault(group_key(overrides), []).append(place)
    return list(groups.values())


def group_key(overrides: Sequence[str]) -> tuple[str, ...]:
    """Return what the jobs of a group have in common: their overrides, without the value of the seed."""
    place = seed_place(overrides)
    if place is None:
        return tuple(overrides)
    return (*overrides[:place], parse(overrides[place]).get_key_element(), *overrides[place + 1 :])


def seed_place(overrides: Sequence[str]) -> int | None:
    """Return where the seed is set (as ``seed=``, ``+seed=`` or ``++seed=``), or None if not exactly once."""
    places = [place for place, override in enumerate(overrides) if _sets_seed(override)]
    return places[0] if len(places) == 1 else None


@cache
def parse(override: str) -> Override:
    """Parse an override with Hydra's grammar; each distinct one once."""
    return OverridesParser.create().parse_overrides([override])[0]


def _sets_seed(override: str) -> bool:
    if not override.lstrip("+ ").startswith("seed"):  # parsing takes 0.15 ms
        return False
    parsed = parse(override)
    named = parsed.key_or_group == "seed" and parsed.package is None
    return named and not parsed.is_delete() and not parsed.is_sweep_override()
