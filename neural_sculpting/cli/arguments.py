"""The command line as it is read before Hydra reads it: flags, and overrides as Hydra's parser returns them."""

import argparse
import os
import re
import shlex
from collections import Counter
from collections.abc import Callable, Sequence
from math import prod
from pathlib import Path
from typing import Any

from hydra.core.override_parser.types import (
    ChoiceSweep,
    Glob,
    IntervalSweep,
    Override,
    OverrideType,
    QuotedString,
    RangeSweep,
    Transformer,
)

from neural_sculpting.cli.commands import Parser, program
from neural_sculpting.config.loading import PRIMARY, configuration_folder
from neural_sculpting.config.schemas import NOT_THE_RESULTS, Config
from neural_sculpting.errors import UserError, reading
from neural_sculpting.launching.groups import MOST_JOBS, check_range, ends_of, settings_of

COMPLETION = re.compile("(install|uninstall|query)=(bash|fish|zsh)")

NOT_COUNTED = ("resume",)  # chooses the run to resume, not what is computed

OF_SEARCHES = re.compile(r"hydra/sweeper(=(?!batch$|basic$)|/)|hydra\.sweeper\.(?!max_batch_size|params)")
"""Settings of Hydra that decide on the jobs of a search, as the beginnings of overrides."""


def _parser() -> argparse.ArgumentParser:
    """Return a parser of Hydra's flags; Hydra parses the command line again itself."""
    parser = Parser("run", add_help=False)
    parser.add_argument("overrides", nargs="*")
    for short, name in (("-cp", "config-path"), ("-cn", "config-name"), ("-cd", "config-dir"), ("-p", "package")):
        parser.add_argument(short, f"--{name}")
    parser.add_argument("--experimental-rerun")
    for names in (("-h", "--help"), ("--hydra-help",), ("--resolve",)):
        parser.add_argument(*names, action="store_true")
    command = parser.add_mutually_exclusive_group()
    for short, name in (("-r", "run"), ("-m", "multirun"), ("-sc", "shell-completion")):
        command.add_argument(short, f"--{name}", action="store_true")
    command.add_argument("-c", "--cfg", choices=["job", "hydra", "all"])
    pages = ["all", "config", "defaults", "defaults-tree", "plugins", "searchpath"]
    command.add_argument("-i", "--info", choices=pages, const="all", nargs="?")
    return parser


def read(words: Sequence[str]) -> argparse.Namespace:
    """Split a command line into flags and overrides, which may be mixed.

    Raises:
        UserError: at an unknown flag, or one with a wrong value.
    """
    flags, unknown = _parser().parse_known_intermixed_args(words)
    if flags.experimental_rerun:
        raise UserError("--experimental-rerun: not supported; give the overrides of that run again")
    if flags.resolve and not (flags.cfg or flags.help):
        raise UserError("--resolve: goes with --cfg or --help")
    if flags.package and not flags.cfg:
        raise UserError("--package: goes with --cfg")
    if flags.shell_completion and not any(map(COMPLETION.fullmatch, flags.overrides)):
        raise UserError("--shell-completion: must be followed by install=, uninstall= or query= and bash, fish or zsh")
    if unknown:
        raise UserError(f"{unknown[0]}: unknown flag; --help shows what is allowed")
    for flag, folder in (("--config-path", flags.config_path), ("--config-dir", flags.config_dir)):
        if folder is not None and not os.path.isdir(folder):
            raise UserError(f"{flag} {folder}: no such folder")
        if folder is not None:
            with reading(flag, folder, Path(folder)):
                os.listdir(folder)  # Hydra would find nothing in it
    flags.config_name = flags.config_name or PRIMARY
    flags.config_path = os.path.abspath(flags.config_path or configuration_folder())
    return flags


def for_hydra(flags: argparse.Namespace, overrides: Sequence[str]) -> list[str]:
    """Return a command line for Hydra with these flags and overrides."""
    words = []
    for name, value in vars(flags).items():
        if value and name != "overrides":
            words += [f"--{name.replace('_', '-')}", *([] if value is True else [value])]
    return [*words, *overrides]


def wants_a_run(flags: argparse.Namespace) -> bool:
    """Whether a command computes something, and does not only show something."""
    return not (flags.help or flags.hydra_help or flags.cfg or flags.info or flags.shell_completion)


def first_job(overrides: Sequence[Override]) -> list[str]:
    """Return the overrides of the first job of a sweep, or of the only job.

    A key with a dot is added where it does not exist: the schema then reports it, and knows better than Hydra what is
    allowed.

    Raises:
        UserError: if a sweep is empty, or sweeps over settings of Hydra.
    """
    lines = []
    for override in overrides:
        line = override.input_line or ""
        if override.is_sweep_override():
            line = f"{override.get_key_element()}={_first_value(override)}"
        known_to_schema = "." in override.key_or_group and not override.is_hydra_override()
        lines.append(f"++{line}" if known_to_schema and override.type == OverrideType.CHANGE else line)
    return lines


