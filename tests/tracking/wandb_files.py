"""Read the files that W&B wrote."""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from neural_sculpting.tracking.attempt_metrics import METRICS

BLOCK, HEADER = 32768, 7
WHOLE, LAST = 1, 4


@dataclass
class LoggedRun:
    """A run as its file has it; the last value of a key counts.

    Attributes:
        folder: that of the run.
        rows: what was logged, in order.
        config: by dotted keys where it is nested.
        summary: by keys.
        step_metrics: patterns of metrics, and what they are plotted over.
        exit_code: None where the run was not ended.
    """

    folder: Path
    name: str = ""
    group: str = ""
    job_type: str = ""
    project: str = ""
    tags: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    step_metrics: dict[str, str] = field(default_factory=dict)
    exit_code: int | None = None

    def table(self, key: str) -> list[dict[str, Any]]:
        """The rows of a table that was logged."""
        content = json.loads(self.media(key))
        return [dict(zip(content["columns"], row, strict=True)) for row in content["data"]]

    def media(self, key: str) -> str:
        """The content of a file that was logged."""
        [path] = [row[key]["path"] for row in self.rows if key in row]
        return (self.folder / "files" / path).read_text(encoding="utf-8")


def runs_of(folder: Path) -> list[LoggedRun]:
    """All runs of a sweep, in the order of their names."""
    return sorted(map(read_run, (folder / "wandb").glob("*run-*/run-*.wandb")), key=lambda run: run.name)


def read_run(path: Path) -> LoggedRun:
    """One run, which may have been killed."""
    from wandb.proto.wandb_internal_pb2 import Record

    run = LoggedRun(path.parent)
    for data in _records(path.read_bytes()):
        record = Record.FromString(data)
        match record.WhichOneof("record_type"):
            case "run":
                run.name, run.group, run.job_type = record.run.display_name, record.run.run_group, record.run.job_type
                run.project, run.tags = record.run.project, list(record.run.tags)
                run.config |= _items(record.run.config.update)
            case "config":
                run.config |= _items(record.config.update)
            case "history":
                run.rows.append(_nested(_items(record.history.item)))
            case "summary":
                run.summary |= _items(record.summary.update)
            case "metric" if record.metric.step_metric:
                run.step_metrics[record.metric.glob_name] = record.metric.step_metric
            case "exit":
                run.exit_code = record.exit.exit_code
    return run


def check_rows(run: LoggedRun, history: pd.DataFrame, batch: str = "") -> None:
    """Check that a run has one row for each attempt of a history, with means over its networks."""
    for phase in ("unit", "edge"):
        prefix = f"{batch}{phase}/"
        rows = [row for row in run.rows if f"{prefix}accuracy" in row]
        attempts = history[history["phase"] == phase].groupby("attempt")
        assert [row["attempt"] for row in rows] == list(attempts.groups)
        assert {row["phase"] for row in rows} == {phase}
        assert [row[f"{prefix}networks"] for row in rows] == attempts.size().tolist()
        for name in METRICS:
            assert [row[f"{prefix}{name}"] for row in rows] == pytest.approx(attempts[name].mean().tolist()), name
        assert run.step_metrics[f"{prefix}*"] == "attempt"


def _items(items: Any) -> dict[str, Any]:
    return {".".join(item.nested_key) or item.key: json.loads(item.value_json) for item in items}


def _nested(items: dict[str, Any]) -> dict[str, Any]:
    """The values of media come key by key."""
    nested: dict[str, Any] = {}
    for key, value in items.items():
        outer, dot, inner = key.partition(".")
        if dot:
            nested.setdefault(outer, {})[inner] = value
        else:
            nested[key] = value
    return nested


def _records(data: bytes) -> Iterator[bytes]:
    """The records of a log in the format of LevelDB, after W&B's own header."""
    assert data[:4] == b":W&B"
    offset, parts = HEADER, []
    while offset + HEADER <= len(data):
        left = BLOCK - offset % BLOCK
        if left < HEADER:
            offset += left
            continue
        _, size, kind = struct.unpack("<IHB", data[offset : offset + HEADER])
        offset += HEADER
        if offset + size > len(data):  # killed while it was written
            return
        parts.append(data[offset : offset + size])
        offset += size
        if kind in (WHOLE, LAST):
            yield b"".join(parts)
            parts = []
