"""Which folder ``resume`` speaks of, and whether a run can go on in it."""

from collections.abc import Sequence
from pathlib import Path

from hydra.core.override_parser.types import Override

from neural_sculpting.cli.folders import ROOT, numbered
from neural_sculpting.cli.plan import FILE, Plan, in_order, normal, read_plan
from neural_sculpting.errors import UserError
from neural_sculpting.launching.groups import merged


def folder_to_resume(resume: bool | str, plan: Plan, stem: str, named: Path | None = None) -> Path:
    """Return the folder in which a run goes on.

    Args:
        resume: true, or the folder.
        plan: what this command sets out to do.
        stem: the name of the folders that runs of this command get by themselves, without the number.
        named: the folder that this command names for its results, if it does.

    Raises:
        UserError: if there is nothing to go on with.
    """
    if plan.jobs is None:
        raise UserError("resume: this sweeper decides on its jobs as it goes; hydra/sweeper=batch and basic can resume")
    if isinstance(resume, str) and named is not None and named.resolve() != Path(resume).resolve():
        raise UserError(f"resume={resume}: {plan.folder_key}={named} names another folder; give only one")
    folder = Path(resume) if isinstance(resume, str) else named or _newest_unfinished(stem, plan)
    found = read_plan(folder)
    if found is None:
        problem = f"holds no {FILE}, so no run that could go on" if folder.is_dir() else "there is no such folder"
    elif difference := found.difference(plan):
        problem = f"holds another run: {difference}"
    elif plan.is_finished(folder):
        problem = "finished already; nothing to resume"
    else:
        return folder
    raise UserError(f"resume={resume}: {problem}" if isinstance(resume, str) else f"resume=true: {folder}: {problem}")


def in_former_order(folder: Path, params: Sequence[Override], overrides: Sequence[Override]) -> list[Override]:
    """Return the overrides of a sweep in the order in which the run that goes on had them.

    The numbers of the jobs follow from it, and by these numbers their results are found again.

    Args:
        folder: the folder of the run.
        params: what the configuration sets for sweeps.
        overrides: those of the command line.

    Raises:
        UserError: if the configuration has another order now.
    """
    plan = read_plan(folder)
    ordered = in_order(overrides, plan) if plan else list(overrides)
    if plan and normal(merged(params, ordered)) != plan.overrides:
        raise UserError(f"resume: {folder}: hydra.sweeper.params had another order then, so its jobs other numbers")
    return ordered


def _newest_unfinished(stem: str, plan: Plan) -> Path:
    """Return the newest folder of this name that is not finished, the newest of all if every one is."""
    plans = {folder: read_plan(folder) for folder in numbered(ROOT, stem)}
    runs = [folder for folder, found in plans.items() if found is not None and found.multirun == plan.multirun]
    if not runs:
        raise UserError(f"resume=true: {ROOT} holds no run of this command (looked for {stem}_1, {stem}_2, …)")
    return next((folder for folder in runs if not _is_finished(folder, plans[folder])), runs[0])


def _is_finished(folder: Path, plan: Plan | None) -> bool:
    return plan is not None and plan.jobs is not None and plan.is_finished(folder)
