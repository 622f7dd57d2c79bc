"""Rows are the truth: what is kept of a group, from which all tables and pictures are made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neural_sculpting.analysis import Hierarchy, condense, hierarchy_from_graph
from neural_sculpting.analysis.readers import Examples, Reading
from neural_sculpting.analysis.readers.registry import asks_for, reader_named
from neural_sculpting.config.schemas import Config
from neural_sculpting.decomposition.decomposition import Decomposition
from neural_sculpting.networks.architecture import Architecture, Pattern, split_edges
from neural_sculpting.networks.matrices import MatrixArchitecture
from neural_sculpting.networks.packed import PackedNetworks
from neural_sculpting.pruning.allowance import lowest_accepted
from neural_sculpting.records.ceilings import ceiling_of
from neural_sculpting.records.columns import graphs_of, network_rows, readings_of
from neural_sculpting.records.criteria import CRITERIA
from neural_sculpting.records.readings import AboutTask, examples_of
from neural_sculpting.records.verdicts import Verdict
from neural_sculpting.scoring.labels import Labels, labels_of, naming_note
from neural_sculpting.scoring.selection import select
from neural_sculpting.sculpting import SculptedNetworks
from neural_sculpting.sculpting.loaded import LoadedAccuracy
from neural_sculpting.tasks import Task
from neural_sculpting.tasks.tables.codebook import ColumnCode

FEW_PARAMETERS = 2**24
"""Bytes of remaining parameters up to which a group keeps those of all its networks; some readers ask for functions.

