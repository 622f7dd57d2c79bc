"""Which elements an attempt removes: those at or below a percentile of their scores, or a single one by its rank."""

import numpy as np
import torch

from neural_sculpting.networks.layout import Chosen, Numbers, Scores, Values


def percentile(scores: Scores, percent: Values) -> Values:
    """Compute a percentile of each network's scores by linear interpolation, exactly as ``numpy.percentile``."""
    ordered = _sorted(scores.detach())
    position = (scores.shape[1] - 1) * (percent / 100)
    below = position.floor().long().unsqueeze(1)
    above = position.ceil().long().unsqueeze(1)
    low, high = (ordered.gather(1, index).squeeze(1).double() for index in (below, above))
    fraction, distance = position - position.floor(), high - low
    # numpy's own operations, each rounded by itself: torch.lerp rounds the end of a tensor differently from its middle.
    return torch.where(fraction < 0.5, low + distance * fraction, high - distance * (1 - fraction))


def _sorted(scores: Scores) -> Scores:
    """Sort the scores of each network. On a CPU with numpy, which sorts by vectors: ten times as fast as torch."""
    if scores.device.type == "cpu" and scores.dtype == torch.float32:
        return torch.from_numpy(np.sort(scores.numpy(), axis=1))
    return scores.sort(dim=1).values


def at_or_below(scores: Scores, percent: Values) -> Chosen:
    """Choose the elements with a score at or below the percentile; equal scores go together."""
    return scores <= percentile(scores, percent).unsqueeze(1)


def by_rank(scores: Scores, kept: Chosen, rank: Numbers) -> Chosen:
    """Choose one of the elements that each network has kept: rank 0 has the lowest score; the first of equal ones."""
    order = scores.where(kept, torch.inf).argsort(dim=1, stable=True)
    return torch.zeros_like(kept).scatter_(1, order.gather(1, rank.unsqueeze(1)), True) & kept
