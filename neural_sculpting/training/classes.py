"""The classes that outputs name: 0 or 1 for an output by itself, one of k for a group of k outputs."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import one_hot as encoded

from neural_sculpting.networks.layout import Targets


def sizes_of(outputs: int, one_hot: Sequence[int]) -> list[int]:
    """Return the sizes of consecutive groups of outputs: ``one_hot``, or groups of one where it is empty."""
    return list(one_hot) or [1] * outputs


def classes_of(values: Tensor, one_hot: Sequence[int], above: float) -> Tensor:
    """Return the class that each group of outputs names, ``(…, output)`` → ``(…, group)``.

    A group names its largest output, an output by itself 1 if it is above a number: 0 for logits, 0.5 for targets.
    """
    if not any(size > 1 for size in one_hot):
        return (values > above).long()
    groups = values.split(list(one_hot), dim=-1)
    named = [group.argmax(dim=-1) if group.shape[-1] > 1 else (group[..., 0] > above).long() for group in groups]
    return torch.stack(named, dim=-1)


def count_classes(classes: Tensor, one_hot: Sequence[int], of: Tensor | None = None) -> Tensor:
    """Count the rows of each class, ``(…, row, group)`` → ``(…, group, class)``; groups may have fewer classes.

    Args:
        classes: of each row and group.
        one_hot: the sizes of the groups.
        of: which rows and groups count; all by default.
    """
    rows = encoded(classes, max((2, *one_hot)))
    return (rows if of is None else rows * of.unsqueeze(-1)).sum(dim=-3)


def class_counts(targets: Targets, one_hot: Sequence[int]) -> Tensor:
    """Count the rows of each class in targets, ``(group, class)``."""
    return count_classes(classes_of(targets, one_hot, above=0.5), one_hot)
