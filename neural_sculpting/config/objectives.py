"""The objectives of searches: which direction is better, what a failure counts, and which tasks have them."""

from typing import Literal

from neural_sculpting.config.schemas import Config
from neural_sculpting.errors import UserError
from neural_sculpting.tasks import build_task

DIRECTIONS: dict[str, Literal["maximize", "minimize"]] = {
    "success": "maximize",
    "agreement": "maximize",
    "accuracy": "maximize",
    "density": "minimize",
}
"""Which values of each objective are better. All are from 0 to 1; as accuracy, R² may be below 0."""


def worst_value(objective: str) -> float:
    """Return the value of a trial that failed."""
    return 0.0 if DIRECTIONS[objective] == "maximize" else 1.0


def check_objective(config: Config, trials: int) -> None:
    """Raise a UserError if a search, of so many trials in each job, could not tell good jobs from bad ones."""
    if config.objective == "success":
        task = build_task(config.task.name, **config.task.parameters)
        if task.graph is None:
            raise UserError(
                f"objective=success: the expected hierarchy of {task.name} is not known; "
                "must be agreement, accuracy or density"
            )
    if config.objective == "agreement" and trials < 2:
        raise UserError("objective=agreement: one trial agrees with nobody; must have several seeds: seed=range(8)")
