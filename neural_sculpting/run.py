"""The command line: ``python -m neural_sculpting.run``, also installed as ``neural-sculpting``.

Nothing here imports torch and its like: help and mistakes are answered before they are needed.
"""

import copy
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from hydra import version
from hydra._internal.hydra import Hydra
from hydra._internal.utils import _run_hydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, Quote, QuotedString
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, open_dict
from omegaconf.errors import OmegaConfBaseException

from hydra_plugins.neural_sculpting._failures import SweepFailed
from neural_sculpting import __version__
from neural_sculpting.command_line import arguments, folders
from neural_sculpting.command_line.job import job, validate
from neural_sculpting.command_line.messages import one_line
from neural_sculpting.command_line.search_path import hydra_for
from neural_sculpting.configuration import configuration_folder
from neural_sculpting.errors import UserError

NEW_FOLDER = "auto"
"""The value of ``hydra.run.dir`` and ``hydra.sweep.dir`` for which a new folder is made."""


def main(command_line: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code.

    A mistake of the user is told on one line, with its traceback where ``HYDRA_FULL_ERROR=1`` is set.

    Args:
        command_line: flags and overrides; by default those of the process.
    """
    try:
        return _main(sys.argv[1:] if command_line is None else command_line)
    except (UserError, HydraException, OmegaConfBaseException) as error:
        if os.environ.get("HYDRA_FULL_ERROR") == "1":
            raise
        print(f"error: {one_line(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        return 130


def _main(command_line: Sequence[str]) -> int:
    if "--version" in command_line:
        print(f"neural-sculpting {__version__}")
        return 0
    version.setbase("1.3")
    flags = arguments.read(command_line)
    return _run(flags) if arguments.wants_a_run(flags) else _show(flags)


def _show(flags: Namespace) -> int:
    """Answer ``--help``, ``--cfg`` and the like."""
    if flags.overrides and not flags.shell_completion:
        with hydra_for(flags) as hydra:  # a mistake comes out here and not in Hydra's many lines
            hydra.compose_config(flags.config_name, list(flags.overrides), RunMode.RUN)
    folder = str(configuration_folder())
    try:
        _run_hydra(flags, arguments.parser(), job, config_path=folder, config_name=flags.config_name)
    except ValueError as error:  # flags that exclude each other
        raise UserError(str(error)) from None
    return 0


def _run(flags: Namespace) -> int:
    """Run one job or a sweep, then write the tables of what is finished."""
    with hydra_for(flags) as hydra:
        overrides = OverridesParser.create(hydra.config_loader).parse_overrides(flags.overrides)
        first = _compose_first_job(hydra, flags, overrides)
        is_sweep = first.hydra.mode == RunMode.MULTIRUN
        if not is_sweep:
            arguments.refuse_sweeps(overrides)
        _check(first)
        folder = _folder(first, overrides, is_sweep)
        lines = [*flags.overrides, f"hydra.mode={first.hydra.mode.name}", _names(folder, is_sweep)]
        jobs, failed = None, True
        try:
            jobs = _sweep(hydra, flags, lines) if is_sweep else _run_alone(hydra, flags, lines)
            failed = False
        except SweepFailed as failure:  # each job that failed has been reported
            jobs = failure.jobs
        finally:
            complete = _finish(folder, jobs)
    return 0 if complete and not failed else 1


def _compose_first_job(hydra: Hydra, flags: Namespace, overrides: Sequence[Override]) -> DictConfig:
    lines = arguments.first_job(overrides)
    if flags.multirun:
        lines.append("hydra.mode=MULTIRUN")
    try:
        config = hydra.compose_config(flags.config_name, lines, RunMode.RUN, with_log_configuration=True)
    except ValueError as error:  # such as for task=null
        raise UserError(f"{' '.join(flags.overrides)}: {error}") from error
    if config.hydra.mode is None:
        config.hydra.mode = RunMode.RUN
    return config


def _check(config: DictConfig) -> None:
    HydraConfig.instance().set_config(config)  # a value may refer to it
    task = copy.deepcopy(config)
    with open_dict(task):
        del task["hydra"]
    validate(task)


def _folder(first: DictConfig, overrides: Sequence[Override], is_sweep: bool) -> Path:
    """Return the folder for the results; it is new unless the configuration names one."""
    chosen = str(first.hydra.sweep.dir if is_sweep else first.hydra.run.dir)
    if chosen != NEW_FOLDER:
        folders.check_unused(_key(is_sweep), Path(chosen))
        return Path(chosen)
    choices = first.hydra.runtime.choices
    return folders.reserve(folders.ROOT, folders.stem(choices.experiment, choices.task, overrides))


def _names(folder: Path, is_sweep: bool) -> str:
    """Return the override that names the folder, with any date and time in it settled."""
    return f"{_key(is_sweep)}={QuotedString(folder.as_posix(), Quote.single).with_quotes()}"


def _key(is_sweep: bool) -> str:
    return "hydra.sweep.dir" if is_sweep else "hydra.run.dir"


def _sweep(hydra: Hydra, flags: Namespace, lines: list[str]) -> int | None:
    """Run a sweep; return how many jobs it had, None where the sweeper does not tell."""
    batches = hydra.multirun(flags.config_name, job, lines)
    return sum(map(len, batches)) if isinstance(batches, list) else None


def _run_alone(hydra: Hydra, flags: Namespace, lines: list[str]) -> int:
    try:
        hydra.run(flags.config_name, _job_alone, lines)
    except _Mistake as mistake:
        raise mistake.error from None
    return 1


class _Mistake(BaseException):
    """Carries a UserError past Hydra, which adds lines of its own to an Exception."""

    def __init__(self, error: UserError) -> None:
        self.error = error


def _job_alone(cfg: DictConfig) -> float:
    try:
        return job(cfg)
    except UserError as error:
        raise _Mistake(error) from None


def _finish(folder: Path, jobs: int | None) -> bool:
    """Write the tables of the groups that are finished; return whether every job has its rows."""
    if folder.parent == folders.ROOT and not any(folder.iterdir()):
        folder.rmdir()  # made for this command, which was refused before it began
    if not any((folder / "groups").glob("[0-9]*")):
        return False
    from neural_sculpting.reporting.collect import collect  # takes seconds

    return collect(folder, jobs)


if __name__ == "__main__":
    sys.exit(main())
