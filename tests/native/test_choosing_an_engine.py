"""Which engine trains, what is said where one cannot, and that a sweep resumes with the same one."""

import logging
import os
import shutil
from pathlib import Path

import pytest
from user_errors import message_of

from neural_sculpting.config.schemas import SeedGroup
from neural_sculpting.native.build import COMPILERS, kernel_or_error
from neural_sculpting.networks.layout import Layout
from neural_sculpting.pipeline import run_batch
from neural_sculpting.records.group_files import load_group
from neural_sculpting.sculpting import engines
from neural_sculpting.sculpting.engines import engine_of
from neural_sculpting.training.round import RoundSettings

needs_compiler = pytest.mark.skipif(
    not os.environ.get("CXX") and not any(map(shutil.which, COMPILERS)), reason="there is no C++ compiler"
)

SETTINGS = RoundSettings(lr=0.01, batch_size=8, epochs=6, input_noise=0.1, weight_decay=1e-3)
SMALL = Layout((4, 24, 4))


@pytest.fixture
def no_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A machine without a compiler, on which the kernel was never built."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("CXX", "no/compiler")
    kernel_or_error.cache_clear()
    engines._advise.cache_clear()
    yield
    kernel_or_error.cache_clear()


def trainer(make_config, **settings):
    return make_config({f"trainer.{key}": value for key, value in settings.items()}).trainer


@needs_compiler
def test_auto_is_native_where_it_is_faster(make_config) -> None:
    auto = trainer(make_config, engine="auto")
    assert engine_of(auto, SMALL, SETTINGS, 16).name == "native"
    assert engine_of(auto, Layout((4, 24, 300, 4)), SETTINGS, 16).name == "torch"
    assert engine_of(trainer(make_config, engine="torch"), SMALL, SETTINGS, 16).name == "torch"


@pytest.mark.parametrize(
    ("changed", "layers", "rows", "message"),
    [
        ({"precision": "bf16"}, (4, 24, 4), 16, "has no trainer.precision=bf16, only fp32"),
        ({}, (4, 24, 300, 4), 16, "is for layers of at most 200 units, not 300"),
        ({}, (4, 24, 4), 2**20, "is for short rounds, not 6 epochs of 1048576 rows with 4 noisy inputs"),
    ],
)
def test_what_the_native_engine_does_not_do(make_config, changed, layers, rows, message) -> None:
    config = trainer(make_config, engine="native", **changed)
    found = message_of(engine_of, config, Layout(layers), SETTINGS, rows)
    assert found == f"trainer.engine=native: {message}; torch computes everything"


def test_without_a_compiler(make_config, no_compiler, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "neural_sculpting")
    for _ in range(2):
        assert engine_of(trainer(make_config, engine="auto"), SMALL, SETTINGS, 16).name == "torch"
    assert caplog.messages == [
        "networks as small as these are trained several times as fast by the native engine: "
        "there is no compiler CXX=no/compiler"
    ]
    found = message_of(engine_of, trainer(make_config, engine="native"), SMALL, SETTINGS, 16)
    assert found == ("trainer.engine=native: there is no compiler CXX=no/compiler; torch computes everything")


@needs_compiler
def test_a_sweep_resumes_with_its_engine(make_config, tmp_path: Path, no_compiler_later) -> None:
    def group(job: int, engine: str, step: float) -> SeedGroup:
        return SeedGroup(make_config({"trainer.engine": engine, "pruning.edge.step": [step]}), (job,), (job,))

    run_batch([group(0, "native", 5)], tmp_path)
    assert message_of(run_batch, [group(1, "torch", 10)], tmp_path) == (
        f"trainer.engine=torch: {tmp_path}/groups/0000 was computed with native; name another folder"
    )
    run_batch([group(1, "auto", 10)], tmp_path)
    for job in (0, 1):
        record = load_group(tmp_path / "groups" / f"{job:04d}")
        assert record.engine == "native"
        assert set(record.trials["engine"]) == {"native"}
    no_compiler_later()
    assert message_of(run_batch, [group(2, "auto", 20)], tmp_path).startswith(
        "trainer.engine=native: there is no compiler"
    )


@pytest.fixture
def no_compiler_later(request: pytest.FixtureRequest):
    """Call it, and the machine has no compiler any more."""
    return lambda: request.getfixturevalue("no_compiler")
