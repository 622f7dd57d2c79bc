"""Everything in one batch, or in as many as memory asks for: the same rows."""

import gc
import weakref

import pytest
import torch
from sculpting_examples import check_same, sculpt

from neural_sculpting.errors import UserError
from neural_sculpting.sculpting import Batch, memory, sculpt_in_memory
from neural_sculpting.tasks import build_task
from neural_sculpting.training.module import SculptingModule

TASK = build_task("boolean_sep")
STEPS = {"pruning.unit.step": [70, 30, 50], "pruning.edge.step": [20, 10], "training.epochs": 6}
SEEDS = [3, 0]


def in_memory(config):
    return sculpt_in_memory(TASK, config, Batch.of(config, SEEDS))


@pytest.fixture(scope="module")
def at_once(make_config):
    return in_memory(make_config(STEPS))


@pytest.mark.parametrize("most", [6, pytest.param(4, marks=pytest.mark.slow), pytest.param(1, marks=pytest.mark.slow)])
def test_split_by_trials_or_by_steps(make_config, at_once, most):
    check_same(in_memory(make_config({**STEPS, "trainer.max_networks": most})), at_once)


def out_of_memory_above(limit, monkeypatch):
    """Sculpting fails with more networks than this; returns the sizes that were tried."""
    tried, real = [], memory.sculpt_networks

    def limited(task, config, batch, *others):
        tried.append(len(batch))
        if tried[-1] > limit:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return real(task, config, batch, *others)

    monkeypatch.setattr(memory, "sculpt_networks", limited)
    return tried


@pytest.mark.slow
def test_out_of_memory_goes_on_with_halves(make_config, at_once, monkeypatch, caplog):
    tried = out_of_memory_above(3, monkeypatch)
    check_same(in_memory(make_config(STEPS)), at_once)
    assert tried == [12, 6, 2, 2, 2, 6, 2, 2, 2]
    assert "out of memory with 12 networks at once: continuing with 2 batches" in caplog.text


def test_out_of_memory_with_one_network_is_an_error(make_config, monkeypatch):
    out_of_memory_above(0, monkeypatch)
    with pytest.raises(UserError, match=r"^arch.hidden=\[24\]: out of memory with a single network"):
        in_memory(make_config(STEPS))


def test_a_batch_that_failed_holds_on_to_nothing(make_config, monkeypatch):
    """Lightning's references go in circles: without the collector only what was let go of is gone."""
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


def test_another_error_is_not_taken_for_it(make_config, monkeypatch):
    def broken(*_):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(memory, "sculpt_networks", broken)
    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        in_memory(make_config(STEPS))


def test_too_little_memory_for_one_is_said_before_work_starts(make_config, monkeypatch):
    monkeypatch.setattr(memory, "free_bytes", lambda device: 10_000)
    with pytest.raises(UserError, match=r"^arch.hidden=\[24\]: one network takes about .* GB, .* GB can be used$"):
        in_memory(make_config())
