"""What :func:`neural_sculpting.sculpt` takes for a task, as overrides; custom tasks are registered."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from neural_sculpting.config.composing import override
from neural_sculpting.config.keys import keys_like
from neural_sculpting.errors import UserError, closest, did_you_mean
from neural_sculpting.tasks import Graph, TaskContent, register_content, register_with, task_names, truth_table_of
from neural_sculpting.tasks.registry import find_family
from neural_sculpting.tasks.sampling import OPTIONS
from neural_sculpting.tasks.tables.frames import TableInMemory, as_frame, column_names, is_table, joined

ARGUMENTS = ("y", "seeds", "hidden", "network", "overrides")

OTHER_NAMES = {
    "seed": "seeds",
    "arch.hidden": "hidden",
    "network": "network",
    **dict.fromkeys(("target", "targets", "label", "labels"), "outputs"),
    **dict.fromkeys(("features", "feature_names"), "inputs"),
    **dict.fromkeys(("file", "filename", "data", "df", "X"), "path"),
    **dict.fromkeys(("n", "n_bits", "inputs"), "n_inputs"),
}
"""Arguments by a key of the configuration that they set, or by what other programs call them."""


def task_settings(task: Any, y: Any, parameters: Mapping[str, object]) -> list[str]:
    """Return the overrides that choose a task.

    Args:
        task: as for :func:`neural_sculpting.sculpt`.
        y: the outputs, where ``task`` is a table of inputs.
        parameters: of the task.

    Raises:
        UserError: if it is no task, or has no such parameter.
    """
    if y is not None:
        if "outputs" in parameters:
            raise UserError(f"outputs={parameters['outputs']!r:.80}: cannot be given beside y, whose columns they are")
        frame, outputs = joined(task, y)
        return task_settings("table", None, {**parameters, "path": frame, "outputs": outputs})
    if is_table(task):
        return task_settings("table", None, {**parameters, "path": as_frame(task, "X")})
    if isinstance(task, str):
        return _named(task, dict(parameters))
    if isinstance(task, Graph | TaskContent):
        _check_arguments(parameters, (), "a task that is given as an object")
        content, name = task, "own_task"
    elif callable(task):
        _check_arguments(parameters, ("n_inputs",), "a function on bits")
        if "n_inputs" not in parameters:
            raise UserError("n_inputs: missing; a function on bits needs its number of inputs")
        name = getattr(task, "__name__", "")
        name = name if name.isidentifier() else "own_function"
        content = truth_table_of(task, parameters["n_inputs"])  # type: ignore[arg-type]  # which it checks
    else:
        files = [f'"table", path={str(task)!r}'] if isinstance(task, Path) else []
        raise UserError(
            f"task={task!r:.80}: must be a name, a table, a Graph, a TaskContent or a function on bits"
            f"{did_you_mean(files)}"
        )
    register_content(name, content)
    measured = isinstance(content, TaskContent) and content.validation is not content.training
    base = "task=boolean_sep"  # which has a name and no parameters
    options = [override(f"task.{key}", value) for key, value in parameters.items() if key in OPTIONS]
    has_images = isinstance(content, TaskContent) and content.image_shape is not None
    suggested = ["pruning/accuracy=measured"] if measured and has_images else ["pruning=fast"]
    suggested += ["arch=measured", "training=measured", "pruning/accuracy=noisy"] * (measured and not has_images)
    suggested += ["analysis=confirmed"] * (not has_images)
    return [base, override("task.name", name), *options, *suggested]


def _named(task: str, parameters: dict[str, object]) -> list[str]:
    """The overrides that choose a task by its name; a table in memory may replace the path of a file."""
    if task in task_names():  # otherwise composing reports it
        _check_arguments(parameters, find_family(task).allowed, f"task {task}")
    settings = [f"task={task}"]
    if is_table(parameters.get("path")):
        register_with(f"own_{task}", task, path=TableInMemory(as_frame(parameters.pop("path"), "X")))
        # Hydra deletes no key that is null.
        settings += [override("task.name", f"own_{task}"), "task.path=0", "~task.path"]
    for key in ("inputs", "outputs"):
        if parameters.get(key) is not None:
            parameters[key] = column_names(key, parameters[key])
    return [*settings, *(override(f"task.{key}", value) for key, value in parameters.items())]


def _check_arguments(given: Mapping[str, object], allowed: Collection[str], whose: str) -> None:
    known = [*ARGUMENTS, *allowed, *OPTIONS]
    for name, value in given.items():
        if name not in known:
            takes = f"takes {', '.join(allowed)}" if allowed else "has no parameters"
            raise UserError(f"{name}: unknown argument{did_you_mean(_meant(name, value, known))}; {whose} {takes}")


def _meant(name: str, value: object, known: Sequence[str]) -> list[str]:
    """Return the arguments that an unknown one may mean, or ``overrides`` with the setting that it may mean."""
    keys = keys_like(name)
    names = [OTHER_NAMES.get(each, "") for each in (name, *keys)]
    arguments = [each for each in dict.fromkeys(names) if each in known]
    settings = [override(key, value if isinstance(value, str | int | float | list | tuple) else "…") for key in keys]
    return arguments or closest(name, known) or [f"overrides={[setting]}" for setting in settings]
