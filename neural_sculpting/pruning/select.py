"""Which elements an attempt removes: those at or below a percentile of their scores."""

import torch

from neural_sculpting.networks.layout import Chosen, Scores, Values


def percentile(scores: Scores, percent: Values) -> Values:
    """Compute a percentile of each network's scores by linear interpolation, exactly as ``numpy.percentile``."""
    ordered = scores.double().sort(dim=1).values
    position = (scores.shape[1] - 1) * (percent / 100)
    below = position.floor().long().unsqueeze(1)
    above = position.ceil().long().unsqueeze(1)
    low, high = ordered.gather(1, below).squeeze(1), ordered.gather(1, above).squeeze(1)
    fraction, distance = position - position.floor(), high - low
    # numpy's own operations, each rounded by itself: torch.lerp rounds the end of a tensor differently from its middle.
    return torch.where(fraction < 0.5, low + distance * fraction, high - distance * (1 - fraction))


def at_or_below(scores: Scores, percent: Values) -> Chosen:
    """Choose the elements with a score at or below the percentile; equal scores go together."""
    return scores <= percentile(scores, percent).unsqueeze(1)
