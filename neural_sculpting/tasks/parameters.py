"""What the parameters of a task may be: annotated on each, checked before any work starts."""

import importlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neural_sculpting.errors import UserError, closest, did_you_mean
from neural_sculpting.user_code import is_failure

_ACCURACIES = ("accuracy", "test_bit_accuracy", "test_example_accuracy", "test_balanced_accuracy")
_SEPARABILITY = ("input_separability", "hidden_unit_separability", "middle_layer_separability")
_CRITERIA = ("exact", "relation", "refines", "output_sub_functions", *_SEPARABILITY)
TAKEN = {
    *("name", "job", "task", "layers", "hidden_layers", "seed", "lr", "batch_size", "epochs"),
    *("phases", "variant", "unit_step", "edge_step", "unit_rounds", "edge_rounds", "seconds"),
    *("status", "reason", "loss", *_ACCURACIES),
    *(f"{of}_{each}" for each in _ACCURACIES for of in ("dense", "majority")),
    *("loaded_accuracy", "loaded_example_accuracy", "fallen_outputs", "reopened_edges", "started_in"),
    *("constant_outputs", "engine", "reader", "longer_bit_accuracy", "stray_path_share", "stray_unit_share"),
    *("edges", "density", "units", "modules", "hierarchy", "hierarchy_size"),
    *(*_CRITERIA, *(f"{each}_any_tie" for each in _CRITERIA), "input_agreement"),
    *("selection", "network", "ties", "window_share", "among", "lost"),
    *("criterion", "successes", "trials", "rate", "low", "high"),
    *("ceiling_exact", "ceiling_relation", "ceiling_refines"),
    *("learned", "agreement", "agreement_low", "agreement_high", "confidence", "alternatives", "answer_source"),
    "null_rewired_rate",
    *("lesion_score", "lesion_low", "lesion_high", "random_lesion_score"),
    *("stability_inputs", "stability_inputs_low", "stability_inputs_high", "stability_reach"),
}
"""Columns of the tables of results, which tests compare with this list. Parameters get columns there too, so that none
may have one of these names. The tables themselves are built far above this file."""


NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
CONSTANTS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class Between:
    """The range of an integer parameter, both ends included: ``uses: Annotated[int, Between(1, 64)]``."""

    lowest: int
    highest: int

    def __contains__(self, value: object) -> bool:
        return type(value) is int and self.lowest <= value <= self.highest  # True is no number here

    def __str__(self) -> str:
        return f"an integer from {self.lowest} to {self.highest}"


@dataclass(frozen=True)
class Share:
    """The range of a share, both ends included: ``test_share: Annotated[float, Share(lowest=0.0, highest=0.9)]``."""

    lowest: float
    highest: float

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and self.lowest <= value <= self.highest

    def __str__(self) -> str:
        return f"a number from {self.lowest:g} to {self.highest:g}"


@dataclass(frozen=True)
class Text:
    """A parameter that is text, with its meaning: ``source: Annotated[str, Text("a folder of images")]``.

    Any text that is not blank is allowed; other problems are found when the task is built.
    """

    description: str

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and bool(value.strip())

    def __str__(self) -> str:
        return self.description


@dataclass(frozen=True)
class File(Text):
    """The path of a file, or of a folder of files, that the task is read from: ``Annotated[str, File("a CSV file")]``.

    If the file changes, the task is built again.
    """

    def version(self, value: object) -> object:
        """Return when each file was last modified, in nanoseconds, and its size in bytes; None if there is none."""
        try:
            path = Path(str(value)).expanduser()
            files = sorted(path.iterdir()) if path.is_dir() else [path]
            return tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in files)
        except (OSError, RuntimeError, ValueError):  # no such file, no such home folder, no path at all
            return None


