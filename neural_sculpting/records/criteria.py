"""The criteria of success, and the ways to select a trial's network: their keys and names.

A new criterion is a function in :mod:`~neural_sculpting.scoring.success` and a line here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from neural_sculpting.errors import UserError
from neural_sculpting.scoring.success import (
    Comparison,
    exact,
    hidden_unit_separability,
    input_agreement,
    input_separability,
    middle_layer_separability,
    output_sub_functions,
    refines,
    relation,
)
from neural_sculpting.tasks import Task


@dataclass(frozen=True)
class Criterion:
    """One respect in which a hierarchy can be as expected.

    Attributes:
        heading: above its column on the terminal.
        label: a word or two, where there is more room.
        meaning: what is true where it is met.
        is_met: whether it is met.
        always: whether it applies to every task whose hierarchy is known; else it applies to those whose graph asks for
            it in ``extra_criteria``.
        on_terminal: whether it has a column there, where there is room.
        title: of a table or figure about it.
    """

    heading: str
    label: str
    meaning: str
    is_met: Callable[[Comparison], bool]
    always: bool = True
    on_terminal: bool = True
    title: str = ""


CRITERIA = {
    "exact": Criterion(
        *("success", "Hierarchy", "the modules, their inputs and outputs, and what they use are all as expected"),
        exact,
        title="exactly the expected hierarchy",
    ),
    "relation": Criterion(
        *("relation", "Relation", "the inputs are divided as expected, and each block reaches the expected outputs"),
        relation,
        title="the expected relation of inputs and outputs",
    ),
    "refines": Criterion(
        *("refines", "Refinement", "the relation is the expected one, or finer blocks of inputs are joined to it"),
        refines,
        on_terminal=False,
        title="the expected relation or a finer one",
    ),
    "input_separability": Criterion(
        *("inputs", "Inputs", "the inputs are divided among the modules as expected"),
        input_separability,
        title="inputs divided as expected",
    ),
    "output_sub_functions": Criterion(
        *("outputs", "Outputs", "the outputs are divided among the modules as expected"),
        output_sub_functions,
        title="outputs divided as expected",
    ),
    "hidden_unit_separability": Criterion(
        *("hidden", "Hidden units", "no hidden unit serves outputs of two sub-functions"),
        *(hidden_unit_separability, False),
        title="hidden units that serve one sub-function each",
    ),
    "middle_layer_separability": Criterion(
        *("middle", "Middle modules", "the modules in the middle are divided by output"),
        *(middle_layer_separability, False),
        title="the middle divided by output",
    ),
}
"""By the column that records whether each is met."""

RULES = {"strict": "", "any_tie": "_any_tie"}
"""How ties between equally sparse networks count, and the ending of the columns of criteria."""

SELECTIONS: Mapping[str, tuple[str, str]] = {
    "sparsest": ("Sparsest", "the network with the fewest edges"),
    "consensus": ("Consensus", "the hierarchy that most of the sparse networks agree on"),
    "simplest": ("Simplest", "the smallest hierarchy among the sparse networks"),
    "finest": ("Finest", "the hierarchy with the most modules, where the reader confirms them"),
}
"""The ways to select a trial's network: a name for each, and what it selects."""

ORACLE = "among"
"""The column that records whether any network of a trial is exact."""


@dataclass(frozen=True)
class Success:
    """Which criteria one network meets, and how far its inputs are divided as expected (``input_agreement``)."""

    met: Mapping[str, bool]
    input_agreement: float


def score(compared: Comparison) -> Success:
    """Score the hierarchy of a network by all criteria."""
    met = {key: criterion.is_met(compared) for key, criterion in CRITERIA.items()}
    return Success(met, input_agreement(compared))


def criteria_of(task: Task) -> list[str]:
    """List the criteria that apply to a task; none where its hierarchy is not known.

    Raises:
        UserError: if its graph asks for one that does not exist.
    """
    if task.graph is None:
        return []
    asked = task.graph.extra_criteria
    if unknown := [key for key in asked if key not in CRITERIA]:
        raise UserError(f"extra_criteria={unknown[0]}: no such criterion; there are {', '.join(CRITERIA)}")
    return [key for key, criterion in CRITERIA.items() if criterion.always or key in asked]
