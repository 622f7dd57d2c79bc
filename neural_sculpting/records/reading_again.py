"""Reading the networks of a stored group again, by another reader and without training."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from neural_sculpting.analysis.readers.registry import COSTLY, asks_for, reader_named
from neural_sculpting.config.loading import with_analysis
from neural_sculpting.errors import UserError
from neural_sculpting.records.columns import graphs_of, reading_columns, readings_of
from neural_sculpting.records.criteria import CRITERIA
from neural_sculpting.records.failures import accuracy_asked
from neural_sculpting.records.record import GroupRecord, select_trials
from neural_sculpting.records.verdicts import judge_all
from neural_sculpting.sculpting import SculptedNetworks
from neural_sculpting.sculpting.sculpt import failed_in_sculpting
from neural_sculpting.tasks import Task, build_task


def read_again(record: GroupRecord, changes: Mapping[str, Any]) -> GroupRecord:
    """Read all networks of a group with changed settings of the section ``analysis``, by their names in it.

    Raises:
        UserError: if a setting is not allowed; or the reader asks for the functions of networks whose weights are not
            stored, or for the examples of a task that has others now.
    """
    config = with_analysis(record.config, changes)
    analysis = config.analysis
    networks, reader = record.networks, reader_named(analysis.reader)
    failures = [reason if failed_in_sculpting(reason) else "" for reason in networks["reason"]]
    if asks_for(reader, "function"):
        _check_weights(record, analysis.reader, pd.Series(failures))
    task = _task_of(record) if any(asks_for(reader, each) for each in COSTLY) else None
    sculpted = SculptedNetworks(
        table=pd.DataFrame({"failure": failures}),
        networks=record.packed,
        history=record.history,
        seconds=record.seconds,
    )
    ignored = record.ignore_pruned_inputs
    verdicts = judge_all(sculpted, record.expected, task=task, ignore_pruned_inputs=ignored, **analysis.model_dump())
    statuses = _statuses_before(record)
    reached = [status not in ("never_learned", "lost") for status in statuses]
    applicable = [name for name in CRITERIA if name in networks and networks[name].notna().any()]
    networks = networks.assign(
        status=["failed" if verdict.reason else status for verdict, status in zip(verdicts, statuses, strict=True)],
        reason=[verdict.reason for verdict in verdicts],
        reader=analysis.reader,
        **reading_columns(verdicts, reached, applicable, len(record.layout.layers)),
    )
    trials, graphs = select_trials(networks, config), graphs_of(verdicts)
    return replace(
        record,
        config=config,
        networks=networks,
        trials=trials,
        graphs=graphs,
        readings=readings_of(verdicts),
        nulls=pd.DataFrame(),  # their networks are not stored
        start=None,  # read by another reader: what differs would not have changed
    )


def _statuses_before(record: GroupRecord) -> list[str]:
    """The status of each network without its reading, whose error another reader need not make."""
    statuses: list[str] = record.networks["status"].tolist()
    for network, row in record.networks.iterrows():
        if row["status"] == "failed" and not failed_in_sculpting(row["reason"]):
            learned = "lost" if pd.notna(row["edge_step"]) else "never_learned"
            statuses[network] = "sculpted" if row["accuracy"] >= accuracy_asked(record, row) else learned
    return statuses


def _task_of(record: GroupRecord) -> Task:
    config = record.config.task
    task = build_task(config.name, **config.parameters)
    if record.examples_sha256 not in (None, task.sha256):
        raise UserError(f"task={config.name}: its examples have changed since these networks were sculpted")
    return task


def _check_weights(record: GroupRecord, reader: str, failures: pd.Series) -> None:
    missing = int((~record.packed.has_values() & failures.eq("").to_numpy()).sum())
    if missing:
        raise UserError(
            f"analysis.reader={reader}: asks for the function of each network, and the weights of {missing} of "
            f"{len(record.packed)} networks were not stored; sculpt them again, or name a reader of masks such as paper"
        )
