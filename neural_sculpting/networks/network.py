"""Masked multilayer perceptrons of one shape, computed at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from neural_sculpting.networks.architecture import Architecture
from neural_sculpting.networks.layout import (
    Activations,
    Chosen,
    ChosenEdges,
    Flags,
    Layout,
    Masks,
    Numbers,
    Parameters,
    Values,
    propagate,
)
from neural_sculpting.networks.stacked import Stacked

SUMMED_AT_ONCE = 2**24
"""Edges that are counted at once: a sum writes its terms out, in four bytes each, which takes half as long as eight."""

TEST_ACCURACIES = ("test_bit_accuracy", "test_example_accuracy", "test_balanced_accuracy")


@dataclass
class Networks(Stacked):
    """Stacked networks and their results at their best epoch.

    Parameters are exactly zero where their mask is false. ``accuracy`` and ``loss`` are those on the validation set,
    ``test_bit_accuracy`` the share of correct output bits on the test set (in a regression, of explained variance),
    ``test_example_accuracy`` that of entirely correct examples, ``test_balanced_accuracy`` the mean recall of
    classes; all three are NaN without a test set, the last two also in a regression.
    """

    parameters: Parameters
    masks: Masks
    accuracy: Values
    loss: Values
    test_bit_accuracy: Values
    test_example_accuracy: Values
    test_balanced_accuracy: Values

    @classmethod
    def untrained(cls, parameters: Parameters, masks: Masks | None = None) -> "Networks":
        """Create networks, dense by default, that have not been evaluated: accuracy -∞, loss ∞, test accuracies NaN."""
        infinite = torch.full((len(parameters),), torch.inf, dtype=torch.float64, device=parameters.device)
        unknown = torch.full_like(infinite, torch.nan)
        masks = torch.ones_like(parameters, dtype=torch.bool) if masks is None else masks
        return cls(parameters, masks, -infinite, infinite, *(unknown.clone() for _ in range(3)))

    def are_finite(self) -> Flags:
        """Whether parameters, accuracy and loss of each network are finite numbers."""
        # Both are NaN where a parameter is; checking every parameter, or `aminmax`, takes ten times as long.
        lowest, highest = self.parameters.amin(dim=1), self.parameters.amax(dim=1)
        return lowest.isfinite() & highest.isfinite() & self.accuracy.isfinite() & self.loss.isfinite()

    def unevaluated_where(self, chosen: Flags) -> "Networks":
        """Reset the results of the chosen networks, as if they had not been evaluated."""
        infinite, unknown = torch.full_like(self.loss, torch.inf), torch.full_like(self.loss, torch.nan)
        return replace(
            self,
            accuracy=self.accuracy.where(~chosen, -infinite),
            loss=self.loss.where(~chosen, infinite),
            **{name: getattr(self, name).where(~chosen, unknown) for name in TEST_ACCURACIES},
        )

    def with_test_accuracies(self, measured: Sequence[Values]) -> "Networks":
        """Set the accuracies on the test set: by bits, by examples and balanced, or of a regression the first alone."""
        return replace(self, **dict(zip(TEST_ACCURACIES, measured, strict=False)))

    def emptied(self) -> "Networks":
        """Keep the results, without parameters and masks."""
        nothing = self.parameters.new_empty(len(self), 0)  # a view would keep all of them in memory
        return replace(self, parameters=nothing, masks=nothing.bool())

    def without(self, edges: ChosenEdges, layout: Architecture) -> "Networks":
        """Prune the chosen edges; their weights, and the biases of units without incoming edges, become exactly 0."""
        masks = layout.with_bias_masks(self.masks[:, : layout.edges] & ~edges)
        return replace(self, parameters=self.parameters * masks, masks=masks)

    def kept_edges(self, layout: Architecture) -> Numbers:
        """Count the remaining edges of each network."""
        return count(self.masks[:, : layout.edges])

    def kept_units(self, layout: Architecture) -> Numbers:
        """Count the hidden units of each network that have an edge on each side."""
        return layout.units_kept(self.masks).sum(dim=1)


def count(chosen: Chosen) -> Numbers:
    """Count the chosen elements of each network, some networks at a time."""
    chunks = chosen.split(max(1, SUMMED_AT_ONCE // chosen.shape[1]))
    return torch.cat([chunk.sum(dim=1, dtype=torch.int32) for chunk in chunks]).long()


def forward(parameters: Parameters, layout: Layout, rows: Activations) -> list[Tensor]:
    """Run every perceptron on its own rows, ``(network, row, input)``.

    Returns:
        The activations of each hidden layer (ReLU) and then the logits, ``(network, row, unit)`` each.
    """
    return propagate(*layout.split(parameters), rows)
