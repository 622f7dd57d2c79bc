"""The command line of one job or a sweep: ``python -m neural_sculpting.run``, or ``neural-sculpting``.

Nothing here imports torch or other large libraries: help and mistakes come before they are needed.
"""

import logging
import os
import shlex
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from traceback import extract_tb

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.core.utils import configure_log, env_override
from hydra.types import RunMode
from omegaconf import DictConfig

from neural_sculpting import __version__
from neural_sculpting.cli import arguments, folders
from neural_sculpting.cli.commands import Output, become, program, study_command, watched_output
from neural_sculpting.cli.folders import NothingToResume
from neural_sculpting.cli.hydra_settings import check_hydra_settings, logging_mistakes_reported
from neural_sculpting.cli.job import job, validate
from neural_sculpting.cli.searches import search_lines
from neural_sculpting.config.composing import hydra_ready, override
from neural_sculpting.config.loading import PRIMARY
from neural_sculpting.config.messages import MISTAKES, composing, one_line
from neural_sculpting.config.schemas import LoggerConfig
from neural_sculpting.errors import UserError, WriteError, write_problem
from neural_sculpting.files import GROUPS, PICTURES, clear_unfinished
from neural_sculpting.gc_pause import gc_paused
from neural_sculpting.interruption import asked_by_signals, ctrl_c_noted
from neural_sculpting.launching.composition import without_hydra
from neural_sculpting.launching.groups import merged, params_of
from neural_sculpting.launching.reporting import Detached, SweepFailed
from neural_sculpting.records.plan import FILE as PLAN_FILE
from neural_sculpting.records.plan import Plan
from neural_sculpting.standard_streams import leave_lost_terminal
from neural_sculpting.tracking import begin_sweep, finish_sweep
from neural_sculpting.user_code import import_from_here, is_failure, problem_of

log = logging.getLogger(__name__)

NEW_FOLDER = "auto"
"""The value of ``hydra.run.dir`` and ``hydra.sweep.dir`` for which a new folder is made."""

INTERRUPTED = 130
"""The exit code of shells for Ctrl-C."""


def main(command_line: Sequence[str] | None = None) -> int:
    """Run a command line, by default that of the process, and return its exit code.

    A user's mistake is reported on one line, with its traceback if ``HYDRA_FULL_ERROR=1`` is set.
    """
    with watched_output() as output:
        return output.end(_reported(sys.argv[1:] if command_line is None else command_line, output))


def _reported(command_line: Sequence[str], output: Output) -> int:
    try:
        with ctrl_c_noted():
            return _main(command_line, output)
    except SweepFailed:  # each job that failed has been reported
        return 1
    except NothingToResume as finished:
        print(finished)
        return 0
    except MISTAKES as error:
        if os.environ.get("HYDRA_FULL_ERROR") == "1":
            raise
        problem = one_line(error)
    except Exception as error:
        found = write_problem(error)
        if found is None:
            raise
        problem = found
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        return INTERRUPTED
    print(f"error: {problem}", file=sys.stderr)
    return 1


def _main(command_line: Sequence[str], output: Output) -> int:
    if "--version" in command_line:
        print(f"neural-sculpting {__version__}")
        return 0
    import_from_here()
    flags = arguments.read(command_line)
    if not arguments.wants_a_run(flags):
        return _show(flags)
    if study := study_command(flags.overrides):
        become(study)
    return _run(flags, command_line, output)


def _show(flags: Namespace) -> int:
    """Run commands that only show something: ``--help``, ``--cfg`` and others."""
    if flags.overrides and not flags.shell_completion:
        # A mistake is one line here, and many in Hydra.
        with hydra_ready(flags.config_path, flags.config_dir), composing(flags.overrides):
            hydra.compose(flags.config_name, list(flags.overrides))
    try:
        _run_hydra(job, arguments.for_hydra(flags, flags.overrides))
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _run(flags: Namespace, command_line: Sequence[str], output: Output) -> int:
    """Run one job or a sweep, then write the tables of what is finished."""
    with hydra_ready(flags.config_path, flags.config_dir) as loader:
        parser = OverridesParser.create(loader)
        overrides = _parsed(parser, flags.overrides)
        arguments.refuse_repeated_keys(overrides)
        arguments.refuse_values_of_groups(overrides, loader.get_group_options)
        first = _compose_first_job(flags, overrides)
        choices = first.hydra.runtime.choices
        is_sweep = first.hydra.mode == RunMode.MULTIRUN
        params = parser.parse_overrides(params_of(first.hydra.sweeper))
        settings = merged(params, overrides) if is_sweep else overrides
        if not is_sweep:
            arguments.refuse_swept_params(params, choices.get("experiment"), command_line)
            arguments.refuse_sweeps(overrides)
        HydraConfig.instance().set_config(first)  # a value may refer to it
        check_hydra_settings(first.hydra)
        config = validate(without_hydra(first))
        jobs: int | None = 1
        of_search: list[str] = []
        if is_sweep and choices["hydra/sweeper"] in ("batch", "basic"):
            jobs = arguments.count_jobs(settings)
        elif is_sweep:  # which decides on its jobs on the way
            jobs, of_search = None, search_lines(first, config, settings)
        experiment = arguments.chosen(settings, "experiment", choices.get("experiment"))
        plan = Plan(is_sweep, jobs, arguments.normal(settings), experiment)
    with _locked_folder(first, settings, plan) as folder:
        if is_sweep and first.resume:
            overrides = folders.in_former_order(folder, params, overrides)
        output.results = folder
        lines = arguments.with_others(overrides, of_search)
        lines += [f"hydra.mode={first.hydra.mode.name}", override(plan.folder_key, folder.as_posix())]
        try:
            with asked_by_signals():
                return 0 if _run_and_finish(folder, arguments.for_hydra(flags, lines), plan, config.logger) else 1
        except Detached as detached:
            print(detached)
            return 0
        except KeyboardInterrupt:  # while jobs run, or while the tables are written
            words = [word for word in command_line if not word.startswith("resume=")]
            resuming = shlex.join([*words, f"resume={folder}"])
            print(f"error: interrupted; resume with: {program('run')} {resuming}", file=sys.stderr)
            return INTERRUPTED


