"""The shipped configuration of each task, composed once in a process: that takes Hydra a tenth of a second."""

from collections.abc import Sequence
from copy import deepcopy
from functools import cache, reduce
from operator import getitem
from typing import Any

import hydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from neural_sculpting.config.loading import PRIMARY, configuration_folder


@cache
def shipped(task: str) -> dict[str, Any]:
    """The configuration of a task, not to be changed."""
    with hydra.initialize_config_dir(str(configuration_folder()), version_base="1.3"):
        values: Any = OmegaConf.to_container(hydra.compose(PRIMARY, [f"task={task}"]), resolve=True)
    return values


def overridden(words: Sequence[str]) -> dict[str, Any]:
    """The configuration with these overrides, of a task and of keys, without composing it again."""
    task, *_ = [word.removeprefix("task=") for word in words if word.startswith("task=")] or ["boolean_sep"]
    values = deepcopy(shipped(task))
    for override in OverridesParser.create().parse_overrides([word for word in words if not word.startswith("task=")]):
        *groups, key = override.key_or_group.split(".")
        group = reduce(getitem, groups, values)
        if override.is_delete():
            del group[key]
        else:
            group[key] = override.value()
    return values
