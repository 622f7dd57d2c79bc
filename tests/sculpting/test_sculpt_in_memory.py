"""One batch, or as many as memory requires, with the same results."""

import gc
import weakref

import pytest
import torch
from sculpting_examples import check_same, sculpt

from neural_sculpting.errors import UserError
from neural_sculpting.sculpting import Batch, sculpt_in_memory
from neural_sculpting.tasks import build_task
from neural_sculpting.training.module import SculptingModule

TASK = build_task("boolean_sep")
STEPS = {"pruning.unit.step": [70, 30, 50], "pruning.edge.step": [20, 10], "training.epochs": 6}
SEEDS = [3, 0]


def in_memory(config, observer=None):
    return sculpt_in_memory(TASK, config, Batch.of(config, SEEDS), observer)


@pytest.fixture(scope="module")
def at_once(make_config):
    return in_memory(make_config(STEPS))


@pytest.mark.parametrize(
    ("most", "batches"),
    [(6, 2), pytest.param(4, 4, marks=pytest.mark.slow), pytest.param(1, 12, marks=pytest.mark.slow)],
)
def test_split_by_trials_or_by_steps(make_config, at_once, caplog, most, batches):
    with caplog.at_level("INFO"):
        check_same(in_memory(make_config({**STEPS, "trainer.max_networks": most})), at_once)
    assert f"memory takes {most} of 12 networks at once: {batches} batches" in caplog.text


class Failing:
    """Raises an error in the first attempt of unit pruning with more networks than this."""

    def __init__(self, most, error):
        self.most, self.error = most, error

    def attempt(self, report):
        if len(report.query("phase == 'unit' and attempt == 1")) > self.most:
            raise self.error


OUT_OF_MEMORY = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")


@pytest.mark.slow
def test_out_of_memory_continues_with_halves(make_config, at_once, caplog):
    check_same(in_memory(make_config(STEPS), Failing(1, OUT_OF_MEMORY)), at_once)
    line = "out of memory with {} networks at once: continuing with {} batches"
    assert caplog.messages == [line.format(12, 2), line.format(6, 3), line.format(6, 3)]


def test_out_of_memory_with_one_network_is_an_error(make_config):
    with pytest.raises(UserError, match=r"^arch.hidden=\[24\]: out of memory with a single network"):
        in_memory(make_config(STEPS), Failing(0, OUT_OF_MEMORY))


def test_other_errors_are_raised(make_config):
    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        in_memory(make_config(STEPS), Failing(0, RuntimeError("mat1 and mat2 shapes cannot be multiplied")))


def test_too_little_memory_for_one_network_is_reported_first(make_config, monkeypatch):
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "600")  # in MiB: what the program takes without any network
    with pytest.raises(UserError, match=r"^arch.hidden=\[24\]: one network takes about .* GB, 0.0 GB can be used$"):
        in_memory(make_config())


def test_a_failed_batch_releases_its_memory(make_config, monkeypatch):
    """Lightning's references form cycles, which only the garbage collector would free."""
    started, trained = [], SculptingModule.training_step

    def breaks_later(module, batch, batch_idx):
        started.append(weakref.ref(module.state.current.parameters))
        if len(started) == 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        trained(module, batch, batch_idx)

    monkeypatch.setattr(SculptingModule, "training_step", breaks_later)
    gc.disable()
    try:
        with pytest.raises(torch.OutOfMemoryError):
            sculpt(make_config(STEPS), SEEDS)
        assert [parameters() for parameters in started] == [None] * 3
    finally:
        gc.enable()
