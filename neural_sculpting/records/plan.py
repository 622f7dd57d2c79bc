"""What a run set out to do, written into its folder so that a later command can resume it."""

import json
import shlex
from dataclasses import asdict, dataclass
from pathlib import Path

from neural_sculpting.errors import UserError, read_json, unreadable
from neural_sculpting.files import atomic_write
from neural_sculpting.records.finished import finished_jobs, tables_are_current

FORMAT_VERSION = 1
FILE = "plan.json"


@dataclass(frozen=True)
class Plan:
    """What a run sets out to do.

    Attributes:
        multirun: whether it is a sweep.
        jobs: how many jobs it has, None where a sweeper decides on the way.
        overrides: the settings of the command, such as ``"task=boolean_sep"``, in the order in which they were given:
            the numbers of the jobs follow from it.
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

    @property
    def command(self) -> str:
        """The command that repeats the run, quoted for a shell; empty where it has no settings."""
        words = ["python", "-m", "neural_sculpting.run", *(["-m"] if self.multirun else []), *self.overrides]
        return shlex.join(words) if self.overrides else ""

    def write(self, folder: Path) -> None:
        """Write the plan into the folder, whole or not at all."""
        text = json.dumps({"format_version": FORMAT_VERSION, **asdict(self)}, indent=2, ensure_ascii=False)
        atomic_write(folder / FILE, lambda path: path.write_text(text + "\n", encoding="utf-8"))

    def is_finished(self, folder: Path) -> bool:
        """Whether all jobs are finished and in the tables."""
        assert self.jobs is not None
        return set(range(self.jobs)) <= finished_jobs(folder) and tables_are_current(folder)

    def difference(self, here: "Plan") -> str | None:
        """Describe how the run that wrote this plan differs from the one that reads it; None if it does not."""
        if self.multirun != here.multirun:
            kinds = {True: "a sweep (-m)", False: "one job (without -m)"}
            return f"there {kinds[self.multirun]}, here {kinds[here.multirun]}"
        if sorted(self.overrides) != sorted(here.overrides):
            of_both = {*self.overrides} & {*here.overrides}
            there, now = (" ".join(line for line in plan.overrides if line not in of_both) for plan in (self, here))
            if there and now:
                return f"there {there}, here {now}"
            return f"here without {there}" if there else f"there without {now}"
        return f"there {self.jobs} jobs, here {here.jobs}" if self.jobs != here.jobs else None


def read_plan(folder: Path) -> Plan | None:
    """Read the plan in a folder; None if there is none.

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
        plan = Plan(values["multirun"], values["jobs"], tuple(values["overrides"]), experiment)
        for name, allowed in (("multirun", bool), ("jobs", int | None), ("experiment", str | None)):
            if not isinstance(getattr(plan, name), allowed):
                raise TypeError(f"{name} is {type(getattr(plan, name)).__name__}")
        if not all(isinstance(line, str) for line in plan.overrides):
            raise TypeError("its overrides are not text")
        return plan
    except PermissionError as error:
        raise unreadable(error) from error
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise UserError(
            f"{path}: not a plan of a run ({type(error).__name__}: {error}); without it, resume=true works too"
        ) from error
