"""One network, judged: its hierarchy, and whether that is the expected one."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx

from neural_sculpting.analysis import Hierarchy, analyse
from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.scoring.success import Success, score

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verdict:
    """What was found in one network.

    Attributes:
        hierarchy: None where the analysis failed.
        success: likewise.
        reason: why it failed, else empty.
    """

    hierarchy: Hierarchy | None
    success: Success | None
    reason: str = ""


def judge(
    masks: Sequence[BoolArray],
    expected: nx.DiGraph,
    *,
    hops: int | None,
    modularity_threshold: float,
    merging_threshold: float,
) -> Verdict:
    """Find the hierarchy of one network and compare it with the expected one.

    An error in one network costs that network only: it becomes the reason of its failure.
    """
    try:
        hierarchy = analyse(
            masks, hops=hops, modularity_threshold=modularity_threshold, merging_threshold=merging_threshold
        )
        return Verdict(hierarchy, score(masks, hierarchy, expected))
    except Exception as error:
        log.exception("the analysis of a network failed")
        return Verdict(None, None, f"{type(error).__name__}: {error}")
