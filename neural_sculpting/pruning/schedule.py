"""When and how much is pruned: attempts by equal steps, and halved steps after a rejection.

Reference: Patil et al. 2023, section 3, and the supplementary material on iterative pruning.
"""

from dataclasses import replace

import torch
from torch import Tensor

from neural_sculpting.networks.layout import Flags, Values
from neural_sculpting.networks.state import Schedule


def start(base: Values, smallest: float) -> Schedule:
    """Create the schedule before the first attempt, from percentages; the step is set when the networks fork."""
    base = base.double()
    no = torch.zeros_like(base, dtype=torch.bool)
    return Schedule(
        base=base,
        step=torch.full_like(base, torch.nan),
        smallest=torch.full_like(base, smallest),
        accepted=base.clone(),
        attempts=torch.zeros_like(base, dtype=torch.int64),
        on_schedule=~no,
        reached=no,
        finished=no.clone(),
    )


def target(schedule: Schedule) -> Values:
    """Compute the percentage that the next attempt prunes to.

    On the schedule it is ``base + step · attempt``, afterwards the last accepted percentage plus the step.
    """
    on_schedule = schedule.base + schedule.step * (schedule.attempts + 1)
    return torch.where(schedule.on_schedule, on_schedule, schedule.accepted + schedule.step)


def decide(schedule: Schedule, accepted: Flags) -> Schedule:
    """Update the schedule after an attempt of every network was accepted or rejected.

    An acceptance keeps the step. A rejection leaves the schedule of equal steps for good and halves the step, never
    below one element; a rejection at one element ends the phase.
    """
    at_smallest = schedule.step == schedule.smallest
    halved = torch.maximum(schedule.step / 2, schedule.smallest)
    return replace(
        schedule,
        accepted=torch.where(accepted, target(schedule), schedule.accepted),
        step=torch.where(accepted | at_smallest, schedule.step, halved),
        attempts=schedule.attempts + (accepted & schedule.on_schedule),
        on_schedule=schedule.on_schedule & accepted,
        reached=schedule.reached | accepted,
        finished=schedule.finished | (~accepted & at_smallest),
    )


def reject_impossible(schedule: Schedule) -> Schedule:
    """Reject, without training, every attempt to prune 100 % or more, until a possible one is next."""
    while (impossible := ~schedule.finished & (target(schedule) >= 100)).any():
        rejected = decide(schedule, torch.zeros_like(impossible))
        schedule = rejected.where(impossible, schedule)
    return schedule


def percentage(count: Tensor, whole: int) -> Values:
    """Convert counts to percentages of the whole, in double precision."""
    return 100 * count.double() / whole
