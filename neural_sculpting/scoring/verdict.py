"""One network, judged: its hierarchy, and whether that is the expected one."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx

from neural_sculpting.analysis import Hierarchy, analyse
from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.scoring.success import Success, score
from neural_sculpting.sculpting import SculptedNetworks

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verdict:
    """What was found in one network.

    Attributes:
        hierarchy: None where the analysis failed.
        success: likewise, and where no hierarchy is expected.
        reason: why it failed, else empty.
    """

    hierarchy: Hierarchy | None
    success: Success | None
    reason: str = ""


def judge_all(sculpted: SculptedNetworks, expected: nx.DiGraph | None, **settings: Any) -> list[Verdict]:
    """Judge every network of a batch; those with equal masks are analyzed once and share their verdict.

    Args:
        sculpted: the batch.
        expected: the true hierarchy; None where it is not known.
        **settings: as for :func:`judge`.
    """
    known: dict[bytes, Verdict] = {}
    verdicts = []
    for network, packed in enumerate(sculpted.networks.masks):
        key = packed.tobytes()
        if key not in known:
            known[key] = judge(sculpted.masks_of(network), expected, **settings)
        verdicts.append(known[key])
    return verdicts


def judge(
    masks: Sequence[BoolArray],
    expected: nx.DiGraph | None,
    *,
    hops: int | None,
    modularity_threshold: float,
    merging_threshold: float,
    inputs_may_go: bool = False,
) -> Verdict:
    """Find the hierarchy of one network and compare it with the expected one.

    An error in one network costs that network only: it becomes the reason of its failure.
    """
    try:
        hierarchy = analyse(
            masks, hops=hops, modularity_threshold=modularity_threshold, merging_threshold=merging_threshold
        )
        if expected is None:
            return Verdict(hierarchy, None)
        return Verdict(hierarchy, score(masks, hierarchy, expected, inputs_may_go=inputs_may_go))
    except Exception as error:
        log.exception("the analysis of a network failed")
        return Verdict(None, None, f"{type(error).__name__}: {error}")
