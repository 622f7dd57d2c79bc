"""``hydra/sweeper=optuna``: a search, whose options are in ``conf/hydra/sweeper/optuna.yaml``."""

from typing import Any

from hydra.core.plugins import Plugins
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class OptunaSweeper(Sweeper):
    """Proposes jobs with Optuna; Hydra's own plugin of that name needs a release of 2022 of it."""

    def __init__(
        self,
        *,
        sampler: DictConfig,
        direction: str | None,
        n_trials: int,
        n_jobs: int,
        storage: str | None,
        study_name: str | None,
        params: dict[str, str] | None,
    ) -> None:
        self.sampler, self.direction, self.n_trials, self.n_jobs = sampler, direction, n_trials, n_jobs
        self.storage, self.study_name, self.params = storage, study_name, params or {}

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Store the context of the search."""
        self.config, self.hydra_context, self.task_function = config, hydra_context, task_function
        self.launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )

    def sweep(self, arguments: list[str]) -> Any:
        """Run the search and return its best value."""
        from neural_sculpting.launching.search import search

        return search(self, arguments)
