"""What the parameters of a task may be: stated beside each, checked before any work starts."""

from collections.abc import Mapping
from dataclasses import dataclass

from neural_sculpting.errors import UserError

_DIVISIONS = (
    "input_separability",
    "output_sub_functions",
    "hidden_unit_separability",
    "middle_layer_separability",
)
_ACCURACIES = ("accuracy", "test_bit_accuracy", "test_example_accuracy")
TAKEN = frozenset(
    (
        *("name", "job", "task", "layers", "hidden_layers", "seed", "lr", "batch_size", "epochs"),
        *(
            "unit_step",
            "edge_step",
            "status",
            "reason",
            "loss",
            *_ACCURACIES,
            *(f"dense_{each}" for each in _ACCURACIES),
        ),
        *("edges", "density", "units", "modules", "hierarchy", "hierarchy_size", "unit_rounds", "edge_rounds"),
        *("seconds", "exact", "exact_any_tie", *_DIVISIONS, *(f"{each}_any_tie" for each in _DIVISIONS)),
        *("input_agreement", "selection", "network", "ties", "confidence", "among"),
        *("criterion", "successes", "trials", "rate", "low", "high"),
    )
)
"""Names that no parameter of a task may have: they are columns of the tables of results, where each parameter gets one
of its own."""


@dataclass(frozen=True)
class Between:
    """The range of an integer parameter, both ends included: ``uses: Annotated[int, Between(1, 64)]``."""

    lowest: int
    highest: int

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, int) or isinstance(value, bool):
            return False
        return self.lowest <= value <= self.highest

    def __str__(self) -> str:
        return f"an integer from {self.lowest} to {self.highest}"


@dataclass(frozen=True)
class Text:
    """What a parameter that is text stands for: ``source: Annotated[str, Text("a folder of images")]``.

    Any text that is not blank is allowed here; what else is wrong with it comes out when the task is built.
    """

    description: str

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and bool(value.strip())

    def __str__(self) -> str:
        return self.description


Allowed = Between | Text


def allowed_by(task: str, parameter: str, annotation: object) -> Allowed:
    """Return what a registered function states about one of its parameters.

    Args:
        task: the name of the task.
        parameter: the name of the parameter.
        annotation: its type hint.

    Raises:
        UserError: if it does not state exactly one range or description, or has the name of a column of results.
    """
    if parameter in TAKEN:
        raise UserError(f"task {task}: parameter {parameter} has the name of a column of results; give it another")
    stated = [extra for extra in getattr(annotation, "__metadata__", ()) if isinstance(extra, Allowed)]
    if len(stated) != 1:
        examples = f'{parameter}: Annotated[int, Between(1, 8)] or Annotated[str, Text("a folder of images")]'
        raise UserError(f"task {task}: parameter {parameter} must state its range, such as {examples}")
    return stated[0]


def check_values(task: str, allowed: Mapping[str, Allowed], parameters: Mapping[str, object]) -> None:
    """Check that all parameters of a task are there, no other ones, and each what it may be.

    Args:
        task: the name of the task.
        allowed: what each of its parameters may be.
        parameters: what they are.

    Raises:
        UserError: at the first that is wrong; the message names its key in the configuration.
    """
    for key in parameters:
        if key not in allowed:
            known = f"allows {', '.join(allowed)}" if allowed else "has no parameters"
            raise UserError(f"task.{key}: unknown key; task {task} {known}")
    for key, values in allowed.items():
        if key not in parameters:
            raise UserError(f"task.{key}: missing; task {task} needs {values}")
        if parameters[key] not in values:
            raise UserError(f"task.{key}={parameters[key]!r}: must be {values}")
