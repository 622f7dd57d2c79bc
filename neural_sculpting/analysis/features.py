"""Features: which units of the later layers a unit can influence."""

from collections.abc import Sequence

import numpy as np

from neural_sculpting.analysis.condense import BoolArray


def reachability_features(masks: Sequence[BoolArray], hops: int | None) -> list[BoolArray]:
    """Describe every unit by the units of later layers to which a directed path leads.

    Two units of one layer that feed the same sub-functions reach the same units: units are clustered by these vectors
    (Patil et al. 2023, section on uncovering modules).

    Args:
        masks: of kept units only.
        hops: the greatest length of a path, in edges; None for all later layers.

    Returns:
        For each layer but the last a boolean array ``(units, units of the later layers within hops)``, its columns in
        the order of the layers.

    Raises:
        ValueError: hops is below 1.
    """
    if hops is not None and hops < 1:
        raise ValueError(f"hops: at least 1 or None is needed, found {hops}")
    return [_reach(masks[layer : None if hops is None else layer + hops]) for layer in range(len(masks))]


def _reach(masks: Sequence[BoolArray]) -> BoolArray:
    """The units that the first layer of the masks reaches in all that follow."""
    reached = [masks[0]]
    for mask in masks[1:]:
        # Floats take the fast matrix product; counts of paths are only compared with zero.
        reached.append(reached[-1].astype(np.float32) @ mask.astype(np.float32) > 0)
    return np.concatenate(reached, axis=1)
