"""A hierarchy as a small tree of text: a module is above those that it uses."""

from typing import Any

import networkx as nx
from rich.tree import Tree

from neural_sculpting.scoring.labels import NUMBERED, Labels, module_letters

SEEN = "(see above)"


def hierarchy_trees(graph: nx.DiGraph, labels: Labels = NUMBERED) -> list[Tree]:
    """Draw a hierarchy, one tree for each module that no other one uses.

    A line shows the outputs of a module, its letter as in the pictures, and its inputs. A module that several use
    appears below each of them, what it uses itself only below the first.

    Args:
        graph: nodes with ``inputs`` and ``outputs``, edges from the used to the using module.
        labels: how inputs and outputs are named.
    """
    return _Drawing(graph, labels).trees()


class _Drawing:
    def __init__(self, graph: nx.DiGraph, labels: Labels) -> None:
        self.graph, self.labels = graph, labels
        self.letters = module_letters(graph)
        self.drawn: set[Any] = set()

    def trees(self) -> list[Tree]:
        """A tree for each module that nothing uses, and for those that only a circle of uses leads to."""
        order = list(self.letters)
        roots = [module for module in order if not self.graph.out_degree(module)]
        return [self.tree(module) for module in [*roots, *reversed(order)] if module not in self.drawn]

    def tree(self, module: Any) -> Tree:
        """The tree below one module."""
        used = [other for other in self.letters if self.graph.has_edge(other, module) and other != module]
        again = module in self.drawn and bool(used)
        self.drawn.add(module)
        tree = Tree(f"{self.line(module)}  {SEEN}" if again else self.line(module))
        if not again:
            tree.children.extend(self.tree(other) for other in used)
        return tree

    def line(self, module: Any) -> str:
        """Outputs, letter and inputs of a module."""
        held = self.graph.nodes[module]
        parts = (self.labels.outputs(held["outputs"]), self.letters[module], self.labels.inputs(held["inputs"]))
        return "  ".join(part for part in parts if part)


def lines_of(tree: Tree) -> int:
    """How many lines a tree takes."""
    return 1 + sum(map(lines_of, tree.children))
