"""Reading the command line before Hydra does."""

import argparse
import os
from collections.abc import Sequence

from hydra._internal.utils import get_args_parser
from hydra.core.override_parser.types import IntervalSweep, Override, OverrideType

from neural_sculpting.errors import UserError

PROGRAM = "python -m neural_sculpting.run"

PRIMARY = "config"
"""The name of the primary configuration."""


def parser() -> argparse.ArgumentParser:
    """Return Hydra's own parser."""
    hydra_parser: argparse.ArgumentParser = get_args_parser()
    hydra_parser.prog = PROGRAM
    hydra_parser.exit_on_error = False
    return hydra_parser


def read(arguments: Sequence[str]) -> argparse.Namespace:
    """Split a command line into flags and overrides, which may stand in any order.

    Raises:
        UserError: at an unknown flag, or one with a wrong value.
    """
    try:
        flags, unknown = parser().parse_known_intermixed_args(arguments)
    except argparse.ArgumentError as error:
        raise UserError(f"{error}; --help shows what is allowed") from None
    if flags.experimental_rerun:
        raise UserError("--experimental-rerun: not supported; give the overrides of that run again")
    if flags.resolve and not (flags.cfg or flags.help):
        raise UserError("--resolve: goes with --cfg or --help")
    if unknown:
        raise UserError(f"{unknown[0]}: unknown flag; --help shows what is allowed")
    flags.config_name = flags.config_name or PRIMARY
    if flags.config_path is not None:
        flags.config_path = os.path.abspath(flags.config_path)  # Hydra takes it relative to this package
    return flags


def wants_a_run(flags: argparse.Namespace) -> bool:
    """Tell a command that computes something from one that only shows something."""
    return not (flags.help or flags.hydra_help or flags.cfg or flags.info or flags.shell_completion)


def first_job(overrides: Sequence[Override]) -> list[str]:
    """Return the overrides of the first job of a sweep, or of the only job.

    A key with a dot is added where it does not exist, so that the schema meets it, which knows better than
    Hydra what is allowed.

    Raises:
        UserError: if a sweep is empty, or one over settings of Hydra.
    """
    return [_first(override) for override in overrides]


def refuse_sweeps(overrides: Sequence[Override]) -> None:
    """Raise a UserError if an override has several values: one job has one."""
    for override in overrides:
        if override.is_sweep_override():
            line = override.input_line
            raise UserError(f"{line}: a sweep needs -m (--multirun); a list is written in brackets, as in [1,2]")


def _first(override: Override) -> str:
    line = override.input_line or ""
    if override.is_sweep_override():
        line = f"{override.get_key_element()}={_first_value(override)}"
    known_to_schema = "." in override.key_or_group and not override.is_hydra_override()
    return f"++{line}" if known_to_schema and override.type == OverrideType.CHANGE else line


def _first_value(override: Override) -> str:
    if override.is_hydra_override():
        raise UserError(f"{override.input_line}: Hydra's own settings cannot be swept")
    value = override.value()
    if isinstance(value, IntervalSweep):  # for sweepers that search; its ends may not be allowed themselves
        return str(((value.start or 0) + (value.end or 0)) / 2)
    for first in override.sweep_string_iterator():
        return first
    raise UserError(f"{override.input_line}: a sweep over nothing")
