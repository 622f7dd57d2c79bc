"""The command line: ``python -m neural_sculpting.run``, also installed as ``neural-sculpting``.

Nothing here imports torch and its like: help and mistakes are answered before they are needed.
"""

import copy
import os
import shlex
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hydra import version
from hydra._internal.hydra import Hydra
from hydra._internal.utils import _run_hydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, Quote, QuotedString
from hydra.types import RunMode
from omegaconf import DictConfig, open_dict

from neural_sculpting import __version__
from neural_sculpting.cli import arguments, folders
from neural_sculpting.cli.closing import close_sweep
from neural_sculpting.cli.hydra_settings import check_hydra_settings, telling_of_logging
from neural_sculpting.cli.job import job, validate
from neural_sculpting.cli.plan import Plan, chosen, normal
from neural_sculpting.cli.resume import folder_to_resume, in_former_order
from neural_sculpting.cli.search_path import hydra_for
from neural_sculpting.config.loading import configuration_folder
from neural_sculpting.config.messages import MISTAKES, composing, one_line
from neural_sculpting.config.schemas import Config, LoggerConfig
from neural_sculpting.errors import UserError, write_problem
from neural_sculpting.files import GROUPS, PICTURES, clear_unfinished
from neural_sculpting.interruption import asked_by_signals
from neural_sculpting.launching.failures import Detached, SweepFailed
from neural_sculpting.tracking import begin_sweep, finish_sweep

NEW_FOLDER = "auto"
"""The value of ``hydra.run.dir`` and ``hydra.sweep.dir`` for which a new folder is made."""

INTERRUPTED = 130
"""The exit code that shells know for Ctrl-C."""


