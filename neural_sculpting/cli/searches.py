"""Searches: sweepers such as ``optuna``, which propose jobs by what former ones returned."""

from collections.abc import Sequence

from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf

from neural_sculpting.cli.arguments import count_jobs
from neural_sculpting.config.loading import check_seed
from neural_sculpting.config.objectives import DIRECTIONS, check_objective
from neural_sculpting.config.schemas import Config
from neural_sculpting.config.values import typed
from neural_sculpting.errors import UserError
from neural_sculpting.launching.groups import settings_of

OWN = "optuna"
"""The sweeper of this package that searches; others are Hydra's plugins."""

DIRECTION_KEYS: dict[str, dict[str, object]] = {
    "hydra.sweeper.direction": {"maximize": "maximize", "minimize": "minimize"},
    "hydra.sweeper.optim.maximize": {"maximize": True, "minimize": False},
    "hydra.sweeper.ax_config.experiment.minimize": {"maximize": False, "minimize": True},
}
"""Where sweepers read the direction of an objective: Optuna's, Nevergrad's and Ax's."""


def search_lines(first: DictConfig, config: Config, settings: Sequence[Override]) -> list[str]:
    """Check a search and return the overrides that make it one: its direction, and all seeds in every job.

    Args:
        first: its composition with the first value of each key, and the ``hydra`` node.
        config: the same, checked.
        settings: the overrides of the command line and of ``hydra.sweeper.params``.

    Raises:
        UserError: if its jobs could not be compared, or it asks for another direction than its objective.
    """
    if first.hydra.launcher.get("wait") is False:
        raise UserError("hydra.launcher.wait=false: a search waits for its jobs, to learn from them; must be true")
    if first.resume and (first.hydra.runtime.choices["hydra/sweeper"] != OWN or first.hydra.sweeper.storage):
        raise UserError(
            "resume: this sweeper decides on its jobs as it goes; hydra/sweeper=batch, basic and, without storage, "
            "optuna can resume"
        )
    seeds = _seeds(settings)
    check_objective(config, len(seeds) or 1)
    lines = [f"seed={typed(seeds)}"] if seeds else []
    return [*lines, *_direction(first, config.objective, {each.get_key_element() for each in settings})]


def _seeds(settings: Sequence[Override]) -> list[int]:
    """Return the seeds over which a search averages; none where a single one is set, or none."""
    for override in settings:
        if override.key_or_group == "seed" and override.is_sweep_override():
            if not override.is_discrete_sweep():
                raise UserError(f"{override.input_line}: seeds are averaged over, not searched; must list them")
            count_jobs([override])
            return [check_seed(each.value) for each in settings_of(override)]
    return []


def _direction(first: DictConfig, objective: str, given: set[str]) -> list[str]:
    """Return the override of the direction where the sweeper has a key for it."""
    direction = DIRECTIONS[objective]
    for key, words in DIRECTION_KEYS.items():
        value, right = OmegaConf.select(first, key, default=()), words[direction]
        if value == ():
            continue
        if key in {each.lstrip("+") for each in given} and value not in (right, None):
            raise UserError(f"{key}={typed(value)}: objective={objective} asks to {direction}; must be {typed(right)}")
        return [f"{key}={typed(right)}"]
    return []