@dataclass(frozen=True)
class ImportPath(Text):
    """The import path of an object in your own module: ``Annotated[str, ImportPath("such as my_module.graph")]``.

    If it is defined again, or its module is reloaded, the task is built again.
    """

    def version(self, value: object) -> object:
        """Return the imported object, compared by identity; None if it cannot be imported."""
        try:
            return _Identity(self.load(str(value)))
        except BaseException as error:  # importing runs the user's code; building the task reports what it raises
            if not is_failure(error):
                raise
            return None

    def load(self, value: str) -> Any:
        """Import the object; this runs the code of its module, which may raise anything, or exit."""
        module, _, name = value.rpartition(".")
        return getattr(importlib.import_module(module), name)


class _Identity:
    """Compares an object by identity, and keeps it alive so that no other one gets its address."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and other._value is self._value

    def __hash__(self) -> int:
        return id(self._value)


class OneOf:
    """A choice: ``missing: Annotated[str, OneOf("error", "drop")]``."""

    def __init__(self, *choices: str) -> None:
        self.choices = choices

    def __contains__(self, value: object) -> bool:
        return value in self.choices

    def __str__(self) -> str:
        return f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"


@dataclass(frozen=True)
class Names:
    """A list of names, which may be empty: ``outputs: Annotated[tuple[str, ...], Names("columns")]``."""

    description: str

    def as_tuple(self, value: object) -> object:
        """Convert a single name or null to a tuple, and numbers to names."""
        if value is None:
            return ()
        names = value if isinstance(value, tuple) else (value,)
        return tuple(str(name) if isinstance(name, int) and not isinstance(name, bool) else name for name in names)

    def __contains__(self, value: object) -> bool:
        return isinstance(value, tuple) and all(isinstance(name, str) and name.strip() for name in value)

    def __str__(self) -> str:
        return f"a list of {self.description}, such as [a, b]"


Allowed = Between | Text | Share | OneOf | Names
ParameterValue = int | float | str | tuple[str, ...]
"""Values of parameters; a list of names is a tuple."""


def allowed_by(task: str, parameter: str, annotation: object) -> Allowed:
    """Return the one range or description in the type hint of a parameter, after checking its name."""
    if parameter in TAKEN:
        raise UserError(f"task {task}: parameter {parameter} has the name of a column of results; give it another")
    stated = [extra for extra in getattr(annotation, "__metadata__", ()) if isinstance(extra, Allowed)]
    if len(stated) != 1:
        examples = f'{parameter}: Annotated[int, Between(1, 8)] or Annotated[str, Text("a folder of images")]'
        raise UserError(f"task {task}: parameter {parameter} must state its range, such as {examples}")
    return stated[0]


def value_of_text(text: str) -> int | float | bool | str | None:
    """Return the number, ``true``, ``false`` or ``null`` that is written in a text; of any other the text itself."""
    plain = text.strip()
    if plain in CONSTANTS:
        return CONSTANTS[plain]
    if not NUMBER.fullmatch(plain):
        return text
    return int(plain) if plain.lstrip("+-").isdigit() else float(plain)


def checked_values(
    task: str, allowed: Mapping[str, Allowed], parameters: Mapping[str, object], others: Collection[str] = ()
) -> dict[str, Any]:
    """Check the parameters and return them as tasks take them, lists as tuples; an unknown one may mean ``others``."""
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in parameters.items()}
    for key in values:
        if key not in allowed:
            known = f"allows {', '.join(allowed)}" if allowed else "has no parameters"
            meant = did_you_mean(closest(key, [*allowed, *others]))
            raise UserError(f"task.{key}: unknown key{meant}; task {task} {known}")
    for key, kind in allowed.items():
        if isinstance(kind, Names) and key in values:
            values[key] = kind.as_tuple(values[key])
        value = values.get(key)
        if isinstance(value, str) and value not in kind and value_of_text(value) in kind:
            values[key] = value = value_of_text(value)
        if value is None:
            raise UserError(f"task.{key}: missing; task {task} needs {kind}")
        if value not in kind:
            shown = list(value) if isinstance(value, tuple) else value
            raise UserError(f"task.{key}={shown!r}: must be {kind}")
    return values