def _first_value(override: Override) -> str:
    if override.is_hydra_override():
        raise UserError(f"{override.input_line}: Hydra's own settings cannot be swept")
    if override.key_or_group == "resume":
        raise UserError(f"{override.input_line}: cannot be swept")
    check_range(override)
    value = override.value()
    if isinstance(value, IntervalSweep):  # for sweepers that search; its ends may not be allowed themselves
        low, high = ends_of(override.key_or_group, value)
        return str((low + high) // 2 if isinstance(low, int) else (low + high) / 2)
    values = map(Transformer.str, value.range()) if isinstance(value, RangeSweep) else override.sweep_string_iterator()
    for first in values:  # a range that is shuffled would be listed first
        return first
    raise UserError(f"{override.input_line}: a sweep over nothing")


def with_others(overrides: Sequence[Override], others: Sequence[str]) -> list[str]:
    """Return the overrides, without ``resume``, as text, where others replace those of the same keys."""
    replaced = {"resume", *(line.partition("=")[0] for line in others)}
    return [*(str(each.input_line) for each in overrides if each.key_or_group not in replaced), *others]


def count_jobs(settings: Sequence[Override]) -> int:
    """Return the number of jobs of a sweep.

    Raises:
        UserError: if there are none or too many, two are equal, or values cannot be enumerated.
    """
    sizes = []
    for override in settings:
        texts = [setting.text for setting in settings_of(override)]
        if not texts:
            raise UserError(f"{override.input_line}: a sweep over nothing")
        text, times = Counter(texts).most_common(1)[0]
        if times > 1:
            raise UserError(f"{override.input_line}: {text} appears more than once; every job needs its own")
        sizes.append(len(texts))
    if (jobs := prod(sizes)) > MOST_JOBS:
        swept = " ".join(str(override.input_line) for override in settings if override.is_sweep_override())
        raise UserError(f"{swept}: {jobs} jobs; a sweep may have at most {MOST_JOBS}, divide it into several")
    return jobs


def refuse_swept_params(params: Sequence[Override], experiment: str | None, words: Sequence[str]) -> None:
    """Raise a UserError if ``hydra.sweeper.params`` has a sweep; its message is the command line with -m."""
    swept = [each.get_key_element() for each in params if each.is_sweep_override()]
    if swept:
        name = f"experiment={experiment}" if experiment else "hydra.sweeper.params"
        command = f"{program('run')} {shlex.join(['-m', *words])}"
        raise UserError(f"{name}: sweeps over {', '.join(swept)}, which needs -m (--multirun): {command}")


def refuse_sweeps(overrides: Sequence[Override]) -> None:
    """Raise a UserError if an override has several values: one job has one."""
    for override in overrides:
        if override.is_sweep_override():
            line = override.input_line
            raise UserError(f"{line}: a sweep needs -m (--multirun); a list is written in brackets, as in [1,2]")


def refuse_repeated_keys(overrides: Sequence[Override]) -> None:
    """Raise a UserError if a key is set twice: which one counts would be a guess."""
    given: set[tuple[str, str | None]] = set()
    for override in overrides:
        key = (override.key_or_group, override.package)
        if override.is_delete():
            continue
        if key in given:
            raise UserError(f"{override.input_line}: {override.key_or_group} is set twice; must be set once")
        given.add(key)


def refuse_values_of_groups(overrides: Sequence[Override], options: Callable[[str], list[str]]) -> None:
    """Raise a UserError if a group is set to a value, as in ``arch=[24]``, instead of one of its options.

    ``options`` returns the options of a group, and none for a key that is not a group.
    """
    for override in overrides:
        group, value = override.key_or_group, override.value()
        if not group:
            raise UserError(f"{override.input_line}: must have the form key=value")
        values = value.list if isinstance(value, ChoiceSweep) else [value]
        if all(map(_can_be_option, values)) or not options(group):
            continue
        field = Config.model_fields.get(group)
        keys = getattr(field.annotation, "model_fields", ()) if field else ()
        line = f"{override.input_line}: {group} takes the name of an option ({', '.join(options(group))})"
        names = ", ".join(f"{group}.{key}" for key in keys)
        raise UserError(f"{line}; values belong to its keys ({names})" if names else line)


def _can_be_option(value: Any) -> bool:
    """Whether Hydra takes a value for the name of an option, for several names, or for keys with values."""
    names = value if isinstance(value, list) else [value]
    return all(isinstance(name, str | QuotedString | Glob | dict | None) for name in names)


def normal(overrides: Sequence[Override]) -> tuple[str, ...]:
    """Return the overrides that change what is computed, each in one normal form, as plans have them."""
    counted = ((each, f"{each.get_key_element()}={_value(each)}") for each in overrides)
    return tuple(
        line
        for each, line in counted
        if (not each.is_hydra_override() or OF_SEARCHES.match(line)) and each.key_or_group not in NOT_COUNTED
    )


def decisive(overrides: Sequence[Override]) -> tuple[str, ...]:
    """Return the overrides that results depend on, in normal form: a resumed run may change the others.

    Swept ones count in any case, as the jobs do.
    """
    return normal([each for each in overrides if each.is_sweep_override() or not _may_change(each.get_key_element())])


def _may_change(key: str) -> bool:
    if key == "hydra.sweeper.n_trials":  # a search may be continued
        return True
    section, _, name = key.lstrip("+").partition(".")
    changeable: Any = NOT_THE_RESULTS.get(section, ())
    return section not in ("seed", "objective") and (changeable is True or name in changeable)


def chosen(overrides: Sequence[Override], group: str, default: str | None) -> str | None:
    """Return the option that overrides choose for a group, or the default; of a sweep over options, its text."""
    return next((_value(each) for each in reversed(overrides) if each.key_or_group == group), default)


def _value(override: Override) -> str:
    return override.get_value_string() if override.is_sweep_override() else override.get_value_element_as_str()
