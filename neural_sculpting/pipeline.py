"""From configurations and seeds to the records of groups: the whole method in one place.

The command line, the launcher and the Python interface all call it.
"""

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import reduce
from operator import or_
from pathlib import Path
from shutil import rmtree
from typing import Any

import neural_sculpting
from neural_sculpting import interruption
from neural_sculpting.config.loading import with_network
from neural_sculpting.config.schemas import Config, SeedGroup
from neural_sculpting.errors import UserError
from neural_sculpting.files import CHECKPOINTS
from neural_sculpting.interruption import Interrupted
from neural_sculpting.pretrained import TrainedNetwork, fitted, read_network
from neural_sculpting.records.nulls import with_permuted_labels
from neural_sculpting.records.objectives import objective_values
from neural_sculpting.records.readings import check_reads
from neural_sculpting.records.record import GroupRecord, expected_of, record_group
from neural_sculpting.records.starts import start_named
from neural_sculpting.records.store import (
    check_same_draws,
    check_same_examples,
    check_same_network,
    new_group,
    settings_of,
    stored_group,
    with_stored_engine,
)
from neural_sculpting.records.verdicts import judge_all
from neural_sculpting.sculpting import Batch, SculptedNetworks, sculpt_in_memory
from neural_sculpting.sculpting.checkpoints import Checkpoints, locked
from neural_sculpting.sculpting.loaded import LoadedAccuracy, report_accuracy_as_loaded
from neural_sculpting.sculpting.observers import AttemptObserver
from neural_sculpting.tasks import Task, build_task
from neural_sculpting.tracking import open_tracker

log = logging.getLogger(__name__)

OTHER_READER = (
    "%s: was read by %s, and what %s reads now may differ for that alone; analysis.reader=%s reads both alike"
)
OTHER_NAMES = "%s: its %s are matched by position, and %d of them have other names here: %s"


def sculpt_groups(
    groups: Sequence[SeedGroup],
    observer: AttemptObserver | None = None,
    start: TrainedNetwork | None = None,
    checkpoints: Path | None = None,
) -> list[GroupRecord]:
    """Sculpt, analyze and score the trials of all groups, in one batch and in memory.

    Groups may differ in their steps and seeds; every seed is sculpted with the steps of every group. All seeds start
    from ``start``, a network in memory, or else from the file that the configurations name, if any. The batch is saved
    in the folder ``checkpoints``, and resumes from there.

    Raises:
        UserError: if a seed appears twice in a group, the accelerator is not available, or the start network does not
            fit the task or is not the one that the configurations were checked with.
    """
    for group in groups:
        if repeated := sorted(seed for seed in set(group.seeds) if group.seeds.count(seed) > 1):
            raise UserError(f"seed={repeated[0]}: appears more than once; every trial needs its own seed")
    config = groups[0].config
    task = build_task(config.task.name, **config.task.parameters)
    for group in groups:
        check_reads(group.config.analysis.reader, task)
    if start is None:
        start = _network_of(config)
    loaded = None
    if start is not None:
        start = fitted(start, task, config.arch.named_settings, config.pruning.reopens)
        loaded = report_accuracy_as_loaded(task, config, start)
        if start.reader not in ("", config.analysis.reader):
            log.warning(OTHER_READER, start.name, start.reader, config.analysis.reader, start.reader)
        for ends, *names in zip(
            ("inputs", "outputs"), start.names, (task.flat_input_names, task.flat_output_names), strict=True
        ):
            if others := [f"{before} is {now}" for before, now in zip(*names, strict=False) if before != now]:
                log.warning(
                    OTHER_NAMES, start.name, ends, len(others), ", ".join(others[:4]) + ", …" * (len(others) > 4)
                )
    records = _recorded(groups, task, observer, start, checkpoints, loaded)

    def sculpt_again(some: Sequence[SeedGroup], other: Task, name: str) -> list[GroupRecord]:
        return _recorded(some, other, start=start, checkpoints=checkpoints and checkpoints / name)

    return records if config.nulls == "rewired" else with_permuted_labels(records, groups, task, sculpt_again)


def _recorded(
    groups: Sequence[SeedGroup],
    task: Task,
    observer: AttemptObserver | None = None,
    start: TrainedNetwork | None = None,
    checkpoints: Path | None = None,
    loaded: LoadedAccuracy | None = None,
) -> list[GroupRecord]:
    records = []
    for group, networks in zip(groups, _sculpted(groups, task, observer, start, checkpoints), strict=True):
        analysis = group.config.analysis.model_dump()
        ignored, expected = task.ignore_pruned_inputs, expected_of(task, networks.layout)
        verdicts = judge_all(networks, expected, task=task, ignore_pruned_inputs=ignored, **analysis)
        records.append(record_group(group.config, task, networks, verdicts, group.jobs, loaded))
    return records


