"""From configurations and seeds to the records of groups: the whole method in one place.

The command line, the launcher and the Python interface all come through here.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

import neural_sculpting
from neural_sculpting import interruption
from neural_sculpting.config.schemas import Config, NetworkConfig
from neural_sculpting.errors import UserError
from neural_sculpting.files import CHECKPOINTS
from neural_sculpting.interruption import Interrupted
from neural_sculpting.pretrained import TrainedNetwork, check_fit, read_network
from neural_sculpting.records.record import GroupRecord, record_group
from neural_sculpting.records.same_sources import check_same_examples, check_same_network
from neural_sculpting.records.store import NewGroup, new_group, settings_of, stored_group
from neural_sculpting.scoring.verdict import judge_all
from neural_sculpting.sculpting import sculpt_in_memory
from neural_sculpting.sculpting.checkpoints import Checkpoints, locked
from neural_sculpting.sculpting.observers import AttemptObserver
from neural_sculpting.tasks import Task, build_task
from neural_sculpting.tracking import open_tracker


@dataclass(frozen=True)
class SeedGroup:
    """Jobs that agree in everything but the seed: they leave one group.

    Attributes:
        config: checked, with the paper's settings filled in; its own seed is not looked at.
        seeds: one for each job, distinct.
        jobs: the numbers of the jobs in the sweep.
    """

    config: Config
    seeds: tuple[int, ...]
    jobs: tuple[int, ...]


def sculpt_groups(
    parts: Sequence[SeedGroup],
    observer: AttemptObserver | None = None,
    start: TrainedNetwork | None = None,
    checkpoints: Path | None = None,
) -> list[GroupRecord]:
    """Sculpt, analyze and score the trials of all parts, in one batch and in memory.

    Args:
        parts: may differ in their steps and seeds; every seed is sculpted with the steps of every part.
        observer: hears of every attempt.
        start: a network in memory that all seeds start from; None where the configurations name a file, or none.
        checkpoints: a folder where the batch is kept meanwhile, and from where it goes on; None to keep nothing.

    Raises:
        UserError: if a seed appears twice in a part, the accelerator is not there, or the network that all seeds start
            from is not one for the task, or not the one that the configurations were checked with.
    """
    for part in parts:
        if repeated := sorted(seed for seed in set(part.seeds) if part.seeds.count(seed) > 1):
            raise UserError(f"seed={repeated[0]}: appears more than once; every trial needs a seed of its own")
    config = parts[0].config
    task = build_task(config.task.name, **config.task.parameters)
    if start is None:
        start = _network_of(config)
    if start is not None:
        check_fit(start, task, config.arch.hidden)
    expected = task.expected_hierarchy(hidden_layers=len(config.arch.hidden))
    kept = None if checkpoints is None else Checkpoints(checkpoints, _identity(config, task))
    seeds = list(dict.fromkeys(seed for part in parts for seed in part.seeds))
    sculpted = sculpt_in_memory(task, [part.config for part in parts], seeds, observer, start, kept)
    records = []
    for part in parts:
        networks = sculpted.only(part.seeds, part.config.pruning.unit.step, part.config.pruning.edge.step)
        settings = part.config.analysis.model_dump()
        verdicts = judge_all(networks, expected, ignore_pruned_inputs=task.ignore_pruned_inputs, **settings)
        records.append(record_group(part.config, task, networks, verdicts, part.jobs))
    return records


def sculpt_group(
    config: Config, seeds: Sequence[int], jobs: Sequence[int] | None = None, start: TrainedNetwork | None = None
) -> GroupRecord:
    """Sculpt, analyze and score one trial for each seed, all in one batch and in memory.

    Args:
        config: checked, with the paper's settings filled in; its own seed is not looked at.
        seeds: distinct.
        jobs: a number for each trial; 0, 1, … where there are no jobs.
        start: a network in memory that all seeds start from, in place of one that the configuration names.

    Raises:
        UserError: as :func:`sculpt_groups`.
    """
    if start is not None:
        config = config.model_copy(update={"network": NetworkConfig(file=start.file, sha256=start.sha256)})
    [record] = sculpt_groups([SeedGroup(config, tuple(seeds), tuple(jobs or range(len(seeds))))], start=start)
    return record


def run_batch(parts: Sequence[SeedGroup], folder: Path) -> list[list[float | Exception]]:
    """Sculpt the parts that are not finished yet and leave their records in ``folder/groups``.

    Args:
        parts: as for :func:`sculpt_groups`.
        folder: the folder of the sweep.

    Returns:
        For each job of each part 1.0 where its trial is an exact success, else 0.0; nan where no hierarchy is known.

    Raises:
        UserError: as :func:`sculpt_groups`, if the folder cannot be written, if it holds another experiment, or if
            another process is at work on these jobs.
        Interrupted: if the run is asked to stop; what was done is kept, and goes on when the same is called again.
    """
    if interruption.requested():
        raise Interrupted
    checkpoints = folder / CHECKPOINTS / f"{min(part.jobs[0] for part in parts):04d}"
    with locked(checkpoints):
        check_same_network(folder, parts[0].config)
        records = {place: stored_group(folder, part.config, part.seeds, part.jobs) for place, part in enumerate(parts)}
        missing = [place for place, record in records.items() if record is None]
        if missing:
            new = _run([parts[place] for place in missing], folder, checkpoints)
            records.update(zip(missing, new, strict=True))
        rmtree(checkpoints, ignore_errors=True)
    return [list(record.successes) for record in records.values() if record]


def _run(parts: Sequence[SeedGroup], folder: Path, checkpoints: Path) -> list[GroupRecord]:
    with ExitStack() as stack:
        groups: list[NewGroup] = [stack.enter_context(new_group(folder, min(part.jobs))) for part in parts]
        check_same_examples(folder, parts[0].config)
        with open_tracker(parts, groups[0].path, folder) as tracker:
            records = sculpt_groups(parts, tracker, checkpoints=checkpoints)
            if tracker is not None:
                tracker.result(records)
        for group, record in zip(groups, records, strict=True):
            group.write(record)
        for group in groups:  # killed between two of them, the others are found whole
            group.finish()
    return records


def _identity(config: Config, task: Task) -> dict[str, Any]:
    """What the networks depend on, apart from their seeds and steps."""
    settings = settings_of(config)
    for phase in ("unit", "edge"):
        del settings["pruning"][phase]["step"]
    for later in ("analysis", "selection", "consensus_window", "simplest_window"):
        del settings[later]
    return {"version": neural_sculpting.__version__, "settings": settings, "examples": task.sha256}


def _network_of(config: Config) -> TrainedNetwork | None:
    """Read the network that a configuration names; it must be the one that was checked with it."""
    if config.network is None:
        return None
    if config.network.file is None:
        raise UserError("network: was in memory, and is not stored; give it again")
    network = read_network(config.network.file)
    if network.sha256 != config.network.sha256:
        raise UserError(f"{network.name}: has changed since this run began")
    return network
