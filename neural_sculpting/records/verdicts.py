"""One network, judged: its hierarchy, and whether that is the expected one."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import networkx as nx

from neural_sculpting.analysis import Hierarchy
from neural_sculpting.analysis.condense import BoolArray
from neural_sculpting.analysis.readers import Function, Reading
from neural_sculpting.errors import UserError, on_one_line
from neural_sculpting.records.criteria import Success, score
from neural_sculpting.records.readings import AboutTask, NetworkReader, with_masks
from neural_sculpting.scoring.success import Comparison
from neural_sculpting.sculpting import SculptedNetworks
from neural_sculpting.tasks import Task

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verdict:
    """What was found in one network.

    Attributes:
        hierarchy: None where the network failed, while it was sculpted or analyzed.
        success: likewise, and where no hierarchy is expected.
        reason: why it failed, on one line, else empty.
        reading: what the reader found, its evidence and alternatives; None where the network failed.
    """

    hierarchy: Hierarchy | None
    success: Success | None
    reason: str = ""
    reading: Reading | None = None


def judge_all(
    sculpted: SculptedNetworks,
    expected: nx.DiGraph | None,
    *,
    reader: str = "paper",
    task: Task | None = None,
    ignore_pruned_inputs: bool = False,
    **settings: Any,
) -> list[Verdict]:
    """Judge every network of a batch by :func:`judge`.

    Networks with equal masks, and equal parameters if the reader asks for their function, are analyzed once and share
    their verdict. Those that failed while they were sculpted are not analyzed. An error that several networks meet is
    logged once.

    Args:
        sculpted: the networks.
        expected: the true hierarchy; None where it is not known.
        reader: its name, or the import path of a user's own.
        task: what functions and examples are made from for readers that ask for them.
        ignore_pruned_inputs: as for :class:`~neural_sculpting.scoring.success.Comparison`.
        **settings: of the reader.

    Raises:
        UserError: if there is no such reader.
    """
    network_reader = NetworkReader(reader, settings, None if task is None else AboutTask.of(task, sculpted.layout))
    known: dict[bytes, Verdict] = {}
    logged: set[str] = set()
    verdicts = []
    packed = sculpted.networks
    for network, (masks, failure) in enumerate(zip(packed.masks, sculpted.table["failure"], strict=True)):
        key = masks.tobytes()
        if network_reader.needs_function:
            key += packed.take([network]).values.tobytes()
        if not failure and key not in known:
            function = partial(network_reader.function_of, packed, network)
            unpacked = packed.masks_of(network)
            known[key] = judge(unpacked, expected, network_reader, function, ignore_pruned_inputs, logged)
        verdicts.append(Verdict(None, None, failure) if failure else known[key])
    return verdicts


def judge(
    masks: Sequence[BoolArray],
    expected: nx.DiGraph | None,
    reader: NetworkReader,
    function: Callable[[], Function] | None = None,
    ignore_pruned_inputs: bool = False,
    logged: set[str] | None = None,
) -> Verdict:
    """Find the hierarchy of one network and compare it with the expected one.

    An error in one network costs that network only: it becomes the reason of its failure.

    Args:
        masks: ``(fan_in, fan_out)`` for each weight layer.
        expected: the true hierarchy; None where it is not known.
        reader: finds the hierarchy.
        function: makes that of the network, for a reader that asks for it.
        ignore_pruned_inputs: as for :class:`~neural_sculpting.scoring.success.Comparison`.
        logged: the reasons that have been logged; a new one is added.
    """
    try:
        reading = reader.read(masks, function)
        hierarchy = with_masks(reading.hierarchy, masks)
        if expected is None:
            return Verdict(hierarchy, None, reading=reading)
        success = score(Comparison(masks, hierarchy, expected, ignore_pruned_inputs))
        return Verdict(hierarchy, success, reading=reading)
    except Exception as error:
        of_user = isinstance(error, UserError)  # of code of the user, which has its one line
        reason = on_one_line(error) if of_user else f"{type(error).__name__}: {on_one_line(error)}"
        if logged is None or reason not in logged:
            log.error("%s", reason) if of_user else log.exception("the analysis of a network failed")
        if logged is not None:
            logged.add(reason)
        return Verdict(None, None, reason)
