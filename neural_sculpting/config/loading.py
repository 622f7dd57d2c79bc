"""Loading the configuration: plain values in, a checked :class:`~neural_sculpting.config.schemas.Config` out."""

import importlib
import logging
from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import cache, reduce
from operator import getitem
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from neural_sculpting.config.keys import expected, unknown_key
from neural_sculpting.config.schemas import (
    ARCHITECTURES,
    READERS,
    ArchConfig,
    Config,
    NetworkConfig,
    TaskConfig,
    TrainingConfig,
)
from neural_sculpting.config.values import MAX_SEED, shown, typed
from neural_sculpting.config.variants import given_variants, with_variants, without_variants
from neural_sculpting.errors import UserError, on_one_line
from neural_sculpting.paper import PARAMETERS, is_task_of_paper, nearest_settings, paper_settings
from neural_sculpting.pretrained import TrainedNetwork, fitted, read_network
from neural_sculpting.tasks import Task, build_task
from neural_sculpting.tasks.parameters import value_of_text
from neural_sculpting.user_code import is_failure

log = logging.getLogger(__name__)
_log_once = cache(log.log)

PRIMARY = "config"
"""The name of the primary configuration."""


def configuration_folder() -> Path:
    """Return the folder ``conf``: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "conf"
    return installed if installed.is_dir() else package.parent / "conf"


def load(values: Mapping[str, Any], start: TrainedNetwork | None = None) -> Config:
    """Check the configuration of one trial and fill in what is null.

    Args:
        values: the composed configuration as plain dictionaries and lists, with no interpolation left.
        start: the network that all seeds start from; by default the file that ``network`` names is read.

    Returns:
        The configuration with the paper's ``training.lr``, ``batch_size`` and ``epochs`` where these are null, and
        with the architecture of ``network`` where a setting of ``arch`` is null.

    Raises:
        UserError: at the first value that is not allowed. One line names its key, the value and what is allowed.
    """
    network, arch = _read_network(values, start), values.get("arch")
    if network is not None and isinstance(arch, Mapping) and None in arch.values():
        values = {**values, "arch": network.arch}
    variants = given_variants(values)
    config = _validated(values if variants is None else without_variants(values))
    if variants is not None:
        config = config.model_copy(update={"pruning": with_variants(config.pruning, variants)})
    task = build_task(config.task.name, **config.task.parameters)
    config = config.model_copy(update={"task": _as_read(config.task, task)})
    _check_accuracy(config, task)
    _check_functions(config)
    _check_arch(config.arch, task)
    if network is not None:
        config = with_network(config, network)
        fitted(network, task, config.arch.named_settings, config.pruning.reopens)
    elif config.pruning.reopen is not None:
        raise UserError(f"pruning.reopen={config.pruning.reopen}: there is no network to start from; must be null")
    training = _with_paper_settings(config.training, config.arch, task)
    return config.model_copy(update={"training": training})


def with_network(config: Config, network: TrainedNetwork) -> Config:
    """Name the network that all seeds start from; of one that was sculpted, what is needed is reopened by default.

    Raises:
        UserError: if something is to be reopened in a network whose edges are not those of units.
    """
    pruning, named = config.pruning, NetworkConfig(file=network.file, sha256=network.sha256)
    if pruning.reopen is None and network.hierarchy is not None:
        pruning = pruning.model_copy(update={"reopen": "fallen"})
    if pruning.reopens and network.kernels:
        raise UserError(f"pruning.reopen={pruning.reopen}: {network.name} begins with a convolution; must be none")
    return config.model_copy(update={"network": named, "pruning": pruning})


def _validated(values: Mapping[str, Any]) -> Config:
    """Check values; text that a key does not take, as from ``${oc.env:SEED}``, is read as a number, a truth or null."""
    try:
        return Config.model_validate(dict(values))
    except ValidationError as error:
        read = deepcopy(dict(values))
        for problem in error.errors(include_url=False, include_context=False):
            found: Any = read
            for part in problem["loc"]:
                inside = found[part] if not isinstance(found, dict) or part in found else None
                if isinstance(inside, str):
                    found[part] = value_of_text(inside)
                if not isinstance(inside, dict | list):
                    break
                found = inside
    try:
        return Config.model_validate(read)
    except ValidationError as error:
        raise UserError(_first_problem(error, values)) from None


def _as_read(config: TaskConfig, task: Task) -> TaskConfig:
    """Replace text that the task has read as numbers, and leave out options of sampling that change nothing."""
    read = {}
    for key, value in task.parameters.items():
        given = config.parameters.get(key, "")
        read[key] = value if isinstance(given, str) and isinstance(value, int | float) else given
    return TaskConfig(name=config.name, **read)


def check_seed(value: Any) -> int:
    """Return a seed if it is in its range.

    Raises:
        UserError: if it is not.
    """
    if type(value) is int and 0 <= value <= MAX_SEED:
        return value
    raise UserError(f"seed={shown(value)}: must be {expected(['seed'])}")


def named_network(values: Mapping[str, Any]) -> tuple[Any, Any]:
    """What a configuration that was not checked names as its network, and its SHA-256, or None."""
    network = values.get("network")
    return (network.get("file"), network.get("sha256")) if isinstance(network, Mapping) else (network, None)


def _read_network(values: Mapping[str, Any], start: TrainedNetwork | None) -> TrainedNetwork | None:
    """Read the network that a configuration names; None where the schema will refuse the value."""
    file, sha256 = named_network(values)
    if start is None and (not isinstance(file, str) or not file.strip()):
        return None
    network = start or read_network(file)
    if sha256 not in (None, network.sha256):
        raise UserError(f"network={file}: its SHA-256 is {network.sha256}; must be {shown(sha256)}")
    return network


def _first_problem(error: ValidationError, values: Mapping[str, Any]) -> str:
    problem = error.errors(include_url=False, include_context=False)[0]
    if problem["type"] in ("extra_forbidden", "invalid_key"):
        return unknown_key(".".join(map(str, problem["loc"])))
    path = [part for part in problem["loc"] if isinstance(part, str)]  # without indices in a list
    key = ".".join(path)
    if problem["type"] == "missing":
        return f"{key}: missing key; it must be {expected(path)}"
    value = reduce(getitem, path, values)
    if isinstance(value, str) and (value_of_text(value) != value or value.strip()[:1] in ("[", "{")):
        return f"{key}={shown(repr(value))}: is text, which ${{oc.decode:…}} reads; must be {expected(path)}"
    return f"{key}={shown(value)}: must be {expected(path)}"


def _check_accuracy(config: Config, task: Task) -> None:
    pruning, weights = config.pruning, config.training.class_weights
    if task.loss == "squared_error" and weights is not None:
        raise UserError(
            f"training.class_weights={weights}: the outputs of {task.name} are numbers, not classes; must be null"
        )
    if task.loss == "squared_error" and pruning.accuracy_by != "auto":
        raise UserError(
            f"pruning.accuracy_by={pruning.accuracy_by}: the outputs of {task.name} are numbers; must be auto, "
            "the share of their variance that is explained"
        )
    threshold, drop = pruning.accuracy_threshold, pruning.accuracy_drop
    if (threshold is None) == (drop is None):
        found = f"pruning.accuracy_threshold={typed(threshold)} and pruning.accuracy_drop={typed(drop)}"
        raise UserError(f"{found}: one of them must be a number from 0 to 1, the other null")


def _check_functions(config: Config) -> None:
    ways = (config.pruning, *(config.pruning.variants or ()))
    for phase, each in ((phase, getattr(way, phase)) for way in ways for phase in ("unit", "edge")):
        _check_function(("pruning", phase, "criterion"), each.criterion, each.known)
    _check_function(("analysis", "reader"), config.analysis.reader, READERS)


def _check_function(path: Sequence[str], name: str, known: Sequence[str]) -> None:
    problem = None if name in known else _import_problem(name)
    if problem:
        raise UserError(f"{'.'.join(path)}={shown(name)}: {problem}; must be {expected(path)}")


def with_analysis(config: Config, changes: Mapping[str, Any]) -> Config:
    """Change settings of the section ``analysis`` of a configuration that is otherwise as it was checked.

    Raises:
        UserError: at the first value that is not allowed, as :func:`load`.
    """
    values = config.model_dump(mode="json")
    changed = _validated({**values, "analysis": {**values["analysis"], **changes}}).analysis
    _check_function(("analysis", "reader"), changed.reader, READERS)
    return config.model_copy(update={"analysis": changed})


def _import_problem(path: str) -> str | None:
    """Import a function by its path; return what went wrong, on one line."""
    module, _, name = path.rpartition(".")
    try:
        function = getattr(importlib.import_module(module), name)
    except BaseException as error:  # importing runs the user's code, which may raise anything
        if not is_failure(error):
            raise
        return f"cannot be imported ({type(error).__name__}: {shown(on_one_line(error))})"
    return None if callable(function) else "is not a function"


def _check_arch(arch: ArchConfig, task: Task) -> None:
    if arch.name in ARCHITECTURES:
        wanted, given = ARCHITECTURES[arch.name], {*arch.model_dump()} - {"name"}
        if other := sorted(given - {*wanted}):
            raise UserError(f"arch.{other[0]}: unknown key; arch.name={arch.name} has {', '.join(wanted)}")
        if missing := [name for name in wanted if name not in given]:
            raise UserError(f"arch.{missing[0]}: missing key; it must be {expected(('arch', missing[0]))}")
    elif problem := _import_problem(arch.name):
        raise UserError(f"arch.name={shown(arch.name)}: {problem}; must be {expected(('arch', 'name'))}")
    hidden = arch.hidden
    for number, width in enumerate(hidden, start=1):
        if width < task.min_width():
            raise UserError(
                f"arch.hidden={shown(hidden)}: layer {number} has {width} unit{'s'[: width > 1]}, {task.name} "
                f"needs at least {task.min_width()} in every hidden layer (one for each separate module)"
            )


def _with_paper_settings(training: TrainingConfig, arch: ArchConfig, task: Task) -> TrainingConfig:
    chosen = {"lr": training.lr, "batch_size": training.batch_size, "epochs": training.epochs}
    given = [name for name, value in chosen.items() if value is not None]
    if len(given) == len(chosen):
        return training
    if arch.name != "mlp":
        null = next(name for name in chosen if name not in given)
        raise UserError(f"training.{null}=null: the paper has no values for arch.name={arch.name}; must be a number")
    layers = (task.n_inputs, *arch.hidden, task.n_outputs)
    known = {name: value for name, value in task.parameters.items() if name in PARAMETERS and isinstance(value, int)}
    settings = paper_settings(task.name, known, layers)
    if settings is None:
        settings, message = nearest_settings(task.name, known, layers)
        level = logging.WARNING if is_task_of_paper(task.name) else logging.INFO
        _log_once(level, message + (f", {' and '.join(given)} as given" if given else ""))
    return training.model_copy(update={name: getattr(settings, name) for name in chosen if name not in given})
