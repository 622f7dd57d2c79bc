"""From confirmed bound sets to a hierarchy: cells of inputs, modules between, outputs, and who uses whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import networkx as nx

from neural_sculpting.decomposition.bound_sets import BoundSet, BoundSets

Cell = frozenset[int]


@dataclass(frozen=True, eq=False)
class Assembly:
    """The hierarchy that some bound sets of a function form.

    Inputs are divided by the outputs that depend on them and by the bound sets that contain them. A bound set of
    several cells is a module between. An output that reads one cell alone, which nothing else reads, belongs to its
    module.

    Attributes:
        sets: the bound sets of the function.
        strong: those to assemble; no two conflict.
        shared: whether outputs that read the same two or more modules read them through a module of their own.
        apart: whether outputs of a cell that nothing else reads are modules of their own; None: if they tell apart at
            most half of its assignments.
    """

    sets: BoundSets
    strong: Collection[BoundSet]
    shared: bool = False
    apart: bool | None = None

    @cached_property
    def cells(self) -> list[Cell]:
        """The parts into which the inputs are divided, without inputs that no output depends on, in order."""
        parts: dict[tuple[object, object], set[int]] = {}
        for index, row in enumerate(self.sets.depends):
            if row.any():
                inside = frozenset(each for each in self.strong if index in each.inputs and each.whole)
                parts.setdefault((row.tobytes(), inside), set()).add(index)
        return sorted(map(frozenset, parts.values()), key=min)

    @cached_property
    def middle(self) -> list[BoundSet]:
        """The bound sets that are modules between, the smaller ones first."""
        between = [each for each in self.strong if each.inputs not in self.cells and self._covered(each.inputs)]
        return sorted(between, key=lambda each: (len(each.inputs), sorted(each.inputs), sorted(each.outputs)))

    def _covered(self, inputs: Cell) -> bool:
        return all(cell <= inputs or not cell & inputs for cell in self.cells)

    @cached_property
    def output_groups(self) -> list[frozenset[int]]:
        """The outputs, equal and opposite ones together."""
        groups: dict[int, set[int]] = {}
        for output, label in enumerate(self.sets.function.output_classes.tolist()):
            groups.setdefault(label, set()).add(output)
        return [frozenset(group) for group in groups.values()]

    def _parts_of(
        self, inputs: Cell, outputs: Collection[int], within: BoundSet | None = None
    ) -> list[BoundSet | Cell]:
        """What a module that depends on these inputs and leads to these outputs reads: modules between, and cells."""
        parts: list[BoundSet | Cell] = []
        left = set(inputs)
        for each in reversed(self.middle):
            smaller = each.inputs < inputs or (each.inputs == inputs and within is None)
            if smaller and each.outputs & frozenset(outputs) and each.inputs <= left:
                parts.append(each)
                left -= each.inputs
        return [*parts, *(cell for cell in self.cells if cell <= left)]

    @cached_property
    def graph(self) -> nx.DiGraph:
        """The hierarchy: nodes with ``inputs`` and ``outputs``; an edge leads from a module to one that uses it."""
        graph = nx.DiGraph()
        node: dict[BoundSet | Cell, int] = {}
        parts: list[BoundSet | Cell] = [*self.cells, *self.middle]
        for part in parts:
            node[part] = len(node)
            graph.add_node(node[part], inputs=tuple(sorted(part)) if isinstance(part, frozenset) else (), outputs=())
        for each in self.middle:
            graph.add_edges_from((node[part], node[each]) for part in self._parts_of(each.inputs, each.outputs, each))
        reads: dict[tuple[int, ...], list[int]] = {}
        for group in self.output_groups:
            support = self.sets.support[min(group)]
            read = tuple(node[part] for part in self._parts_of(support, group))
            name = len(graph)
            graph.add_node(name, inputs=(), outputs=tuple(sorted(group)))
            graph.add_edges_from((part, name) for part in read)
            reads.setdefault(tuple(sorted(read)), []).append(name)
        for read, names in reads.items():
            if len(read) == 1:
                self._join(graph, read[0], names)
            elif len(read) > 1 and len(names) > 1 and self.shared:
                _share(graph, read, names)
        while unread := [name for name, ends in graph.nodes(data="outputs") if not ends and not graph.out_degree(name)]:
            graph.remove_nodes_from(unread)
        return nx.convert_node_labels_to_integers(graph)

    def _join(self, graph: nx.DiGraph, cell: int, names: list[int]) -> None:
        """Give a cell the outputs that read nothing else, if nothing else reads the cell."""
        inputs = graph.nodes[cell]["inputs"]
        if not inputs or set(graph.successors(cell)) != set(names):
            return
        outputs = tuple(sorted(output for name in names for output in graph.nodes[name]["outputs"]))
        if len(names) == 1 or not self._are_apart(inputs, outputs):
            graph.remove_nodes_from(names)
            graph.nodes[cell]["outputs"] = outputs

    def _are_apart(self, inputs: Sequence[int], outputs: Sequence[int]) -> bool:
        if self.apart is not None:
            return self.apart
        values = self.sets.function.signal(inputs, outputs).values
        return 2 * values <= 1 << len(inputs)


def _share(graph: nx.DiGraph, read: Iterable[int], names: Iterable[int]) -> None:
    """Put a module between what several outputs read and these outputs."""
    module = max(graph) + 1
    graph.add_node(module, inputs=(), outputs=())
    for name in names:
        graph.remove_edges_from([(part, name) for part in read])
        graph.add_edge(module, name)
    graph.add_edges_from((part, module) for part in read)
