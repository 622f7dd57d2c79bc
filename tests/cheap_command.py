"""Fixtures: the command line in this process, with a pipeline that costs nothing."""

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@dataclass
class CheapPipeline:
    """Stands in for the pipeline: leaves an empty group; a trial is a success if its seed is odd.

    Seed 113 fails alone, a layer of 13 units fails as a group, one of 31 is a user's mistake.
    """

    calls: list[tuple[Any, list[int], list[int], Path]] = field(default_factory=list)
    collected: list[tuple[Path, int | None]] = field(default_factory=list)

    def run_group(
        self, config: Any, seeds: Sequence[int], jobs: Sequence[int], folder: Path
    ) -> list[float | Exception]:
        from neural_sculpting.errors import UserError

        self.calls.append((config, list(seeds), list(jobs), folder))
        if 13 in config.arch.hidden:
            raise RuntimeError("a layer of 13 units brings bad luck")
        if 31 in config.arch.hidden:
            raise UserError("trainer.accelerator=gpu: there is none")
        (folder / "groups" / f"{min(jobs):04d}").mkdir(parents=True, exist_ok=True)
        return [ValueError("seed 113") if seed == 113 else float(seed % 2) for seed in seeds]

    def collect(self, folder: Path, jobs: int | None = None) -> bool:
        self.collected.append((folder, jobs))
        return True


@pytest.fixture
def cheap_pipeline(monkeypatch: pytest.MonkeyPatch) -> CheapPipeline:
    import neural_sculpting

    cheap = CheapPipeline()
    pipeline: Any = ModuleType("neural_sculpting.pipeline")
    pipeline.run_group = cheap.run_group
    collect: Any = ModuleType("neural_sculpting.reporting.collect")
    collect.collect = cheap.collect
    monkeypatch.setitem(sys.modules, pipeline.__name__, pipeline)
    monkeypatch.setitem(sys.modules, collect.__name__, collect)
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
