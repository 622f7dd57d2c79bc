"""All that is known of the networks that are being sculpted."""

from dataclasses import dataclass

import torch

from neural_sculpting.networks.layout import Flags, Numbers, Values
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.stacked import Stacked


@dataclass
class Schedule(Stacked):
    """How far each network is in its phase of pruning. All percentages are of all elements of the phase.

    Attributes:
        base: the percentage that was already pruned when the phase began.
        step: the percentage that the next attempt adds.
        smallest: the percentage of one element; the step is never halved below it.
        accepted: the percentage of the last accepted attempt.
        attempts: attempts accepted so far while on the schedule of equal steps.
        on_schedule: no attempt has been rejected yet.
        reached: some accepted network reached the accuracy threshold.
        finished: the phase is over for this network.
    """

    base: Values
    step: Values
    smallest: Values
    accepted: Values
    attempts: Numbers
    on_schedule: Flags
    reached: Flags
    finished: Flags


SOUND = -1
"""``TrialState.failed_in`` of a network that has not failed."""


@dataclass
class TrialState(Stacked):
    """The whole state of a batch; ``take`` touches every tensor of it.

    Attributes:
        ids: the network's index in the final order.
        seeds: the seed of its trial.
        unit_step: its step in percent, NaN before the networks of a trial fork by steps.
        edge_step: likewise for edges.
        threshold: the accuracy that its attempts must reach.
        current: the networks as trained in this round.
        accepted: the last accepted networks, from which attempts start.
        schedule: how far each is in the phase.
        failed_in: the attempt of its last phase in which the network failed: the first round, 0, because training
            gave no finite numbers; a later one because the scores of its elements were not finite. Else ``SOUND``.
    """

    ids: Numbers
    seeds: Numbers
    unit_step: Values
    edge_step: Values
    threshold: Values
    current: Networks
    accepted: Networks
    schedule: Schedule
    failed_in: Numbers

    @property
    def failed(self) -> Flags:
        """Whether each network failed; it is done then, whatever its schedule says."""
        return self.failed_in != SOUND

    @staticmethod
    def all_sound(networks: int) -> Numbers:
        """Initial ``failed_in``."""
        return torch.full((networks,), SOUND, dtype=torch.int64)