10,000 networks of a Boolean search have 1 to 4 MB. Those of a search with images may have hundreds, and every report
would read them.
"""


MOST_ROWS = 1000
"""Examples that a group keeps for readers."""

MOST_AVERAGED = 256
"""Of these, those that attention is averaged over."""


Null = Callable[[Sequence[NDArray[np.bool_]], int], Sequence[NDArray[np.bool_]]]
"""From the masks of weight matrices and a seed to other masks."""


@dataclass(frozen=True)
class GroupRecord:
    """What is kept of a group.

    Attributes:
        config: the configuration of the group; its own seed has no meaning.
        networks: one row for each sculpted network.
        trials: one row for each trial and selection; ``network`` is the row of ``networks`` that it selects.
        history: one row for each network and attempt.
        packed: the masks of all networks, and the parameters of all or of the selected ones, see :func:`to_keep`.
        graphs: the hierarchy of each network, None where the analysis failed.
        readings: likewise with the evidence, the alternatives and what is undetermined; empty if no network has any.
        seconds: wall time of sculpting.
        image_shape: (height, width) of each of the images whose pixels are the inputs; None for other inputs.
        details: parameters of the task that are left out of its title.
        expected: the hierarchy that counts as success; None where it is not known.
        start: that of the sculpted network from which all trials start; None where they start from others.
        ignore_pruned_inputs: whether inputs may be pruned without harm to success.
        input_names: of the task's inputs, in their order; empty where they are numbered.
        output_names: likewise of its outputs.
        input_encoding: how the columns of a table became the inputs; empty for other tasks.
        output_encoding: likewise the outputs.
        inputs_are_bits: whether all inputs of the task are 0 or 1.
        outputs_are_bits: likewise of its targets.
        one_hot_inputs: the sizes of groups of inputs of which exactly one is 1, as for
            :class:`~neural_sculpting.tasks.base.TaskContent`; empty in records that are older than it.
        one_hot: likewise of outputs.
        set_sizes: the rows of the training, validation and test examples; of the training examples alone where these
            also validate and there is no test; empty in records that are older than it.
        examples_sha256: of the task's examples; None in records that are older than it.
        engine: that trained the networks.
        example_rows: inputs of some training examples, ``(rows, inputs)``: functions of measured inputs are asked
            around them, and what bits give there has been seen. None for images and whole truth tables, and where the
            reader does not ask for examples.
        example_targets: their targets, ``(rows, outputs)``; None in records that are older than this, too.
        ceiling: what the examples say about the hierarchy without a network; None where that is not known.
        nulls: networks that learned the labels permuted among the rows, a row for each trial and each answer, see
            :func:`~neural_sculpting.records.nulls.rows_of_permuted`; empty where none were asked for.
        about: the content of ``group.json``, with what made the results; empty unless the record was read from a file.
    """

    config: Config
    networks: pd.DataFrame
    trials: pd.DataFrame
    history: pd.DataFrame
    packed: PackedNetworks
    graphs: list[nx.DiGraph | None]
    seconds: float
    image_shape: tuple[int, int] | None = None
    details: tuple[str, ...] = ()
    expected: nx.DiGraph | None = None
    start: nx.DiGraph | None = None
    ignore_pruned_inputs: bool = False
    input_names: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()
    input_encoding: tuple[ColumnCode, ...] = ()
    output_encoding: tuple[ColumnCode, ...] = ()
    inputs_are_bits: bool = False
    outputs_are_bits: bool = True
    one_hot_inputs: tuple[int, ...] = ()
    one_hot: tuple[int, ...] = ()
    set_sizes: tuple[int, ...] = ()
    examples_sha256: str | None = None
    engine: str = "torch"
    readings: list[Reading | None] = field(default_factory=list)
    example_rows: NDArray[np.float32] | None = None
    example_targets: NDArray[np.float32] | None = None
    ceiling: Decomposition | None = None
    nulls: pd.DataFrame = field(default_factory=pd.DataFrame)
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def layout(self) -> Architecture:
        """The shape of the networks."""
        return self.packed.layout

    def lowest_accepted(self, dense: Any) -> Any:
        """Compute the lowest accuracy that pruning accepts without a threshold, of that of the dense network."""
        pruning, rows = self.config.pruning, (self.set_sizes[:2] or (0,))[-1]
        allowed = (pruning.accuracy_drop, pruning.standard_errors)
        return lowest_accepted(dense, *allowed, rows, of_variance=not self.outputs_are_bits)

    @property
    def labels(self) -> Labels:
        """How the inputs and outputs of the task are named."""
        return labels_of(self.image_shape, self.input_names, self.output_names)

    @property
    def naming_note(self) -> str:
        """What names such as ``color=red`` mean; empty without any."""
        return naming_note((*self.output_names, *self.input_names), self.one_hot_inputs)

    @property
    def about_units(self) -> tuple[Sequence[str], Sequence[str], Sequence[int], Mapping[str, str]]:
        """What formulas are written with: names of inputs and outputs, groups of inputs, and names of negated inputs.

        If a column has two values, the negation of its input is the other one: ``sex=female`` for ``~sex=male``.
        """
        others = {column.units[0]: column.other_name for column in self.input_encoding}
        negations = {name: other for name, other in others.items() if other and other not in self.input_names}
        return self.input_names, self.output_names, self.one_hot_inputs, negations

    @cached_property
    def about_task(self) -> AboutTask:
        """What readers may know of the task, with the stored rows as its examples."""
        rows: NDArray[np.floating] | None = self.example_rows
        targets: NDArray[np.floating] | None = self.example_targets
        if isinstance(self.layout, MatrixArchitecture) and rows is not None:
            return AboutTask.about_units(self.layout, rows, targets, self.outputs_are_bits, self.one_hot)
        if rows is None and not (self.inputs_are_bits and self.outputs_are_bits):
            return AboutTask(None, self.outputs_are_bits, self.one_hot)
        if rows is None:
            rows, targets = np.zeros((0, self.layout.inputs)), np.zeros((0, self.layout.layers[-1]))
        known = None if targets is None else targets.astype(np.float64)
        examples = Examples(
            rows.astype(np.float64), known, self.inputs_are_bits, self.outputs_are_bits, self.one_hot_inputs
        )
        return AboutTask(examples, self.outputs_are_bits, self.one_hot)

    @property
    def selected(self) -> NDArray[np.int64]:
        """The networks that some selection chose, ``(selected,)``, in ascending order."""
        return np.unique(self.trials["network"].to_numpy(dtype=np.int64))

    @property
    def selected_trials(self) -> pd.DataFrame:
        """One row for each trial: the rows of the selection that the configuration asks for."""
        asked = self.trials["selection"] == self.config.selection
        return self.trials[asked if asked.any() else self.trials["selection"] == "sparsest"]

    def masks_of(self, network: int) -> list[NDArray[np.bool_]]:
        """The masks of one network, ``(fan_in, fan_out)`` for each weight layer."""
        return self.packed.masks_of(network)

    def masks_under(self, network: int, null: Null, seed: int) -> list[NDArray[np.bool_]]:
        """The masks of one network as :meth:`masks_of`, after a null model has replaced those of its weight matrices.

        What is connected for good, such as the two ends of a skip, stays.
        """
        matrices = split_edges(self.packed.edges_of(network), self.layout)
        return self.layout.stage_masks(np.concatenate([each.ravel() for each in null(matrices, seed)]))

    def hierarchy_of(self, network: int) -> Hierarchy:
        """The modules of one network; their clusters are not stored.

        Raises:
            ValueError: if its analysis failed.
        """
        graph = self.graphs[network]
        if graph is None:
            raise ValueError(f"network {network}: its analysis failed")
        return hierarchy_from_graph(graph, self.layout.layers)

    def patterns_of(self, network: int) -> Sequence[Pattern]:
        """What the units of one network look for: attention of heads, filters of channels; none of perceptrons.

        Raises:
            ValueError: if only its masks are stored.
        """
        if not self.layout.nodes:
            return ()
        rows = np.zeros((0, 0), dtype=np.float32) if self.example_rows is None else self.example_rows
        return self.layout.patterns(self.packed.parameters_of(network), rows[:: -(-len(rows) // MOST_AVERAGED) or 1])

    def knows_units_of(self, network: int) -> bool:
        """Whether each hidden unit that condensing keeps is in a module of the network's hierarchy."""
        graph = self.graphs[network]
        if graph is None:
            return False
        named = {unit for _, units in graph.nodes(data="units", default=()) for unit in units}
        _, *hidden, _ = condense(self.masks_of(network))
        return all((layer, unit) in named for layer, of in enumerate(hidden, 1) for unit in np.flatnonzero(of).tolist())


