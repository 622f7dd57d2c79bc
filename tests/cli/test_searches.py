"""The overrides that make a sweep a search, for sweepers of Hydra too."""

from typing import Any

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from neural_sculpting.cli.searches import search_lines
from neural_sculpting.errors import UserError

SWEEPERS = {
    "nevergrad": {"optim": {"maximize": False}},
    "ax": {"ax_config": {"experiment": {"minimize": True}}},
    "another": {},
}


def lines(make_config: Any, sweeper: str, *words: str, **changes: Any) -> list[str]:
    settings = OverridesParser.create().parse_overrides(list(words))
    own = {key.partition(".sweeper.")[2]: value for key, value in (word.split("=") for word in words) if "hydra" in key}
    node = OmegaConf.create(SWEEPERS[sweeper])
    for key, value in own.items():
        OmegaConf.update(node, key, value == "true")
    choices = {"hydra/sweeper": sweeper}
    first = OmegaConf.create({"resume": changes.pop("resume", None), "hydra": {"launcher": {}, "runtime": {}}})
    first.hydra.sweeper, first.hydra.runtime.choices = node, choices
    return search_lines(first, make_config(changes), settings)


@pytest.mark.parametrize(
    ("sweeper", "objective", "expected"),
    [
        ("nevergrad", "success", ["hydra.sweeper.optim.maximize=true"]),
        ("nevergrad", "density", ["hydra.sweeper.optim.maximize=false"]),
        ("ax", "accuracy", ["hydra.sweeper.ax_config.experiment.minimize=false"]),
        ("ax", "density", ["hydra.sweeper.ax_config.experiment.minimize=true"]),
        ("another", "success", []),
    ],
)
def test_sweepers_of_hydra_get_the_direction_of_the_objective(make_config, sweeper, objective, expected):
    assert lines(make_config, sweeper, objective=objective) == expected


def test_seeds_are_a_list_in_every_job(make_config):
    assert lines(make_config, "another", "seed=range(2,5)", "training.lr=1,2") == ["seed=[2, 3, 4]"]
    assert lines(make_config, "another", "seed=7", "training.lr=1,2") == []


def test_the_other_direction_is_refused(make_config):
    with pytest.raises(UserError, match=r"^hydra\.sweeper\.optim\.maximize=false: objective=success asks to maximize;"):
        lines(make_config, "nevergrad", "hydra.sweeper.optim.maximize=false")
    assert lines(make_config, "nevergrad", "hydra.sweeper.optim.maximize=true") == ["hydra.sweeper.optim.maximize=true"]


def test_sweepers_of_hydra_cannot_resume(make_config):
    with pytest.raises(UserError, match=r"^resume: this sweeper decides on its jobs as it goes"):
        lines(make_config, "nevergrad", resume=True)
