import pytest

from neural_sculpting.errors import UserError
from neural_sculpting.tracking import wandb_mode


@pytest.mark.parametrize(
    ("chosen", "variable", "key", "mode"),
    [
        ("auto", None, False, "offline"),
        ("auto", None, True, "online"),
        ("auto", "offline", True, "offline"),  # whoever says so beforehand is heard
        ("auto", "disabled", False, "disabled"),
        ("auto", "", False, "offline"),
        ("offline", "online", True, "offline"),  # the configuration wins
        ("online", "offline", True, "online"),
        ("online", None, False, "logger.mode=online: no W&B key"),
        ("auto", "online", False, "WANDB_MODE=online: no W&B key"),
    ],
)
@pytest.mark.usefixtures("no_wandb_variables")
def test_it_is_online_only_with_a_key(chosen, variable, key, mode, make_config, monkeypatch):
    if variable is not None:
        monkeypatch.setenv("WANDB_MODE", variable)
    monkeypatch.setattr(wandb_mode, "has_key", lambda: key)
    config = make_config({"logger.kind": "wandb", "logger.mode": chosen}).logger
    if "no W&B key" in mode:
        with pytest.raises(UserError, match=mode):
            wandb_mode.mode_of(config)
    else:
        assert wandb_mode.mode_of(config) == mode


def test_a_key_that_is_none_counts_as_one(monkeypatch):
    def refuse(**_):
        raise ValueError("API key must have 40+ characters, has 3.")

    monkeypatch.setattr(wandb_mode, "prepare", lambda: None)
    monkeypatch.setattr(wandb_mode.wandb, "login", refuse)
    assert wandb_mode.has_key()  # and is told of when a run begins