def record_group(
    config: Config,
    task: Task,
    sculpted: SculptedNetworks,
    verdicts: Sequence[Verdict],
    jobs: Sequence[int],
    loaded: LoadedAccuracy | None = None,
) -> GroupRecord:
    """Record a group, with a verdict for each network and the number of the job of each trial."""
    networks = network_rows(config, task, sculpted, verdicts, jobs, loaded)
    trials = select_trials(networks, config)
    example_rows, example_targets = rows_to_keep(task, config.analysis.reader, sculpted.layout)
    return GroupRecord(
        config=config,
        networks=networks,
        trials=trials,
        history=sculpted.history,
        packed=to_keep(sculpted.networks, trials["network"].to_numpy(dtype=np.int64)),
        graphs=graphs_of(verdicts),
        readings=readings_of(verdicts),
        seconds=sculpted.seconds,
        image_shape=task.image_shape,
        details=task.details,
        expected=expected_of(task, sculpted.layout),
        start=None if loaded is None else loaded.network.hierarchy,
        ignore_pruned_inputs=task.ignore_pruned_inputs,
        input_names=task.input_names if sculpted.layout.by_unit else task.flat_input_names,
        output_names=task.output_names if sculpted.layout.by_unit else task.flat_output_names,
        input_encoding=task.input_encoding,
        output_encoding=task.output_encoding,
        inputs_are_bits=task.inputs_are_bits,
        outputs_are_bits=task.outputs_are_bits,
        one_hot_inputs=task.one_hot_inputs,
        one_hot=task.one_hot,
        set_sizes=task.sizes if task.training is not task.validation or task.test else task.sizes[:1],
        examples_sha256=task.sha256,
        engine=sculpted.table["engine"].iloc[0],
        example_rows=example_rows,
        example_targets=example_targets,
        ceiling=ceiling_of(task),
    )


def expected_of(task: Task, layout: Architecture) -> nx.DiGraph | None:
    """The hierarchy that counts as success in networks of some shape; None where it is not known."""
    return task.expected_hierarchy(len(layout.layers) - 2, by_unit=layout.by_unit)


def rows_to_keep(
    task: Task, reader: str, layout: Architecture
) -> tuple[NDArray[np.float32], NDArray[np.float32]] | tuple[None, None]:
    """Inputs and targets of some training examples, spread over all, for a reader that asks for them, or about units.

    Of a whole truth table none are needed.
    """
    examples = examples_of(task) if layout.by_unit or asks_for(reader_named(reader), "examples") else None
    if examples is None:
        return None, None
    if task.inputs_are_bits and task.outputs_are_bits and len(examples.inputs) == 2**task.n_inputs:
        return None, None
    assert examples.targets is not None
    rows = np.linspace(0, len(examples.inputs) - 1, min(MOST_ROWS, len(examples.inputs))).astype(np.int64)
    return examples.inputs[rows].astype(np.float32), examples.targets[rows].astype(np.float32)


def to_keep(packed: PackedNetworks, selected: NDArray[np.int64]) -> PackedNetworks:
    """Keep the parameters of all networks if they are few, else those of the selected ones alone; all masks."""
    return packed if packed.values.nbytes <= FEW_PARAMETERS else packed.with_values_of(selected)


def select_trials(networks: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Select the networks of a group's trials: a row for each trial and way of selection."""
    windows = {"consensus_window": config.consensus_window, "simplest_window": config.simplest_window}
    return select(networks, list(CRITERIA), **windows)
