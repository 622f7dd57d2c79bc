"""What the sweeper ``optuna`` does: propose jobs, launch them, and learn from the mean over the seeds of each."""

import logging
import os
from collections.abc import Sequence
from importlib.util import find_spec
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import JobReturn
from omegaconf import DictConfig, OmegaConf

from neural_sculpting.config.objectives import DIRECTIONS, worst_value
from neural_sculpting.errors import UserError, on_one_line
from neural_sculpting.files import atomic_write
from neural_sculpting.launching.groups import merged, params_of
from neural_sculpting.launching.reporting import SweepFailed, outcome
from neural_sculpting.launching.search_space import Proposal, Space
from neural_sculpting.launching.sweeps import launch, launch_as_text, prepare_folder
from neural_sculpting.records.finished import finished_jobs

if TYPE_CHECKING:
    from optuna import Study

log = logging.getLogger(__name__)

RESULTS = "optimization_results.yaml"
"""The best trial, in the file in which Hydra's own sweepers that search write it."""


def search(sweeper: Any, arguments: Sequence[str]) -> float:
    """Run a search and return the best value.

    A job that has been proposed before keeps its value and is not run again. A job that fails has the worst value.

    Raises:
        UserError: if there is nothing to search or no Optuna, or the folder contains the results of other jobs.
        SweepFailed: if every job failed.
    """
    if find_spec("optuna") is None:
        raise UserError("hydra/sweeper=optuna: Optuna is not installed; pip install 'neural-sculpting[optuna]'")
    config: DictConfig = sweeper.config
    parser = OverridesParser.create(config_loader=sweeper.hydra_context.config_loader)
    params = parser.parse_overrides(params_of({"params": sweeper.params}))
    overrides = merged(params, parser.parse_overrides(list(arguments)))
    space = Space([each for each in overrides if each.is_sweep_override()])
    single = [each for each in overrides if not each.is_sweep_override()]
    seeds = next((each.value() for each in single if each.get_key_element() == "seed"), None)
    run = _Jobs(
        sweeper,
        [f"{each.get_key_element()}={each.get_value_element_as_str()}" for each in single],
        len(seeds) if isinstance(seeds, list) else 1,
    )
    study = _study(sweeper)
    values = {space.proposal(trial.params): trial.value for trial in study.trials if trial.value is not None}
    for first in range(0, sweeper.n_trials, sweeper.n_jobs):
        numbers = range(first, min(first + sweeper.n_jobs, sweeper.n_trials))
        trials = [study.ask(space.distributions) for _ in numbers]
        proposals = [space.proposal(trial.params) or () for trial in trials]
        new = [each for each in dict.fromkeys(proposals) if each not in values]
        values |= dict(zip(new, run.values(new), strict=True))
        for number, trial, proposal in zip(numbers, trials, proposals, strict=True):
            study.tell(trial, values[proposal])
            again = "" if proposal in new else " (proposed before)"
            found = f"{config.objective} {values[proposal]:.4g}{again}"
            log.info("proposal %d of %d: %s: %s", number + 1, sweeper.n_trials, " ".join(proposal), found)
            new = [each for each in new if each != proposal]
    if run.failures and len(run.failures) == run.launched:
        refused = all(isinstance(each, UserError) for each in run.failures)
        raise SweepFailed(f"all {run.launched} jobs failed", refused) from run.failures[0]
    return _best(study, space, config)


class _Jobs:
    """Launches the jobs of a search, numbered in their order.

    Args:
        sweeper: with its launcher and context.
        single: the overrides that all jobs have.
        seeds: how many seeds each job has.
    """

    def __init__(self, sweeper: Any, single: Sequence[str], seeds: int) -> None:
        self.launcher, self.config, self.single, self.seeds = sweeper.launcher, sweeper.config, single, seeds
        self.launched, self.failures = 0, list[Exception]()
        folder = Path(os.path.abspath(self.config.hydra.sweep.dir))
        self.before = finished_jobs(folder)
        prepare_folder(self.config, folder)

    def values(self, proposals: Sequence[Proposal]) -> list[float]:
        """Run a job for each proposal and return its value; a UserError where the folder contains another job."""
        if not proposals:
            return []
        lines = [[*self.single, *proposal] for proposal in proposals]
        if getattr(self.launcher, "runs_groups", False):
            results: Sequence[JobReturn] = launch(self.launcher, lines, self.launched, refused_fail=True)
        else:
            results = launch_as_text(self.launcher, lines, self.launched)
        values = []
        for number, result in enumerate(results, start=self.launched):
            value = outcome(result)
            if isinstance(value, Exception):
                if number * self.seeds in self.before:
                    raise value
                self.failures.append(value)
                value = worst_value(self.config.objective)
            if isnan(value):
                raise UserError(f"objective={self.config.objective}: is not known of {' '.join(proposals[0])}")
            values.append(value)
        self.launched += len(results)
        return values


def _study(sweeper: Any) -> "Study":
    """Open the study. Where it has trials already, its sampler continues with other random numbers."""
    import optuna  # takes half a second

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    direction = sweeper.direction or DIRECTIONS[sweeper.config.objective]
    try:
        study = optuna.create_study(
            storage=sweeper.storage, study_name=sweeper.study_name, direction=direction, load_if_exists=True
        )
    except Exception as error:
        raise UserError(
            f"hydra.sweeper.storage={sweeper.storage}: Optuna cannot open it ({on_one_line(error)})"
        ) from error
    settings = {str(key): value for key, value in sweeper.sampler.items()}
    name = settings.pop("name")
    if settings.get("seed") is not None:
        settings["seed"] += len(study.trials)
    try:
        study.sampler = getattr(optuna.samplers, name)(**settings)
    except (AttributeError, TypeError, ValueError, ImportError) as error:
        raise UserError(f"hydra.sweeper.sampler: Optuna refuses {name} ({on_one_line(error)})") from error
    return study


def _best(study: "Study", space: Space, config: DictConfig) -> float:
    """Report the best trial, write it into the folder and return its value."""
    best = study.best_trial
    proposal, value = space.proposal(best.params) or (), float(best.value or 0.0)
    log.info("best of %d proposals: %s %.4g with %s", len(study.trials), config.objective, value, " ".join(proposal))
    found = {
        "name": "optuna",
        "objective": config.objective,
        "best_value": value,
        "best_params": {key: yaml.safe_load(text) for key, text in (line.split("=", 1) for line in proposal)},
    }
    path = Path(os.path.abspath(config.hydra.sweep.dir), RESULTS)
    atomic_write(path, lambda file: OmegaConf.save(OmegaConf.create(found), file))
    return value