def _sculpted(
    groups: Sequence[SeedGroup],
    task: Task,
    observer: AttemptObserver | None,
    start: TrainedNetwork | None,
    checkpoints: Path | None,
) -> list[SculptedNetworks]:
    """Sculpt the networks of each group; variants of pruning are batches of their own, with their own checkpoints."""
    found: list[dict[str, SculptedNetworks]] = [{} for _ in groups]
    for number, variants in enumerate(zip(*(group.config.by_variant() for group in groups), strict=True)):
        name, config = variants[0]
        batches = [Batch.of(each, group.seeds) for (_, each), group in zip(variants, groups, strict=True)]
        folder = checkpoints / str(number) if checkpoints is not None and name else checkpoints
        saved = None if folder is None else Checkpoints(folder, _identity(config, task))
        sculpted = sculpt_in_memory(task, config, reduce(or_, batches), observer, start, saved)
        for of_group, batch in zip(found, batches, strict=True):
            of_group[name] = sculpted.only(batch)
    return [SculptedNetworks.of_variants(each) for each in found]


def sculpt_group(
    config: Config,
    seeds: Sequence[int],
    jobs: Sequence[int] | None = None,
    start: TrainedNetwork | None = None,
    observer: AttemptObserver | None = None,
) -> GroupRecord:
    """Sculpt, analyze and score one trial for each seed, as :func:`sculpt_groups`.

    Jobs are numbered 0, 1, … by default. ``start`` replaces the network of the configuration.
    """
    if start is not None:
        config = with_network(config, start)
    group = SeedGroup(config, tuple(seeds), tuple(jobs or range(len(seeds))))
    [record] = sculpt_groups([group], observer, start)
    return record


def run_batch(groups: Sequence[SeedGroup], folder: Path) -> list[list[float | Exception]]:
    """Sculpt the groups that are not finished yet and store their records in ``folder/groups``.

    Returns:
        For each job of each group the value of its trial, see :func:`~.records.objectives.objective_values`.

    Raises:
        UserError: as :func:`sculpt_groups`, if the folder cannot be written, if it contains another experiment, or if
            another process is at work on these jobs.
        Interrupted: if the run is asked to stop; progress is saved, and the same call resumes.
    """
    if interruption.requested():
        raise Interrupted
    checkpoints = folder / CHECKPOINTS / f"{min(group.jobs[0] for group in groups):04d}"
    with locked(checkpoints):
        check_same_network(folder, groups[0].config)
        records = [stored_group(folder, group.config, group.seeds, group.jobs) for group in groups]
        missing = [group for group, record in zip(groups, records, strict=True) if record is None]
        computed = iter(_compute(missing, folder, checkpoints) if missing else [])
        rmtree(checkpoints, ignore_errors=True)
    objective = groups[0].config.objective
    return [[*objective_values(record or next(computed), objective)] for record in records]


def _compute(groups: Sequence[SeedGroup], folder: Path, checkpoints: Path) -> list[GroupRecord]:
    with ExitStack() as stack:
        stored = [stack.enter_context(new_group(folder, min(group.jobs))) for group in groups]
        check_same_draws(folder)
        check_same_examples(folder, groups[0].config)
        groups = [replace(group, config=with_stored_engine(folder, group.config)) for group in groups]
        with open_tracker(groups, stored[0].path, folder) as tracker:
            records = sculpt_groups(groups, tracker, checkpoints=checkpoints)
            if tracker is not None:
                tracker.result(records)
        for new, record in zip(stored, records, strict=True):
            new.write(record)
        for new in stored:  # a process that is killed between two of them leaves the others intact
            new.finish()
    return records


def _identity(config: Config, task: Task) -> dict[str, Any]:
    """Everything that the networks depend on except their seeds and steps."""
    settings = settings_of(config)
    for phase in ("unit", "edge"):
        del settings["pruning"][phase]["step"]
    for later in ("analysis", "nulls", "selection", "consensus_window", "simplest_window"):
        del settings[later]
    if not settings["pruning"]["standard_errors"]:
        del settings["pruning"]["standard_errors"]  # checkpoints that are older than the key count
    return {"version": neural_sculpting.__version__, "settings": settings, "examples": task.sha256}


def _network_of(config: Config) -> TrainedNetwork | None:
    """Read the network that a configuration names; it must be the one it was checked with."""
    if config.network is None:
        return None
    if config.network.file is None:
        raise UserError("network: was in memory, and is not stored; give it again")
    network = start_named(config.network.file) or read_network(config.network.file)
    if network.sha256 != config.network.sha256:
        raise UserError(f"{network.name}: has changed since this run began")
    return network
