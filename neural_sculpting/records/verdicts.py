"""One network, judged: its hierarchy, and whether that is the expected one."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx

from neural_sculpting.analysis import Hierarchy, analyze
from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.errors import on_one_line
from neural_sculpting.records.criteria import Success, score
from neural_sculpting.scoring.success import Comparison
from neural_sculpting.sculpting import SculptedNetworks

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verdict:
    """What was found in one network.

    Attributes:
        hierarchy: None where the network failed, while it was sculpted or analyzed.
        success: likewise, and where no hierarchy is expected.
        reason: why it failed, on one line, else empty.
    """

    hierarchy: Hierarchy | None
    success: Success | None
    reason: str = ""


def judge_all(sculpted: SculptedNetworks, expected: nx.DiGraph | None, **settings: Any) -> list[Verdict]:
    """Judge every network of a batch by :func:`judge` with these settings.

    Networks with equal masks are analyzed once and share their verdict. Those that failed while they were sculpted are
    not analyzed. An error that several networks meet is logged once.
    """
    known: dict[bytes, Verdict] = {}
    logged: set[str] = set()
    verdicts = []
    for network, (packed, failure) in enumerate(zip(sculpted.networks.masks, sculpted.table["failure"], strict=True)):
        key = packed.tobytes()
        if not failure and key not in known:
            known[key] = judge(sculpted.masks_of(network), expected, logged=logged, **settings)
        verdicts.append(Verdict(None, None, failure) if failure else known[key])
    return verdicts


def judge(
    masks: Sequence[BoolArray],
    expected: nx.DiGraph | None,
    *,
    ignore_pruned_inputs: bool = False,
    logged: set[str] | None = None,
    **settings: Any,
) -> Verdict:
    """Find the hierarchy of one network and compare it with the expected one.

    An error in one network costs that network only: it becomes the reason of its failure.

    Args:
        masks: ``(fan_in, fan_out)`` for each weight layer.
        expected: the true hierarchy; None where it is not known.
        ignore_pruned_inputs: as for :class:`~neural_sculpting.scoring.success.Comparison`.
        logged: the reasons that have been logged; a new one is added.
        **settings: of :func:`~neural_sculpting.analysis.analyze`.
    """
    try:
        hierarchy = analyze(masks, **settings)
        if expected is None:
            return Verdict(hierarchy, None)
        return Verdict(hierarchy, score(Comparison(masks, hierarchy, expected, ignore_pruned_inputs)))
    except Exception as error:
        reason = f"{type(error).__name__}: {on_one_line(error)}"
        if logged is None or reason not in logged:
            log.exception("the analysis of a network failed")
        if logged is not None:
            logged.add(reason)
        return Verdict(None, None, reason)
