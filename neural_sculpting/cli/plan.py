"""What a run set out to do, written into its folder so that a later command can go on with it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from hydra.core.override_parser.types import Override

from neural_sculpting.cli.finished import finished_jobs, tables_are_current
from neural_sculpting.errors import UserError, read_json
from neural_sculpting.files import atomic_write

FORMAT_VERSION = 1
FILE = "plan.json"
NOT_COUNTED = ("resume",)  # says where to go on, not what is computed


@dataclass(frozen=True)
class Plan:
    """What a run sets out to do.

    Attributes:
        multirun: whether it is a sweep.
        jobs: how many jobs it has, None where a sweeper decides on the way.
        overrides: what :func:`normal` gives, in the order in which they were given: the numbers of the jobs
            follow from it.
        experiment: the chosen experiment, if any.
    """

    multirun: bool
    jobs: int | None
    overrides: tuple[str, ...]
    experiment: str | None = None

    @property
    def folder_key(self) -> str:
        """The key that names the folder for the results."""
        return "hydra.sweep.dir" if self.multirun else "hydra.run.dir"

    def write(self, folder: Path) -> None:
        """Leave the plan in the folder, whole or not at all."""
        text = json.dumps({"format_version": FORMAT_VERSION, **asdict(self)}, indent=2, ensure_ascii=False)
        atomic_write(folder / FILE, lambda path: path.write_text(text + "\n", encoding="utf-8"))

    def is_finished(self, folder: Path) -> bool:
        """Tell whether nothing of the plan is left to do."""
        assert self.jobs is not None
        return set(range(self.jobs)) <= finished_jobs(folder) and tables_are_current(folder)

    def difference(self, here: "Plan") -> str | None:
        """Say what differs between the run that left this plan and the one that reads it; None if nothing does."""
        if self.multirun != here.multirun:
            return f"there {_kind(self)}, here {_kind(here)}"
        if sorted(self.overrides) != sorted(here.overrides):
            of_both = {*self.overrides} & {*here.overrides}
            there, now = (" ".join(line for line in plan.overrides if line not in of_both) for plan in (self, here))
            if there and now:
                return f"there {there}, here {now}"
            return f"here without {there}" if there else f"there without {now}"
        return f"there {self.jobs} jobs, here {here.jobs}" if self.jobs != here.jobs else None

    def in_order(self, overrides: Sequence[Override]) -> list[Override]:
        """Return overrides in the order of this plan, those that are not in it at the end."""
        places = {line.partition("=")[0]: place for place, line in enumerate(self.overrides)}
        return sorted(overrides, key=lambda each: places.get(each.get_key_element(), len(places)))


def normal(overrides: Sequence[Override]) -> tuple[str, ...]:
    """Return the overrides that change what is computed, each written as others would write it."""
    counted = [each for each in overrides if not each.is_hydra_override() and each.key_or_group not in NOT_COUNTED]
    return tuple(f"{each.get_key_element()}={value(each)}" for each in counted)


def chosen(overrides: Sequence[Override], group: str, default: str | None) -> str | None:
    """Return the option of a group; of a sweep over options, its text.

    Args:
        overrides: what the command line and the experiment change.
        group: the name of the group.
        default: the option that the configuration chooses.
    """
    texts = [value(each) for each in overrides if each.key_or_group == group]
    return texts[-1] if texts else default


def value(override: Override) -> str:
    """Return the value of an override, or its values, as one would type them."""
    return override.get_value_string() if override.is_sweep_override() else override.get_value_element_as_str()


def read_plan(folder: Path) -> Plan | None:
    """Return the plan of the run that the folder holds, None if there is none.

    Raises:
        UserError: if the file is of another format.
    """
    path = folder / FILE
    try:
        if not path.exists():
            return None
        values = read_json(path)
        if values["format_version"] != FORMAT_VERSION:
            raise UserError(f"{path}: has format {values['format_version']}; this version reads {FORMAT_VERSION}")
        experiment = values.get("experiment")  # missing where it was not written yet
        found = Plan(values["multirun"], values["jobs"], tuple(values["overrides"]), experiment)
        _check_types(found)
        return found
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise UserError(f"{path}: not a plan of a run ({type(error).__name__}: {error})") from error


def _check_types(plan: Plan) -> None:
    """Raise a TypeError if a value is of another type than a plan has."""
    for name, allowed in (("multirun", bool), ("jobs", int | None), ("experiment", str | None)):
        if not isinstance(getattr(plan, name), allowed):
            raise TypeError(f"{name} is {type(getattr(plan, name)).__name__}")
    if not all(isinstance(line, str) for line in plan.overrides):
        raise TypeError("its overrides are no texts")


def _kind(plan: Plan) -> str:
    return "a sweep (-m)" if plan.multirun else "one job (without -m)"
