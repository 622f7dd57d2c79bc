"""When and how much is pruned: attempts by equal or geometric steps, and halved steps after a rejection.

Reference: Patil et al. 2023, section 3, and the supplementary material on iterative pruning. The rest is an option:
geometric steps, a limit, a tail of further attempts with one element, and stages.
"""

from dataclasses import replace
from math import inf

import torch
from torch import Tensor

from neural_sculpting.networks.layout import Flags, Values
from neural_sculpting.networks.state import Schedule

ROUNDING = 1e-9
"""Tolerance far below one element: a limit is a sum of percentages."""


def start(base: Values, smallest: float, limit: float = inf, geometric: bool = False) -> Schedule:
    """Create the schedule before the first attempt, from percentages; the step is set when the networks fork.

    ``limit`` is the percentage that may be pruned beside what already is.
    """
    base = base.double()
    no, none = torch.zeros_like(base, dtype=torch.bool), torch.zeros_like(base, dtype=torch.int64)
    return Schedule(
        base=base,
        step=torch.full_like(base, torch.nan),
        smallest=torch.full_like(base, smallest),
        limit=base + limit,
        geometric=torch.full_like(no, geometric),
        accepted=base.clone(),
        attempts=none,
        on_schedule=~no,
        skipped=none.clone(),
        stage=none.clone(),
        reached=no,
        finished=no.clone(),
    )


def next_stage(schedule: Schedule, base: Values, smallest: float, step: Values) -> Schedule:
    """Start the next stage from percentages of its elements; the limit allows as many elements as it did before."""
    allowed = (schedule.limit - schedule.accepted) / schedule.smallest
    return replace(
        schedule,
        base=base,
        step=step,
        smallest=torch.full_like(base, smallest),
        limit=base + allowed * smallest,
        accepted=base.clone(),
        attempts=torch.zeros_like(schedule.attempts),
        on_schedule=torch.ones_like(schedule.on_schedule),
        skipped=torch.zeros_like(schedule.skipped),
        stage=schedule.stage + 1,
        finished=torch.zeros_like(schedule.finished),
    )


def increment(schedule: Schedule) -> Values:
    """Compute what the next attempt adds: the step, or that share of what is left, at least one element."""
    share = torch.maximum(schedule.step * (100 - schedule.accepted) / 100, schedule.smallest)
    return torch.where(schedule.geometric, share, schedule.step)


def target(schedule: Schedule) -> Values:
    """Compute the percentage that the next attempt prunes to.

    On a schedule of equal steps it is ``base + step · attempt``, afterwards the last accepted percentage plus the step.
    """
    equal_steps = schedule.base + schedule.step * (schedule.attempts + 1)
    return torch.where(schedule.on_schedule & ~schedule.geometric, equal_steps, schedule.accepted + increment(schedule))


def decide(schedule: Schedule, accepted: Flags, tail: int = 0, least: Values | None = None) -> Schedule:
    """Update the schedule after an attempt of every network was accepted or rejected.

    An acceptance keeps the step. A rejection leaves the schedule of equal steps for good and halves the step, never
    below one element; a rejection at one element ends the stage, or with a ``tail`` so many of them in a row. So does
    one at a step of ``least`` or less.
    """
    at_smallest = (increment(schedule) - schedule.smallest).abs() <= ROUNDING  # a share of 100 % may be rounded up
    at_least = torch.zeros_like(accepted) if least is None else schedule.step <= least
    halved = torch.maximum(schedule.step / 2, schedule.smallest)
    skipped = torch.where(accepted, 0, schedule.skipped + at_smallest)
    return replace(
        schedule,
        accepted=torch.where(accepted, target(schedule), schedule.accepted),
        step=torch.where(accepted | at_smallest, schedule.step, halved),
        attempts=schedule.attempts + (accepted & schedule.on_schedule),
        on_schedule=schedule.on_schedule & accepted,
        skipped=skipped,
        reached=schedule.reached | accepted,
        finished=schedule.finished | (skipped >= max(tail, 1)) | (~accepted & at_least),
    )


def reject_impossible(schedule: Schedule) -> Schedule:
    """Reject, without training, every attempt to prune 100 %, or beyond the limit, until a possible one is next."""
    while (impossible := ~schedule.finished & _is_impossible(schedule)).any():
        rejected = decide(schedule, torch.zeros_like(impossible))
        schedule = rejected.where(impossible, schedule)
    return schedule


def _is_impossible(schedule: Schedule) -> Flags:
    asked = target(schedule)
    return (asked >= 100) | (asked > schedule.limit + ROUNDING)


def percentage(count: Tensor, whole: int) -> Values:
    """Convert counts to percentages of the whole, in double precision."""
    return 100 * count.double() / whole
