"""The state of the networks that are being sculpted."""

from dataclasses import dataclass

from neural_sculpting.networks.layout import Flags, Numbers, OutputFlags, Values
from neural_sculpting.networks.network import Networks
from neural_sculpting.networks.stacked import Stacked


@dataclass
class Schedule(Stacked):
    """The progress of each network in its phase of pruning.

    Where a phase prunes layer after layer, it has stages. All percentages are of all elements of the stage.

    Attributes:
        base: the percentage that was pruned before the stage.
        step: the percentage that the next attempt adds; if geometric, that of what is left.
        smallest: the percentage of one element; the step is never halved below it.
        limit: the percentage beyond which nothing is pruned; infinite where there is none.
        geometric: steps are shares of what is left.
        accepted: the percentage of the last accepted attempt.
        attempts: the number of attempts accepted on the schedule of equal steps.
        on_schedule: no attempt has been rejected yet.
        skipped: the number of attempts of one element that were rejected in a row, each with the next element.
        stage: its index in the phase.
        reached: some accepted network reached the accuracy threshold.
        finished: the stage is over, and with the last one the phase.
    """

    base: Values
    step: Values
    smallest: Values
    limit: Values
    geometric: Flags
    accepted: Values
    attempts: Numbers
    on_schedule: Flags
    skipped: Numbers
    stage: Numbers
    reached: Flags
    finished: Flags


SOUND = -1
"""``TrialState.failed_in`` of a network that has not failed."""


@dataclass
class TrialState(Stacked):
    """The state of a batch.

    Attributes:
        ids: the index of each network in the final order.
        seeds: the seed of its trial.
        unit_step: its step in percent, NaN before the networks of a trial fork by steps; ``edge_step`` likewise.
        threshold: the accuracy that its attempts must reach.
        current: the networks as trained in this round.
        accepted: the last accepted networks, from which attempts start.
        intact: outputs, ``(network, output)``, whose edges neither came back nor may be pruned; none of new networks.
        started_in: the rounds of training until pruning began.
        failed_in: the attempt of its last phase in which the network failed, else ``SOUND``. In the first round, 0,
            training gave no finite numbers; in a later one the scores of its elements were not finite.
    """

    ids: Numbers
    seeds: Numbers
    unit_step: Values
    edge_step: Values
    threshold: Values
    current: Networks
    accepted: Networks
    schedule: Schedule
    intact: OutputFlags
    started_in: Numbers
    failed_in: Numbers

    @property
    def failed(self) -> Flags:
        """Whether each network failed; it is done then, whatever its schedule."""
        return self.failed_in != SOUND