def _parsed(parser: OverridesParser, lines: list[str]) -> list[Override]:
    try:
        return parser.parse_overrides(lines)
    except AttributeError:
        if __debug__:
            raise
        raise UserError(
            "python -O: Hydra cannot read functions such as range(…) without assertions; start Python without -O"
        ) from None


def _compose_first_job(flags: Namespace, overrides: Sequence[Override]) -> DictConfig:
    lines = arguments.first_job(overrides)
    if flags.multirun:
        lines.append("hydra.mode=MULTIRUN")
    with composing(flags.overrides):
        config = hydra.compose(flags.config_name, lines, return_hydra_config=True)
        configure_log(config.hydra.hydra_logging, config.hydra.verbose)
    if config.hydra.mode is None:
        config.hydra.mode = RunMode.RUN
    return config


@contextmanager
def _locked_folder(first: DictConfig, settings: Sequence[Override], plan: Plan) -> Iterator[Path]:
    """Choose the folder for the results, lock it against other processes, and write the plan into it.

    It is a new one unless the configuration names one or resumes an earlier run.
    """
    name = str(first.hydra.sweep.dir if plan.multirun else first.hydra.run.dir)
    named = None if name == NEW_FOLDER else Path(name)
    stem = folders.stem(plan.experiment, first.hydra.runtime.choices.get("task"), settings)
    if first.resume:
        key, folder = "resume", folders.folder_to_resume(first.resume, plan, stem, named)
    else:
        key, folder = plan.folder_key, named or folders.reserve(folders.ROOT, stem)
    with folders.locked(key, folder):
        if first.resume:
            if not (folder / PLAN_FILE).exists():
                log.warning("%s: contains no %s; its groups are compared with this command", folder, PLAN_FILE)
            clear_unfinished(folder)
            clear_unfinished(folder / PICTURES)
            if any((folder / GROUPS).glob(".*.*")):
                from neural_sculpting.records.store import adopt_groups

                adopt_groups(folder)
        else:
            folders.check_unused(plan.folder_key, folder)
            clear_unfinished(folder, PLAN_FILE)  # of a run that was killed before its plan was written
            plan.write(folder)
        yield folder


def _run_and_finish(folder: Path, words: list[str], plan: Plan, logger: LoggerConfig) -> bool:
    """Run the jobs, then write the tables, of an interrupted run too; return whether every job has succeeded."""
    failed = False
    begin_sweep(folder)
    try:
        with logging_mistakes_reported():
            _run_hydra(job if plan.multirun else _single_job, words)
    except SweepFailed as failure:
        if failure.refused:
            raise
        failed = True
    except _Mistake as mistake:
        raise mistake.error from None
    except MISTAKES:
        raise
    except BaseException as error:
        files = (Path(frame.filename) for frame in extract_tb(error.__traceback__))
        by_callbacks = any(file.parts[-3:] == ("hydra", "_internal", "callbacks.py") for file in files)
        if is_failure(error) and (by_callbacks or not isinstance(error, Exception)):
            raise UserError(f"hydra.callbacks: code that Hydra calls fails ({problem_of(error)})") from error
        raise
    else:
        if not (folder / PLAN_FILE).exists():  # lost: every group has been compared with the command
            plan.write(folder)
    finally:
        complete = _finish(folder, logger)
    return complete and not failed


def _run_hydra(task_function: Callable[[DictConfig], float], words: Sequence[str]) -> None:
    """Run Hydra with a command line, and let exceptions pass as they are."""
    before, sys.argv = sys.argv, [sys.argv[0], *words]
    try:
        with env_override({"HYDRA_FULL_ERROR": "1"}):
            hydra.main(config_path=None, config_name=PRIMARY, version_base="1.3")(task_function)()
    finally:
        sys.argv = before


class _Mistake(BaseException):
    """Carries an error that is reported on one line past Hydra, which adds lines of its own to an Exception."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def _single_job(cfg: DictConfig) -> float:
    try:
        return job(cfg)
    except (UserError, OSError) as error:
        raise _Mistake(error) from None


def _finish(folder: Path, logger: LoggerConfig) -> bool:
    """Write the tables of the finished groups and end tracking; return whether every job has its rows."""
    sweep = None
    leave_lost_terminal()  # it may have been closed without a signal to this process
    try:
        if any((folder / GROUPS).glob("[0-9]*")):
            with gc_paused(for_good=True):
                from neural_sculpting.views.closing import close_sweep  # takes seconds
            sweep = close_sweep(folder)
    except WriteError as error:
        rest = f"{program('collect')} {shlex.quote(str(folder))} writes what is missing"
        raise UserError(f"{write_problem(error)}; {rest}") from error
    finally:
        finish_sweep(logger, folder, sweep)
    return sweep is not None and not sweep.missing


if __name__ == "__main__":
    sys.exit(main())
