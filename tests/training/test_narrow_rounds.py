"""A network that reads a few of its inputs trains on these alone, and to the same."""

import pytest
import torch

from neural_sculpting.networks import draws
from neural_sculpting.networks.draws import DrawsByEpoch, RoundDraws, draw_round
from neural_sculpting.networks.examples import ExampleSets
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.stacks import Compaction
from neural_sculpting.sculpting.sculpt import untrained
from neural_sculpting.tasks import build_task
from neural_sculpting.training.module import SculptingModule
from neural_sculpting.training.round import RoundSettings

IMAGES = {"source": "digits", "per_pair": 2, "validation_per_pair": 1, "test_per_pair": 1, "data_seed": 0}


@pytest.mark.parametrize("kind", [RoundDraws, DrawsByEpoch])
def test_noise_stays_with_its_input(monkeypatch, kind):
    monkeypatch.setattr(draws, "DRAWN_AT_ONCE", 0 if kind is DrawsByEpoch else 10**9)
    task, layout = build_task("digits_pair", **IMAGES), Layout((128, 9, 20))
    settings = RoundSettings(lr=0.01, batch_size=64, epochs=2, input_noise=0.5, weight_decay=1e-4)
    module = SculptingModule(layout, ExampleSets.of(task), settings, untrained([3], layout))
    drawn = draw_round([3], "edge", 1, (2, len(task.training.targets), 128), noise=True)
    assert isinstance(drawn, kind)

    unread = torch.zeros(1, layout.edges, dtype=torch.bool)
    unread[:, : 128 * 9].view(1, 128, 9)[:, torch.arange(128) % 5 != 0] = True
    networks, seed = module.state.current.without(unread, layout), torch.tensor([0])
    wide = module._round(networks, None, seed, drawn)
    narrow = module._round(networks, Compaction.to_used, seed, drawn)
    torch.testing.assert_close(narrow.parameters, wide.parameters, atol=1e-6, rtol=0)
    assert not wide.parameters.equal(networks.parameters)

    other = draw_round([3], "edge", 2, (2, len(task.training.targets), 128), noise=True)
    with pytest.raises(AssertionError):  # noise matters here
        torch.testing.assert_close(
            module._round(networks, None, seed, other).parameters, wide.parameters, atol=1e-6, rtol=0
        )
