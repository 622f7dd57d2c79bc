"""Sculpting from a trained network."""

import numpy as np
import pytest
import torch
from network_examples import plain_network, row_of
from sculpting_examples import sculpt
from torch import nn
from torch.nn.utils import prune

from neural_sculpting.config.schemas import NetworkConfig
from neural_sculpting.errors import UserError
from neural_sculpting.networks.layout import Layout
from neural_sculpting.pipeline import SeedGroup, sculpt_group, sculpt_groups
from neural_sculpting.pretrained import TrainedNetwork, read_network
from neural_sculpting.sculpting.sculpt import trained
from neural_sculpting.tasks import build_task

pytestmark = pytest.mark.slow

TASK = build_task("boolean_sep")
ROWS, BITS = torch.from_numpy(TASK.training.inputs), torch.from_numpy(TASK.training.targets)
GENTLE = {"training.lr": 1e-7, "training.epochs": 1}


def right_bits(module: nn.Module) -> float:
    with torch.no_grad():
        return ((module(ROWS) > 0) == (BITS > 0.5)).double().mean().item()


@pytest.fixture(scope="module")
def module() -> nn.Sequential:
    """A network that has learned boolean_sep, dense."""
    torch.manual_seed(3)
    network = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 4))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.05)
    for _ in range(200):
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(network(ROWS), BITS).backward()
        optimizer.step()
    assert right_bits(network) == 1.0
    return network


@pytest.fixture(scope="module")
def start(module: nn.Sequential) -> TrainedNetwork:
    return read_network(module)


@pytest.fixture(scope="module")
def pruned(module: nn.Sequential) -> TrainedNetwork:
    """The same without 6 of 24 units, and without 12 of the remaining 8 · 18 edges."""
    copy = plain_network(row_of(module), Layout((4, 24, 4)))
    mask = torch.ones(24, 4)
    mask[:6] = 0
    mask[6:9] = torch.eye(4)[:3]  # one input each
    mask[9, :3] = 0
    prune.custom_from_mask(copy[0], "weight", mask)
    return read_network(copy)


def test_all_seeds_start_with_the_parameters_of_the_network(module, start):
    state = trained([5, 1], start, Layout((4, 24, 4)))
    assert state.seeds.tolist() == [5, 1]
    assert state.current.parameters.equal(row_of(module).repeat(2, 1))
    assert state.current.masks.all()


def test_masks_of_biases_follow_those_of_edges_at_the_start(pruned):
    layout = Layout((4, 24, 4))
    state = trained([0], pruned, layout)
    edges = state.current.masks[:, : layout.edges]
    assert edges.sum() == 192 - 6 * 8 - 12
    assert state.current.masks.equal(layout.with_bias_masks(edges))
    assert not state.current.parameters[~state.current.masks].any()


def test_sculpting_a_trained_network_succeeds(config, start):
    record = sculpt_group(config, range(4), start=start)
    assert record.trials["exact"].all()
    assert (record.history.groupby("seed")["accuracy"].first() == 1.0).all()
    assert (record.trials[["loaded_accuracy", "loaded_example_accuracy"]] == 1.0).all(axis=None)
    assert record.config.network == NetworkConfig(file=None, sha256=start.sha256)
    new = sculpt_group(config, range(4))
    assert new.config.network is None
    assert not np.array_equal(record.packed.masks, new.packed.masks)


def test_the_first_round_trains_the_given_network(make_config, start, module):
    """With nearly no learning the weights hardly change, and the accuracy not at all."""
    sculpted = sculpt(make_config(GENTLE), [0, 1], start=start)
    first = sculpted.history[sculpted.history["attempt"] == 0].groupby("phase")["accuracy"].first()
    assert first["unit"] == 1.0
    expected = row_of(module)
    for network in range(2):
        parameters = torch.from_numpy(sculpted.networks.parameters_of(network))
        left = parameters != 0
        assert 0 < left.sum() < len(left)
        torch.testing.assert_close(parameters[left], expected[left], atol=1e-4, rtol=0)
    assert sculpted.table["accuracy"].tolist() == [1.0, 1.0]


