"""Networks that are no perceptrons, through the whole pipeline: a user's own, and a transformer that is interrupted."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from sculpting_examples import StopAt, check_same, sculpt

from neural_sculpting.config.composing import compose
from neural_sculpting.config.loading import load
from neural_sculpting.config.schemas import Config
from neural_sculpting.errors import UserError
from neural_sculpting.networks.matrices import MatrixArchitecture, Shapes, Weight
from neural_sculpting.pipeline import sculpt_group
from neural_sculpting.records.group_files import load_group
from neural_sculpting.records.record import GroupRecord
from neural_sculpting.records.store import save_group
from neural_sculpting.results import Result
from neural_sculpting.sculpting import Batch
from neural_sculpting.sculpting.checkpoints import BatchCheckpoint, Checkpoints

pytestmark = pytest.mark.slow

QUIET = ("trainer.accelerator=cpu", "trainer.threads=1", "trainer.progress_bar=false", "logger=none")


@dataclass(frozen=True)
class Squares(MatrixArchitecture):
    """One hidden layer whose units square what they read."""

    task: Shapes
    size: int

    @property
    def units(self):
        return {"squares": self.size}

    @property
    def weights(self):
        squares = (("squares", 1),)
        return Weight("up", (self.inputs, self.size), (), squares), Weight("down", (self.size, self.outputs), squares)

    @property
    def nodes(self):
        return [[("squares", number) for number in range(self.size)]]

    def forward(self, parameters, rows, edits):
        weights, biases = self.split(parameters)
        values = (rows @ weights["up"] + biases["up"]).square()
        values = edits["squares"](values.mT).mT if "squares" in edits else values
        return values @ weights["down"] + biases["down"]

    def stages(self, amounts):
        return [amounts["up"], amounts["down"]]


@dataclass(frozen=True)
class Forgetful(Squares):
    """Reads something else than its task."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "task", Shapes(3, 3))


def configuration(*overrides: str) -> Config:
    return load(compose([*overrides, *QUIET]).model_dump(mode="json"))


def own(name: str) -> Config:
    training = ("training.lr=0.05", "training.batch_size=16", "training.epochs=100")
    return configuration(
        "task=boolean_sep", "arch=own", f"arch.name={__name__}.{name}", "arch.own={size:12}", *training
    )


@pytest.fixture(scope="module")
def record() -> GroupRecord:
    return sculpt_group(own("Squares"), [0, 1])


def test_an_own_network_finds_the_hierarchy(record):
    assert record.layout == Squares(record.layout.task, 12)
    assert record.trials["exact"].all()
    assert (record.trials["accuracy"] == 1.0).all()
    for network, row in record.networks.iterrows():
        assert row["edges"] == record.packed.edges_of(network).sum()


def test_an_own_network_is_stored_and_loaded(record, tmp_path):
    loaded = load_group(save_group(record, tmp_path))
    assert loaded.layout == record.layout
    for name in ("masks", "values", "counts"):
        assert np.array_equal(getattr(loaded.packed, name), getattr(record.packed, name))
    before, after = (Result((each,)).trial(seed=1) for each in (record, loaded))
    assert after.picture() == before.picture()
    assert "square 0" in after.picture() or "square" in after.picture()


def test_what_can_be_asked_of_an_own_network(record, tmp_path):
    trial = Result((record,)).trial(seed=0)
    rows = np.array([[0, 1, 0, 1], [1, 1, 1, 0]], dtype=np.float32)
    bits = (trial.model()(torch.from_numpy(rows)) > 0).int().numpy()
    assert trial.predict(rows).to_numpy().tolist() == bits.tolist()
    names = {path.name for path in trial.export(tmp_path / "exported")}
    assert {"model.safetensors", "model.json", "hierarchy.json"} <= names
    assert not {"model.onnx", "formulas.txt"} & names
    assert list(trial.patterns) == []
    with pytest.raises(UserError, match="formulas: for multilayer perceptrons alone"):
        trial.formulas()


def test_an_own_network_must_know_its_task():
    with pytest.raises(UserError, match="Forgetful: its attribute task must be what it was given"):
        sculpt_group(own("Forgetful"), [0])


class EveryAttempt(BatchCheckpoint):
    """Due after every attempt."""

    is_due = True


def test_a_transformer_that_was_stopped_resumes_with_the_same_bits(tmp_path):
    training = ("training.epochs=1", "training.batch_size=512", "pruning.edge.step=60", "pruning.accuracy_drop=0.5")
    config = configuration("task=streams_sep", "arch.width=4", "arch.heads=2", "arch.mlp=4", *training)
    whole = sculpt(config, [0, 1])
    assert len(whole.history) > 6
    usual = Checkpoints(tmp_path, {"settings": {}}).of(Batch.of(config, [0, 1]))
    checkpoint = EveryAttempt(usual.path, usual.identity)
    with pytest.raises(InterruptedError):
        sculpt(config, [0, 1], StopAt(3), checkpoint=checkpoint)
    assert checkpoint.path.exists()
    check_same(sculpt(config, [0, 1], checkpoint=checkpoint), whole)
