"""The Python interface to the pipeline: the same configuration, checks and batches as the command line."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from operator import index
from pathlib import Path
from typing import Any

import numpy as np

from neural_sculpting.config.composing import compose, override
from neural_sculpting.config.values import MAX_SEED
from neural_sculpting.decomposition.decomposition import Decomposition
from neural_sculpting.decomposition.task_tables import MOST_SAMPLED, decompose_task
from neural_sculpting.errors import UserError, without_internals
from neural_sculpting.networks.architectures import architecture_of_trained
from neural_sculpting.pipeline import sculpt_group
from neural_sculpting.pretrained import TrainedNetwork, fitted, read_network
from neural_sculpting.records.finished import require_groups
from neural_sculpting.records.group_files import load_group
from neural_sculpting.records.starts import start_named, start_of
from neural_sculpting.results import Result
from neural_sculpting.scoring.labels import labels_of
from neural_sculpting.sculpting.loaded import report_accuracy_as_loaded
from neural_sculpting.sculpting.observers import AttemptObserver
from neural_sculpting.task_arguments import task_settings
from neural_sculpting.tasks import Graph, TaskContent, build_task, forget_tasks
from neural_sculpting.tasks.tables.frames import is_table
from neural_sculpting.trial import Trial
from neural_sculpting.views.analyzed_network import AnalyzedNetwork, analyze_network
from neural_sculpting.views.shown import shown_graphs

Table = Any
"""A pandas frame, an array (rows, columns), columns by name, or any other table that pandas or NumPy converts."""

TaskSource = str | Graph | TaskContent | Callable[..., Any] | Table
"""A task by its name; or examples in a table, a function on bits, a graph of sub-functions, or sets of examples."""

UNUSED = ("training.lr=1", "training.batch_size=1", "training.epochs=1")
"""Settings that nothing uses where nothing is trained: the paper's need not be looked up."""


@without_internals
def sculpt(
    task: TaskSource = "boolean_sep",
    y: Table | None = None,
    *,
    seeds: int | Iterable[int] = 36,
    hidden: Sequence[int] | None = None,
    network: Any = None,
    overrides: Sequence[str] | Mapping[str, object] = (),
    observer: AttemptObserver | None = None,
    **parameters: object,
) -> Result:
    """Sculpt one network for each seed, all in one batch, and find their modules and hierarchies.

    Args:
        task: the name of a task; or your own: a table of examples, whose columns ``outputs`` or ``y`` are learned as by
            the task ``table``, with its parameters; a function on bits as for
            :func:`~neural_sculpting.tasks.truth_table_of`, with the parameter ``n_inputs``; a
            :class:`~neural_sculpting.tasks.Graph`, or a :class:`~neural_sculpting.tasks.TaskContent`.
        y: the outputs where ``task`` is a table of inputs: one column, or a table. Rows go by their order.
        seeds: how many (0, 1, …), or which.
        hidden: widths of the hidden layers of a perceptron; a network that is given has its own shape.
        network: a trained one, from whose weights all trials start: a torch module, a state dict or the path of a
            file, as for :func:`~neural_sculpting.pretrained.read_network`. Trials then differ in the order of examples.
            Or a :class:`~neural_sculpting.trial.Trial`, or ``"<folder of a sweep>@<seed>"``: what the task needs of
            the pruned edges of its network comes back, and :attr:`Result.changes` says what has changed.
        overrides: further settings as on the command line, such as ``["pruning.unit.step=50"]``, or by their keys.
        observer: notified of every attempt, and given its networks if it is a
            :class:`~neural_sculpting.sculpting.observers.NetworkObserver`.
        **parameters: of the task, such as ``uses=4``, or ``path="bits.csv"`` and ``outputs=["y"]``; a ``path`` may be a
            table too.

    Raises:
        UserError: at a setting that does not exist or is out of its range, or an inconsistent task.

    Example:
        >>> result = sculpt("boolean_sep_reused", seeds=[3], hidden=[24, 24])
        >>> result.masks(seed=3)[0].shape
        (6, 24)
        >>> print(sculpt(lambda a, b, c, d: (a ^ b, c ^ d), seeds=[3, 4], n_inputs=4, hidden=[24]).consensus)
        y0  A  x0 x1
        y1  B  x2 x3
        >>> import pandas as pd
        >>> bits = pd.DataFrame({"a": [0, 0, 1, 1], "b": [0, 1, 0, 1], "both": [0, 0, 0, 1]})
        >>> print(sculpt("truth_table", path=bits, outputs=["both"], seeds=[0], hidden=[8]).consensus)
        both  A  a b
    """
    if y is not None and not is_table(task):  # where seeds were before there was y
        seeds, y = y, None
    lines = _lines(overrides)
    if any(line.startswith(("seed=", "task=", "logger", "pictures=")) for line in lines):
        raise UserError(f"overrides={overrides!r}: must be a list of settings, without seed, task, logger and pictures")
    start = None if network is None else _start_of(network)
    shape = [] if hidden is None else [f"arch.hidden={_whole_numbers('hidden', hidden)}"]
    if start is not None and hidden is None:
        kind = f"arch={start.arch['name']}"
        shape = [kind] * (not any(line.startswith("arch=") for line in lines))
        shape += [override(f"arch.{key}", value) for key, value in start.arch.items()]
    try:
        chosen = list(range(index(seeds)))  # type: ignore[arg-type]  # else they are listed
    except TypeError:
        chosen = _whole_numbers("seeds", seeds)  # type: ignore[arg-type]
    if not chosen or min(chosen) < 0 or max(chosen) > MAX_SEED:
        raise UserError(f"seeds={seeds}: must be a number, 1 or more, or a list of whole numbers from 0 to {MAX_SEED}")
    forget_tasks()  # the module of a task may have been reloaded
    config = compose([*task_settings(task, y, parameters), *shape, *lines], start)
    return Result((sculpt_group(config, chosen, start=start, observer=observer),))