def test_pruned_edges_stay_pruned(config, pruned):
    sculpted = sculpt(config, range(3), start=pruned)
    history = sculpted.history
    first = history[(history["phase"] == "unit") & (history["attempt"] == 0)]
    assert first["units"].tolist() == [18] * 3
    assert first["edges"].tolist() == [192 - 6 * 8 - 12] * 3
    assert first["target"].tolist() == [25.0] * 3
    assert first["loss"].nunique() == 3  # seeds draw differently
    second = history[(history["phase"] == "unit") & (history["attempt"] == 1)]
    assert second["target"].tolist() == [95.0] * 3  # the step of 70 comes on top
    for network in range(3):
        for mask, given in zip(sculpted.masks_of(network), pruned.masks, strict=True):
            assert not mask[~given].any()


@pytest.mark.parametrize("which", ["start", "pruned"])
def test_a_seed_does_not_depend_on_others(config, which, request):
    network = request.getfixturevalue(which)
    together = sculpt(config, range(12), start=network)
    alone = sculpt(config, [7], start=network)
    assert np.array_equal(alone.networks.parameters_of(0), together.networks.parameters_of(7))
    assert np.array_equal(alone.networks.masks[0], together.networks.masks[7])
    assert alone.table.loc[0].equals(together.table.loc[7])
    same = together.history[together.history["seed"] == 7].reset_index(drop=True)
    assert alone.history.equals(same)


@pytest.fixture
def file(module, tmp_path, monkeypatch) -> str:
    monkeypatch.chdir(tmp_path)
    torch.save(module.state_dict(), "model.pt")
    return "model.pt"


def test_a_file_gives_the_same_results_as_the_network(make_config, start, file):
    short = {"training.epochs": 3}
    config = make_config({**short, "network": file, "arch.hidden": None})
    assert config.arch.hidden == (24,)
    assert config.network == NetworkConfig(file="model.pt", sha256=start.sha256)
    from_file, in_memory = sculpt_group(config, [2, 5]), sculpt_group(make_config(short), [2, 5], start=start)
    assert np.array_equal(from_file.packed.values, in_memory.packed.values)
    assert from_file.history.equals(in_memory.history)


def test_a_file_that_has_changed_is_rejected(make_config, module, file):
    config = make_config({"network": file})
    torch.save({name: value + 1 for name, value in module.state_dict().items()}, file)
    with pytest.raises(UserError, match=r"^network=model.pt: has changed since this run began$"):
        sculpt_group(config, [0])


def test_a_network_in_memory_is_not_stored(config, start):
    stored = sculpt_group(config, [0], start=start).config
    with pytest.raises(UserError, match=r"^network: was in memory, and is not stored; give it again$"):
        sculpt_groups([SeedGroup(stored, (0,), (0,))])


def test_a_configuration_may_name_the_hash_of_the_weights(make_config, start, file):
    assert make_config({"network": {"file": file, "sha256": start.sha256}}).network.sha256 == start.sha256
    with pytest.raises(UserError, match=f"^network=model.pt: its SHA-256 is {start.sha256}; must be abc$"):
        make_config({"network": {"file": file, "sha256": "abc"}})


FIVE_OUTPUTS = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 5))


def test_another_shape_is_rejected(make_config, start, file):
    """In memory before sculpting, in a file with the configuration."""
    with pytest.raises(UserError, match=r"^network: has 4 inputs and 5 outputs; boolean_sep has 4 and 4"):
        sculpt_group(make_config(), [0], start=read_network(FIVE_OUTPUTS))
    with pytest.raises(UserError, match=r"^arch.hidden=\[30\]: network has \[24\]"):
        sculpt_group(make_config({"arch.hidden": [30]}), [0], start=start)
    message = r"^arch.hidden=\[36\]: network=model.pt has \[24\]; arch.hidd"
    with pytest.raises(UserError, match=message):
        make_config({"network": file, "arch.hidden": [36]})
    message = r"^network=model.pt: has 4 inputs and 4 outputs; boolean_reused uses=8 has 4 a"
    with pytest.raises(UserError, match=message):
        make_config({"network": file, "task": {"name": "boolean_reused", "uses": 8}})
