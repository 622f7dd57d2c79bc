"""Which jobs of a sweep are one group."""

from collections.abc import Sequence
from functools import cache

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override

IN_ONE_BATCH = ("seed", "pruning.unit.step", "pruning.edge.step")
"""The keys in which the jobs of a group may differ."""

ROOTS = tuple({key.partition(".")[0] for key in IN_ONE_BATCH})


def group_jobs(job_overrides: Sequence[Sequence[str]]) -> list[list[int]]:
    """Put the jobs together whose overrides differ only in the values of the keys above.

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
    """Return what the jobs of a group have in common: their overrides, without the values that may differ."""
    common = list(overrides)
    for place in places_that_differ(overrides).values():
        common[place] = parse(overrides[place]).get_key_element()
    return tuple(common)


def places_that_differ(overrides: Sequence[str]) -> dict[str, int]:
    """Return where the overrides of a job set each of the keys in which the jobs of a group may differ.

    A key is left out unless exactly one override has to do with it and sets it (as ``seed=``, ``+seed=`` or
    ``++seed=``): then, and only then, its value can be put into a composition of another job.
    """
    places: dict[str, list[int]] = {}
    for place, line in enumerate(overrides):
        for key in _touched(line):
            places.setdefault(key, []).append(place)
    return {
        key: places[key][0]
        for key in IN_ONE_BATCH
        if len(places.get(key, [])) == 1 and _sets(parse(overrides[places[key][0]]), key)
    }


@cache
def parse(override: str) -> Override:
    """Parse an override with Hydra's grammar; each distinct one once."""
    return OverridesParser.create().parse_overrides([override])[0]


@cache
def _touched(line: str) -> tuple[str, ...]:
    """Return those of the keys above that an override changes, its parts or what holds it."""
    if not line.lstrip("+~ ").startswith(ROOTS):  # parsing takes 0.15 ms
        return ()
    override = parse(line)
    key = override.key_or_group
    chooses_option = not (override.is_delete() or isinstance(override.value(), dict))  # as in pruning=search
    return tuple(
        each
        for each in IN_ONE_BATCH
        if key == each or key.startswith(f"{each}.") or (each.startswith(f"{key}.") and not chooses_option)
    )


def _sets(override: Override, key: str) -> bool:
    named = override.key_or_group == key and override.package is None
    return named and not override.is_delete() and not override.is_sweep_override()
