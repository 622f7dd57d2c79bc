"""Which engine trains, what is said where one cannot, and that a sweep resumes with the same one and its draws."""

import json
import logging
import shutil
from pathlib import Path

import pytest
from user_errors import message_of

from neural_sculpting.config.schemas import SeedGroup
from neural_sculpting.native.build import kernel_or_error
from neural_sculpting.native.engine import NativeNormals
from neural_sculpting.networks.layout import Layout
from neural_sculpting.pipeline import run_batch
from neural_sculpting.records.group_files import load_group
from neural_sculpting.sculpting import devices
from neural_sculpting.sculpting.devices import engine_of
from neural_sculpting.training.engine import TorchEngine
from neural_sculpting.training.round import RoundSettings

needs_compiler = pytest.mark.usefixtures("kernel")

SETTINGS = RoundSettings(lr=0.01, batch_size=8, epochs=6, input_noise=0.1, weight_decay=1e-3)
SMALL = Layout((4, 24, 4))


@pytest.fixture
def no_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A machine without a compiler, on which the kernel was never built."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("CXX", "no/compiler")
    kernel_or_error.cache_clear()
    devices._advise.cache_clear()
    yield
    kernel_or_error.cache_clear()


def trainer(make_config, **settings):
    return make_config({f"trainer.{key}": value for key, value in settings.items()}).trainer


@needs_compiler
def test_auto_is_native_where_it_is_faster(make_config) -> None:
    auto = trainer(make_config, engine="auto")
    for layers, rows in [((4, 24, 4), 16), ((4, 24, 4), 10**6), ((4, 24, 200, 4), 16), ((768, 200, 4), 8)]:
        assert engine_of(auto, Layout(layers), SETTINGS, rows).name == "native"
    for layers in [(4, 24, 201, 4), (1500, 200, 4)]:  # 8 rows with 300,800 edges: above 2^21
        engine = engine_of(auto, Layout(layers), SETTINGS, 16)
        assert engine.name == "torch"
        assert isinstance(engine.normals, NativeNormals)  # the kernel draws the noise at least
    assert engine_of(trainer(make_config, engine="torch"), SMALL, SETTINGS, 16) == TorchEngine(SMALL, SETTINGS)


@pytest.mark.parametrize(
    ("changed", "layers", "message"),
    [
        ({"precision": "bf16"}, (4, 24, 4), "has no trainer.precision=bf16, only fp32"),
        ({}, (4, 24, 300, 4), "is for layers of at most 200 units, not 300"),
        ({}, (2048, 128, 4), "is for minibatches of at most 2,097,152 multiplications, not 2,101,248"),
    ],
)
def test_what_the_native_engine_does_not_do(make_config, changed, layers, message) -> None:
    config = trainer(make_config, engine="native", **changed)
    found = message_of(engine_of, config, Layout(layers), SETTINGS, 16)
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


@pytest.mark.parametrize("arch", [[24], [12]])
def test_a_sweep_that_drew_other_random_numbers_is_not_resumed(make_config, saved_record, tmp_path: Path, arch) -> None:
    """Not even with another architecture."""
    shutil.copytree(saved_record, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "groups" / "0003"
    about = json.loads((path / "group.json").read_text())
    (path / "group.json").write_text(json.dumps({**about, "neural_sculpting": "0.1.0"}))
    group = SeedGroup(make_config({"arch.hidden": arch}), (9,), (9,))
    assert message_of(run_batch, [group], tmp_path) == (
        f"{path} was computed by version 0.1.0, which drew other random numbers: resume with that version, "
        "or name another folder"
    )
    assert [each.name for each in (tmp_path / "groups").iterdir()] == ["0003"]


@pytest.fixture
def no_compiler_later(request: pytest.FixtureRequest):
    """Call it, and the machine has no compiler any more."""
    return lambda: request.getfixturevalue("no_compiler")
