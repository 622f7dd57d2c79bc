"""The jobs of a sweep, enumerated from its parsed overrides, and grouped where they differ only in the seed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import isfinite
from typing import Any

from hydra.core.override_parser.types import IntervalSweep, Override, QuotedString, RangeSweep, Transformer

from neural_sculpting.config.keys import takes_whole_numbers
from neural_sculpting.errors import UserError

STEPS = ("pruning.unit.step", "pruning.edge.step")
"""Groups that differ only in these share a batch."""

MOST_JOBS = 50_000
"""Of one sweep: more would be enumerated for a minute before the first one starts."""


@dataclass(frozen=True)
class Setting:
    """One value of an override.

    Attributes:
        key: with the ``+`` or ``~`` of the override.
        text: the value as Hydra writes it.
        value: the value as Hydra parsed it.
    """

    key: str
    text: str
    value: Any

    @property
    def line(self) -> str:
        """The setting as an override."""
        return f"{self.key}={self.text}"

    @property
    def plain(self) -> str:
        """The value for people: a string without the quotes and backslashes of overrides."""
        value = self.value.text if isinstance(self.value, QuotedString) else self.value
        return value if isinstance(value, str) else self.text

    @property
    def is_hydras(self) -> bool:
        """Whether it is a setting of Hydra itself."""
        return self.key.lstrip("+~").startswith(("hydra.", "hydra/"))

    @property
    def sets(self) -> str | None:
        """The key that gets the value; None where the key is deleted."""
        return None if self.key.startswith("~") else self.key.lstrip("+")


Job = tuple[Setting, ...]


@dataclass(frozen=True)
class JobGroup:
    """Jobs that differ only in their seed, by job number."""

    jobs: Mapping[int, Job]

    @property
    def first(self) -> int:
        """The lowest number, which names the group."""
        return next(iter(self.jobs))

    @property
    def seeds(self) -> dict[int, Any]:
        """The seed of each job as it was parsed; empty where no override sets it."""
        seeds = {number: seed_of(job) for number, job in self.jobs.items()}
        return {number: seed.value for number, seed in seeds.items() if seed is not None}

    @property
    def name(self) -> tuple[str, ...]:
        """The settings of the task without seed and steps, common to all groups of a batch."""
        job = self.jobs[self.first]
        seed = seed_of(job)
        return tuple(each.line for each in job if each is not seed and each.sets not in STEPS)


def seed_of(job: Job) -> Setting | None:
    """Return the setting of the seed; None where other settings touch its key too."""
    found = [each for each in job if each.key.lstrip("+~").partition("@")[0].partition(".")[0] == "seed"]
    return found[0] if len(found) == 1 and found[0].sets == "seed" else None


def settings_of(override: Override) -> list[Setting]:
    """Return every value of an override; raise a UserError if they cannot be enumerated, or are too many."""
    key = override.get_key_element()
    if not override.is_sweep_override():
        return [Setting(key, override.get_value_element_as_str(), override.value())]
    if not override.is_discrete_sweep():
        raise UserError(f"{override.input_line}: only sweepers that search can take it; must list its values")
    check_range(override)
    value = override.value()
    if isinstance(value, RangeSweep):
        count = -(((value.start or 0) - (value.stop or 0)) // value.step)
        if count > MOST_JOBS:
            raise UserError(f"{override.input_line}: {count:.0f} jobs; a sweep may have at most {MOST_JOBS}")
    values: Iterator[Any] = override.sweep_iterator(lambda value: (Transformer.str(value), value))
    return [Setting(key, text, value) for text, value in values]


def ends_of(key: str, interval: IntervalSweep) -> tuple[float, float]:
    """Return the ends of an interval, as integers for a key that takes whole numbers, or if Hydra casts them."""
    low, high = (0.0 if end is None else end for end in (interval.start, interval.end))
    if takes_whole_numbers(key) and float(low).is_integer() and float(high).is_integer():
        return int(low), int(high)
    return low, high


def check_range(override: Override) -> None:
    """Raise a UserError for a range that has no end."""
    value = override.value()
    if isinstance(value, RangeSweep) and not (
        value.step and isfinite(value.step + (value.start or 0) + (value.stop or 0))
    ):
        raise UserError(f"{override.input_line}: has no end; must be finite numbers, and its step not 0")


def merged(params: Sequence[Override], overrides: Sequence[Override]) -> list[Override]:
    """Return ``hydra.sweeper.params`` and the overrides of the command line, which win where both set a key."""
    return list({each.get_key_element(): each for each in [*params, *overrides]}.values())


def params_of(sweeper: Mapping[str, Any]) -> list[str]:
    """Return ``hydra.sweeper.params`` as overrides."""
    return [f"{key}={value}" for key, value in (sweeper.get("params") or {}).items()]


def jobs_of(overrides: Sequence[Override]) -> dict[int, Job]:
    """Return the jobs of a sweep by job number, in the order of Hydra's basic sweeper."""
    return dict(enumerate(product(*map(settings_of, overrides))))


def group_jobs(jobs: Mapping[int, Job]) -> list[JobGroup]:
    """Group the jobs that differ only in the value of the seed, in the order of their first jobs."""
    groups: dict[tuple[str, ...], dict[int, Job]] = {}
    for number, job in jobs.items():
        seed = seed_of(job)
        groups.setdefault(tuple(each.key if each is seed else each.line for each in job), {})[number] = job
    return [JobGroup(group) for group in groups.values()]
