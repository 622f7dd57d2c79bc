"""The tasks on which methods are compared, and how networks are made for them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.architectures.__main__ import SETTINGS
from experiments.random_hierarchies.__main__ import WIDTH, Shape
from neural_sculpting.config.schemas import READERS
from neural_sculpting.methods.comparison import NOT_PRUNED, Subject
from neural_sculpting.records.finished import list_groups
from neural_sculpting.records.group_files import load_group
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.tasks import build_task

SEEDS, TUNING_SEEDS, OF_IMAGES = "range(12)", "range(100,104)", "range(100,102)"
"""Of the trials that are reported, and of those on which settings are chosen: of images fewer, as they take longer."""

OURS = ("answer", "answer/rewired")
"""The hierarchy that all trials of a task support together, and likewise with rewired masks: what chance gives."""

FIRST = 3000
"""The first seed of drawn tasks; no reader and no setting was chosen on these."""

ALL_PRUNED = ("pruning=levels",)
QUIET = ("pictures=none", "report=never", "logger=none")

NOT_ASKED = ("digits_pair",)
"""Tasks whose networks are read by their masks alone, as they have too many inputs to be asked about."""


@dataclass(frozen=True)
class Case:
    """A task.

    Attributes:
        name: of its folder.
        family: of tasks that are counted together.
        overrides: the task, and the shape of the networks.
        pruning: how networks are sculpted; what the task brings if it is empty.
        seeds: of the trials.
    """

    name: str
    family: str
    overrides: tuple[str, ...]
    pruning: tuple[str, ...] = ALL_PRUNED
    seeds: str = SEEDS

    @property
    def tuned_on(self) -> str:
        """The tasks on which settings are chosen for it."""
        return "images" if self.name.startswith("digits") else "tables"

    @property
    def sweeps(self) -> dict[str, tuple[str, ...]]:
        """The overrides of the sweeps of sculpted and of dense networks."""
        dense = ("training=levels", *NOT_PRUNED) if self.pruning == ALL_PRUNED else NOT_PRUNED
        reader = "paper" if self.name in NOT_ASKED else "confirmed"
        made = {"dense": (*dense, "analysis.reader=paper"), "sculpted": (*self.pruning, f"analysis.reader={reader}")}
        return {kind: (*self.overrides, *how, f"seed={self.seeds}", *QUIET) for kind, how in made.items()}

    def kinds(self, methods: Iterable[str]) -> tuple[str, ...]:
        """Which of the sweeps methods look at."""
        asking = {"confirmed", *OURS} if self.name in NOT_ASKED else set()
        return ("dense", "sculpted") if {*methods} & {*READERS, *OURS} - asking else ("dense",)

    def subject(self, sweeps: Path, kinds: Sequence[str]) -> Subject:
        """Load the task and its networks."""
        return self.subject_of(**{kind: load_group(list_groups(sweeps / self.name / kind)[0]) for kind in kinds})

    def subject_of(self, dense: GroupRecord, sculpted: GroupRecord | None = None) -> Subject:
        """Make it of its networks."""
        of = dense.config.task
        return Subject(build_task(of.name, **of.parameters), dense, sculpted)


def perceptron(layers: int) -> str:
    """Return the shape of a perceptron with so many hidden layers."""
    return f"arch.hidden=[{','.join([str(WIDTH)] * layers)}]"


def random_case(shape: Shape, graph_seed: int, rows: float, seeds: str = SEEDS) -> Case:
    """Make a random hierarchy, of which all rows are known or some of them."""
    name = f"random_{shape.name}_{graph_seed}" + ("" if rows == 1 else f"_{rows:g}")
    settings = tuple(f"task.{key}={value}" for key, value in shape._asdict().items())
    some = () if rows == 1 else (f"task.rows={rows:g}",)
    family = f"random, depth {shape.depth}" + ("" if rows == 1 else ", half of the rows")
    overrides = ("task=random_hierarchy", *settings, "task.uses=1", f"task.graph_seed={graph_seed}", *some)
    return Case(name, family, (*overrides, perceptron(shape.hidden_layers)), seeds=seeds)


SHAPES = (Shape(1, 2, 1, 3), Shape(2, 2, 1, 4), Shape(2, 2, 2, 3), Shape(3, 2, 1, 4))
EXEMPLARS = ("boolean_sep", "boolean_reused", "boolean_sep_reused", "boolean_single", "boolean_hierarchy")
NO_STRUCTURE = ((4, 3), (5, 2), (5, 3), (6, 2), (6, 3))
DRAWN, UNSTRUCTURED = 20, 10
"""Random hierarchies, each with all and with half of its rows, and functions without structure."""


def _reported() -> Iterator[Case]:
    for task in EXEMPLARS:
        yield Case(task, "exemplars", (f"task={task}", perceptron(2)))
    for number in range(DRAWN):
        for rows in (1, 0.5):
            yield random_case(SHAPES[number % len(SHAPES)], FIRST + number, rows)
    for number in range(UNSTRUCTURED):
        inputs, outputs = NO_STRUCTURE[number % len(NO_STRUCTURE)]
        shape = (f"task.n_inputs={inputs}", f"task.n_outputs={outputs}", f"task.function_seed={FIRST + number}")
        yield Case(f"unstructured_{FIRST + number}", "no structure", ("task=unstructured", *shape, perceptron(2)))
    for task in ("streams_sep", "streams_hier", "digits_channels", "digits_pair"):
        yield Case(task, task, (f"task={task}", *SETTINGS.get(task, ())), pruning=())


CASES = tuple(_reported())

SANITY = Case("sanity_1", "sanity", ("task=boolean_sep", perceptron(1)), seeds=TUNING_SEEDS)
"""Two functions without a shared input, one hidden layer: a method that does not find these counts as crippled."""

TABLES = (SANITY, *(random_case(shape, number, 1, TUNING_SEEDS) for number, shape in enumerate(SHAPES[:3])))
IMAGES = (Case("digits_channels_100", "digits_channels", ("task=digits_channels",), (), OF_IMAGES),)
TUNING = {"tables": TABLES, "images": IMAGES}
"""Tasks on which settings are chosen: those for images on images, all others on tables."""
