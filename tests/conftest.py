"""Fixtures that many tests share. The shapes that signatures name are checked in every test of this process."""

import ctypes
import gc
import logging
import os

# Before numpy and torch are loaded. A thread that waits for the next of many small products keeps its core busy: eight
# times the time for a small network, and pytest has a process for every core.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from collections.abc import Callable, Generator, Iterator, Mapping
from copy import deepcopy
from functools import reduce
from operator import getitem
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import type_checks
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.version import VersionBase
from hypothesis import settings
from jaxtyping import install_import_hook
from omegaconf.basecontainer import BaseContainer

from neural_sculpting import gc_pause
from neural_sculpting.config.composing import compose
from neural_sculpting.config.loading import load
from neural_sculpting.config.schemas import Config
from neural_sculpting.gc_pause import gc_paused
from neural_sculpting.native.build import find_compiler, load_kernel
from neural_sculpting.tasks import registry

if TYPE_CHECKING:
    from neural_sculpting.records.record import GroupRecord

CHECKED = (
    "networks.draws",
    "networks.layout",
    "networks.network",
    "networks.stacks",
    "networks.state",
    "networks.streams",
    "training",
    "pruning",
    "sculpting",
)
# None of these is imported so far: torch is not. (networks.stacked names no shapes, and beartype refuses its `Self`.)
install_import_hook([f"neural_sculpting.{module}" for module in CHECKED], "type_checks.checked")

# The same examples in every run, and no deadline: how long an example takes says more about the machine. Fewer of them
# in `make test-fast`; other and more: pytest --hypothesis-profile=search
settings.register_profile("project", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("fast", settings.get_profile("project"), max_examples=12)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("project")

SMALL = (
    *("task=boolean_sep", "arch.hidden=[24]", "consensus_window=4", "simplest_window=4"),
    *("trainer.accelerator=cpu", "trainer.threads=1", "trainer.progress_bar=false", "logger=none"),
)
"""The shipped configuration of boolean_sep, without progress line and logger."""

GARBAGE = 50_000
"""Objects that may be garbage before it is looked for: seldom, as Hydra and pandas make many that live for a test."""

MakeConfig = Callable[..., Config]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What has been loaded stays: looking for garbage in all of torch again and again takes a tenth of the time.

    Nor do programs look for it that are called in this process, or count what stays, which takes another tenth. Torch's
    loggers pass their records on, as pytest else hands each of its own handlers to all of them, six times a test.
    """
    gc.set_threshold(GARBAGE)
    with gc_paused(for_good=True):
        found = yield
    gc_pause.gc = SimpleNamespace(**vars(gc) | {"collect": lambda: 0, "get_freeze_count": lambda: 1})  # type: ignore[attr-defined]
    for name, logger in logging.root.manager.loggerDict.items():
        if name.startswith("torch.") and isinstance(logger, logging.Logger):
            logger.propagate = True
    return found


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Every test checks the shapes of the first calls of all functions."""
    type_checks.check_anew()


@pytest.fixture
def hydra_restore_singletons() -> Iterator[None]:
    """In place of Hydra's own fixture, which looks for all plugins again after every test."""
    version = VersionBase.instance()
    base, resolvers = version.version_base, dict(BaseContainer._resolvers)
    yield
    version.version_base, BaseContainer._resolvers = base, resolvers
    GlobalHydra.instance().clear()
    HydraConfig.instance().cfg = None


@pytest.fixture(scope="session")
def make_config() -> MakeConfig:
    """Makes checked configurations: the one above with changes such as ``{"training.epochs": 2, "task": {...}}``."""

    values = compose(SMALL).model_dump(mode="json")

    def make(changes: Mapping[str, Any] | None = None) -> Config:
        changed = deepcopy(values)
        for key, value in (changes or {}).items():
            *path, last = key.split(".")
            reduce(getitem, path, changed)[last] = value
        return load(changed)

    return make


@pytest.fixture(scope="session")
def config(make_config: MakeConfig) -> Config:
    """One trial of boolean_sep as the paper trained it: a tenth of a second."""
    return make_config()


@pytest.fixture(scope="session")
def kernel() -> ctypes.CDLL:
    """The kernel of the native engine; without a compiler, tests that need it are skipped."""
    if find_compiler() is None:
        pytest.skip("there is no C++ compiler")
    return load_kernel()


@pytest.fixture(scope="session")
def record(make_config: MakeConfig) -> "GroupRecord":
    """Three trials with four pairs of steps each; their jobs are not in the order of their seeds."""
    from neural_sculpting.pipeline import sculpt_group  # here, so that the hook has been installed

    config = make_config({"pruning.unit.step": [70, 35], "pruning.edge.step": [5, 2.5]})
    return sculpt_group(config, [4, 0, 2], jobs=[3, 5, 7])


@pytest.fixture(scope="session")
def saved_record(record: "GroupRecord", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as the only group of a sweep's folder; to copy it takes less than to write it."""
    from neural_sculpting.records.store import save_group

    return save_group(record, tmp_path_factory.mktemp("saved")).parents[1]


@pytest.fixture(scope="module", autouse=True)
def registered_tasks() -> Generator[None]:
    """Forget the tasks that the tests of a file register."""
    before = registry._families
    registry._families = dict(before)
    yield
    registry._families = before