@without_internals
def analyze(
    network: Any,
    task: TaskSource | None = None,
    y: Table | None = None,
    *,
    title: str = "Network",
    overrides: Sequence[str] | Mapping[str, object] = (),
    **parameters: object,
) -> AnalyzedNetwork:
    """Find the modules of a network as it is, without training or pruning it.

    Args:
        network: as for :func:`sculpt`, weights that are exactly zero being pruned; or masks, ``(fan_in, fan_out)`` for
            each weight layer.
        task: what the network was trained on, as for :func:`sculpt`: its accuracy there is measured, which shows
            whether it was read as it was meant, and inputs and outputs have the names of the task's.
        y: the outputs where ``task`` is a table of inputs.
        title: of its picture.
        overrides: settings of the analysis, such as ``"analysis.merging_threshold=0.6"``.
        **parameters: of the task.

    Returns:
        Its hierarchy and its picture, which it shows in a notebook.

    Raises:
        UserError: if the network cannot be read or does not fit the task, or a setting does not exist.

    Example:
        >>> import numpy as np
        >>> print(analyze([np.eye(2, dtype=bool), np.eye(2, dtype=bool)]).hierarchy)
        y0  A  x0
        y1  B  x1
    """
    source = network if _are_masks(network) else read_network(network)
    if task is None:
        if parameters:
            raise UserError(f"{next(iter(parameters))}: unknown argument; parameters of a task need the task")
        return analyze_network(source, compose(_lines(overrides)).analysis, title=title)
    if not isinstance(source, TrainedNetwork):
        raise UserError("task: masks alone have no accuracy on it; give the network itself")
    forget_tasks()
    config = compose([*task_settings(task, y, parameters), *UNUSED, *_lines(overrides)])
    content = build_task(config.task.name, **config.task.parameters)
    source = fitted(source, content, source.arch)
    by_unit = architecture_of_trained(source, content).by_unit
    inputs = content.input_names if by_unit else content.flat_input_names
    outputs = content.output_names if by_unit else content.flat_output_names
    return analyze_network(
        source,
        config.analysis,
        title=title,
        labels=labels_of(content.image_shape, inputs, outputs),
        image_shape=content.image_shape,
        loaded=report_accuracy_as_loaded(content, config, source),
        task=content,
    )


analyse = analyze  # its former name


@without_internals
def decompose(
    task: TaskSource, y: Table | None = None, *, rows: float | None = None, **parameters: object
) -> Decomposition:
    """Find the hierarchy that follows from a function of bits, without a network, and what it leaves open.

    Args:
        task: as for :func:`sculpt`.
        y: the outputs where ``task`` is a table of inputs.
        rows: the share of a truth table's rows to look at; None for all.
        **parameters: of the task.

    Raises:
        UserError: if it is no task, its inputs or outputs are no bits, or it has unseen rows of more than 20 inputs.

    Example:
        >>> found = decompose(lambda a, b, c, d: (a & b) ^ (c & d), n_inputs=4)
        >>> print(found.hierarchy, found.identifiable)
        y0  C
        –   A  x0 x1 → C
        –   B  x2 x3 → C unique
    """
    forget_tasks()
    given = parameters if rows is None else {**parameters, "rows": rows}
    config = compose([*task_settings(task, y, given), *UNUSED])
    content = build_task(config.task.name, **config.task.parameters)
    found = decompose_task(content)
    if found is None:
        are_bits = content.inputs_are_bits and content.outputs_are_bits
        what = f"at most {MOST_SAMPLED} if rows are unseen" if are_bits else "bits"
        raise UserError(f"task={config.task.name}: has {content.n_inputs} inputs; to be decomposed they must be {what}")
    labels = labels_of(content.image_shape, content.flat_input_names, content.flat_output_names)
    return replace(found, **shown_graphs(found, labels))


@without_internals
def load(folder: str | Path) -> Result:
    """Load the finished groups of a sweep, or what :meth:`Result.save` wrote. No code of the files is run.

    Raises:
        UserError: if there is no such folder or no finished group, or one is of another format or incomplete.
    """
    if not isinstance(folder, str | Path):
        raise UserError(f"folder: is {type(folder).__name__}; must be the path of a folder")
    return Result(tuple(load_group(path) for path in require_groups(Path(folder))))


def _start_of(network: Any) -> TrainedNetwork:
    if isinstance(network, Trial):
        return start_of(network.group, network.row)
    return start_named(network) or read_network(network)


def _are_masks(network: object) -> bool:
    return isinstance(network, list | tuple) and all(isinstance(mask, np.ndarray) for mask in network)


def _lines(overrides: Sequence[str] | Mapping[str, object]) -> list[str]:
    if isinstance(overrides, Mapping) and all(isinstance(key, str) for key in overrides):
        return [override(*item) for item in overrides.items()]
    if isinstance(overrides, list | tuple) and all(isinstance(line, str) for line in overrides):
        return list(overrides)
    raise UserError(f"overrides={overrides!r:.80}: must be a list of settings, such as ['training.epochs=20']")


def _whole_numbers(name: str, values: Iterable[int]) -> list[int]:
    try:
        if isinstance(values, str):
            raise TypeError
        return [index(value) for value in values]
    except TypeError:
        raise UserError(f"{name}={values!r}: must be a list of whole numbers") from None
