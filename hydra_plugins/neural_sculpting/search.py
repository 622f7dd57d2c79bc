"""``hydra/sweeper=optuna``: a search, whose options are in ``conf/hydra/sweeper/optuna.yaml``."""

from typing import Any

from omegaconf import DictConfig

from hydra_plugins.neural_sculpting.batch import LaunchingSweeper


class OptunaSweeper(LaunchingSweeper):
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

    def sweep(self, arguments: list[str]) -> Any:
        """Run the search and return its best value."""
        from neural_sculpting.launching.search import search

        return search(self, arguments)
