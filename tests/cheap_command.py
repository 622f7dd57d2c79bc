"""Fixtures: the command line in this process, with a pipeline that costs nothing."""

import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from neural_sculpting.config.schemas import SeedGroup


@dataclass
class CheapPipeline:
    """Stands in for the pipeline: leaves the rows of a group; a trial is a success if its seed is odd.

    Seed 113 fails alone, a layer of 13 units fails as a batch, one of 31 is a user's mistake, one of 99 is
    interrupted, unless fate is kind.

    Attributes:
        kind: whether none of that happens.
        calls: what each part of a batch was called with.
        batches: the jobs of each batch, part by part.
        collected: the folders whose tables were to be written, with the number of jobs.
        experiments: whose figures were to be written.
    """

    kind: bool = False
    calls: list[tuple[Any, list[int], list[int], Path]] = field(default_factory=list)
    batches: list[list[list[int]]] = field(default_factory=list)
    collected: list[tuple[Path, int | None]] = field(default_factory=list)
    experiments: list[str | None] = field(default_factory=list)

    def run_batch(self, parts: Sequence[SeedGroup], folder: Path) -> list[list[float | Exception]]:
        self.batches.append([list(part.jobs) for part in parts])
        return [self.run_part(part, folder) for part in parts]

    def run_part(self, part: SeedGroup, folder: Path) -> list[float | Exception]:
        from neural_sculpting.errors import UserError
        from neural_sculpting.interruption import Interrupted

        self.calls.append((part.config, list(part.seeds), list(part.jobs), folder))
        width = 0 if self.kind else part.config.arch.hidden[0]
        if width == 13:
            raise RuntimeError("a layer of 13 units brings bad luck")
        if width == 31:
            raise UserError("trainer.accelerator=gpu: there is none")
        if width == 99:
            raise Interrupted
        leave_group(folder, part.jobs, [seed % 2 == 1 for seed in part.seeds])
        return [ValueError("seed 113") if seed == 113 and not self.kind else float(seed % 2) for seed in part.seeds]

    def close_sweep(self, folder: Path) -> SimpleNamespace:
        from neural_sculpting.records.plan import read_plan

        plan = read_plan(folder)
        assert plan is not None
        self.collected.append((folder, plan.jobs))
        self.experiments.append(plan.experiment)
        (folder / "sweep.json").write_text("{}")
        return SimpleNamespace(missing=0)


def leave_group(folder: Path, jobs: Sequence[int], exact: Sequence[bool]) -> None:
    """Write which jobs are finished, and how they ended."""
    import pandas as pd

    path = folder / "groups" / f"{min(jobs):04d}"
    path.mkdir(parents=True)
    trials = pd.DataFrame({"job": jobs, "selection": "sparsest", "exact": pd.array(exact, dtype="boolean")})
    trials.to_parquet(path / "trials.parquet")
    (path / "group.json").write_text(json.dumps({"jobs": list(jobs), "config": {"selection": "sparsest"}}))


@pytest.fixture
def cheap_pipeline(monkeypatch: pytest.MonkeyPatch) -> CheapPipeline:
    import neural_sculpting

    cheap = CheapPipeline()
    pipeline: Any = ModuleType("neural_sculpting.pipeline")
    pipeline.run_batch = cheap.run_batch
    closing: Any = ModuleType("neural_sculpting.views.closing")
    closing.close_sweep = cheap.close_sweep
    monkeypatch.setitem(sys.modules, pipeline.__name__, pipeline)
    monkeypatch.setitem(sys.modules, closing.__name__, closing)
    monkeypatch.setattr(neural_sculpting, "pipeline", pipeline, raising=False)
    return cheap


@pytest.fixture
def logging_restored() -> Iterator[None]:
    """Hydra sets up logging for the process; put it back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.fixture(scope="session")
def hydra_plugins() -> None:
    """Let Hydra look for plugins once and not for every test."""
    from hydra.core.plugins import Plugins

    Plugins.instance()


@pytest.fixture
def command(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cheap_pipeline: CheapPipeline,
    logging_restored: None,
    hydra_plugins: None,
    hydra_restore_singletons: None,
) -> Callable[..., int]:
    """The command line in an empty folder; takes its words and returns the exit code."""
    from neural_sculpting.run import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    return lambda *words: main(words)