def main(command_line: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code.

    A mistake of the user is told on one line, with its traceback where ``HYDRA_FULL_ERROR=1`` is set.

    Args:
        command_line: flags and overrides; by default those of the process.
    """
    try:
        return _main(sys.argv[1:] if command_line is None else command_line)
    except SweepFailed:  # each job that failed has been reported
        return 1
    except MISTAKES as error:
        if os.environ.get("HYDRA_FULL_ERROR") == "1":
            raise
        print(f"error: {one_line(error)}", file=sys.stderr)
        return 1
    except Exception as error:
        problem = write_problem(error)
        if problem is None:
            raise
        print(f"error: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        return INTERRUPTED


def _main(command_line: Sequence[str]) -> int:
    if "--version" in command_line:
        print(f"neural-sculpting {__version__}")
        return 0
    version.setbase("1.3")
    _find_own_modules()
    flags = arguments.read(command_line)
    return _run(flags, command_line) if arguments.wants_a_run(flags) else _show(flags)


def _find_own_modules() -> None:
    """Let import paths begin in the current folder, as they do with ``python -m``, for the installed command too."""
    here = os.getcwd()
    if not sys.flags.safe_path and not {"", here} & {*sys.path}:
        sys.path.insert(0, here)


def _show(flags: Namespace) -> int:
    """Answer ``--help``, ``--cfg`` and the like."""
    if flags.overrides and not flags.shell_completion:
        with (
            hydra_for(flags) as hydra,
            composing(flags.overrides),
        ):  # a mistake comes out here and not in Hydra's many lines
            hydra.compose_config(flags.config_name, list(flags.overrides), RunMode.RUN)
    folder = str(configuration_folder())
    try:
        _run_hydra(flags, arguments.parser(), job, config_path=folder, config_name=flags.config_name)
    except ValueError as error:  # flags that exclude each other
        raise UserError(str(error)) from None
    return 0


def _run(flags: Namespace, command_line: Sequence[str]) -> int:
    """Run one job or a sweep, then write the tables of what is finished."""
    with hydra_for(flags) as hydra:
        parser = OverridesParser.create(hydra.config_loader)
        overrides = parser.parse_overrides(flags.overrides)
        arguments.refuse_repeated_keys(overrides)
        arguments.refuse_values_of_groups(overrides, hydra.config_loader.get_group_options)
        first = _compose_first_job(hydra, flags, overrides)
        is_sweep = first.hydra.mode == RunMode.MULTIRUN
        params = parser.parse_overrides(arguments.params_of(first.hydra.sweeper))
        if not is_sweep:
            arguments.refuse_swept_params(params, first.hydra.runtime.choices.get("experiment"), command_line)
            arguments.refuse_sweeps(overrides)
        logger = _check(first).logger
        settings = arguments.merged(params, overrides) if is_sweep else overrides
        experiment = chosen(settings, "experiment", first.hydra.runtime.choices.get("experiment"))
        plan = Plan(is_sweep, _count_jobs(first, settings) if is_sweep else 1, normal(settings), experiment)
        with _folder(first, settings, plan) as folder:
            if is_sweep and first.resume:
                overrides = in_former_order(folder, params, overrides)
            lines = [str(each.input_line) for each in overrides if each.key_or_group != "resume"]
            lines += [f"hydra.mode={first.hydra.mode.name}", _names(folder, plan)]
            try:
                with asked_by_signals():
                    return 0 if _run_and_finish(folder, hydra, flags, lines, plan, logger) else 1
            except Detached as left:
                print(left)
                return 0
            except KeyboardInterrupt:  # while jobs run, or while the tables are written
                print(f"error: interrupted; go on with: {_resuming(command_line, folder)}", file=sys.stderr)
                return INTERRUPTED


def _compose_first_job(hydra: Hydra, flags: Namespace, overrides: Sequence[Override]) -> DictConfig:
    lines = arguments.first_job(overrides)
    if flags.multirun:
        lines.append("hydra.mode=MULTIRUN")
    with composing(flags.overrides):
        config = hydra.compose_config(flags.config_name, lines, RunMode.RUN, with_log_configuration=True)
    if config.hydra.mode is None:
        config.hydra.mode = RunMode.RUN
    return config


def _check(config: DictConfig) -> Config:
    HydraConfig.instance().set_config(config)  # a value may refer to it
    check_hydra_settings(config.hydra)
    task = copy.deepcopy(config)
    with open_dict(task):
        del task["hydra"]
    return validate(task)


def _count_jobs(first: DictConfig, settings: Sequence[Override]) -> int | None:
    """Return how many jobs a sweep has; None where its sweeper decides on the way."""
    known = first.hydra.runtime.choices["hydra/sweeper"] in ("batch", "basic")
    return arguments.count_jobs(settings) if known else None


@contextmanager
def _folder(first: DictConfig, settings: Sequence[Override], plan: Plan) -> Iterator[Path]:
    """Choose the folder for the results, keep other processes out of it, and leave the plan there.

    It is a new one unless the configuration names one or resumes an earlier run.
    """
    name = str(first.hydra.sweep.dir if plan.multirun else first.hydra.run.dir)
    named = None if name == NEW_FOLDER else Path(name)
    stem = folders.stem(plan.experiment, first.hydra.runtime.choices.get("task"), settings)
    if first.resume:
        key, folder = "resume", folder_to_resume(first.resume, plan, stem, named)
    else:
        key, folder = plan.folder_key, named or folders.reserve(folders.ROOT, stem)
    with folders.locked(key, folder):
        if first.resume:
            for place in (folder, folder / PICTURES):
                clear_unfinished(place)
        else:
            folders.check_unused(plan.folder_key, folder)
            plan.write(folder)
        yield folder


def _names(folder: Path, plan: Plan) -> str:
    """Return the override that names the folder, with any date and time in it settled."""
    return f"{plan.folder_key}={QuotedString(folder.as_posix(), Quote.single).with_quotes()}"


def _resuming(command_line: Sequence[str], folder: Path) -> str:
    """Return the command that goes on in a folder."""
    words = [word for word in command_line if not word.startswith("resume=")]
    return shlex.join(["python", "-m", "neural_sculpting.run", *words, f"resume={folder}"])


def _run_and_finish(
    folder: Path, hydra: Hydra, flags: Namespace, lines: list[str], plan: Plan, logger: LoggerConfig
) -> bool:
    """Run the jobs, then write the tables, of a run that is interrupted too; return whether all went well."""
    jobs, failed = plan.jobs, False
    begin_sweep(folder)
    try:
        with telling_of_logging():
            if plan.multirun:
                batches = hydra.multirun(flags.config_name, job, lines)
                jobs = sum(map(len, batches)) if isinstance(batches, list) else jobs
            else:
                _run_alone(hydra, flags, lines)
    except SweepFailed as failure:
        if failure.refused:
            raise
        failed = True
    except KeyboardInterrupt:
        jobs = None
        raise
    finally:
        complete = _finish(folder, plan, jobs, logger)
    return complete and not failed


def _run_alone(hydra: Hydra, flags: Namespace, lines: list[str]) -> None:
    try:
        hydra.run(flags.config_name, _job_alone, lines)
    except _Mistake as mistake:
        raise mistake.error from None


class _Mistake(BaseException):
    """Carries a UserError past Hydra, which adds lines of its own to an Exception."""

    def __init__(self, error: UserError) -> None:
        self.error = error


def _job_alone(cfg: DictConfig) -> float:
    try:
        return job(cfg)
    except UserError as error:
        raise _Mistake(error) from None


def _finish(folder: Path, plan: Plan, jobs: int | None, logger: LoggerConfig) -> bool:
    """Write the tables of the groups that are finished, end tracking; return whether every job has its rows."""
    complete = False
    try:
        if any((folder / GROUPS).glob("[0-9]*")):
            complete = close_sweep(folder, plan, jobs)
    finally:
        finish_sweep(logger, folder, complete)
    return complete


if __name__ == "__main__":
    sys.exit(main())
