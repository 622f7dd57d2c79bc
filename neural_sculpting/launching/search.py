"""What the sweeper ``optuna`` does: propose jobs, launch them, and learn from the mean over the seeds of each."""

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep, Override, RangeSweep
from hydra.core.utils import JobReturn
from omegaconf import DictConfig, OmegaConf

from neural_sculpting.config.objectives import DIRECTIONS, worst_value
from neural_sculpting.errors import UserError, on_one_line
from neural_sculpting.files import atomic_write
from neural_sculpting.launching.groups import check_range, ends_of, merged, params_of, settings_of
from neural_sculpting.launching.reporting import SweepFailed, outcome
from neural_sculpting.launching.sweeps import launch, launch_as_text, prepare_folder
from neural_sculpting.records.finished import finished_jobs

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution

log = logging.getLogger(__name__)

DIGITS = 12
"""Of the numbers of a range, without the rounding of sums such as 0.1 + 0.2."""

Proposal = tuple[str, ...]
"""An override for each setting that is searched."""


@dataclass(frozen=True)
class Dimension:
    """A setting that is searched.

    Attributes:
        key: with the ``+`` of the override, if it has one.
        distribution: the values that may be proposed; other values than numbers as they are written in overrides.
        digits: of numbers that are not whole: what is proposed is short enough to be read and typed.
    """

    key: str
    distribution: "BaseDistribution"
    digits: int = 4

    def line(self, value: Any) -> str:
        """Write a proposed value as an override."""
        if isinstance(value, float):
            ends: Any = self.distribution
            short = float(f"{value:.{self.digits}g}")
            value = short if ends.low <= short <= ends.high else value
        return f"{self.key}={value}"


class Space:
    """The settings that are searched.

    Args:
        overrides: those with several values.

    Raises:
        UserError: if there are none, or one has nothing to choose from.
    """

    def __init__(self, overrides: list[Override]) -> None:
        if not overrides:
            raise UserError(
                "hydra/sweeper=optuna: nothing to search; give a key several values, as in training.lr=interval(0.1,1)"
            )
        self.dimensions = [_dimension(override) for override in overrides]
        self.distributions = {each.key: each.distribution for each in self.dimensions}

    def proposal(self, params: Mapping[str, Any]) -> Proposal | None:
        """Return what a trial of Optuna proposes; None where it is of another space."""
        if {*params} != {*self.distributions}:
            return None
        return tuple(each.line(params[each.key]) for each in self.dimensions)


def _dimension(override: Override) -> Dimension:
    """Numbers in an interval or a range have an order, all other values are categories."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    key, value = override.get_key_element(), override.value()
    if isinstance(value, IntervalSweep):
        low, high = ends_of(override.key_or_group, value)
        kind = IntDistribution if isinstance(low, int) else FloatDistribution
        try:
            return Dimension(key, kind(low, high, log="log" in value.tags))  # type: ignore[arg-type]
        except ValueError as error:
            raise UserError(f"{override.input_line}: Optuna refuses it ({error})") from None
    check_range(override)
    texts = tuple(dict.fromkeys(setting.text for setting in settings_of(override)))
    if not texts:
        raise UserError(f"{override.input_line}: a sweep over nothing")
    if not isinstance(value, RangeSweep) or value.shuffle:
        return Dimension(key, CategoricalDistribution(texts))
    ends = min(map(float, texts)), max(map(float, texts))
    low, high, step = (float(f"{each:.{DIGITS}g}") for each in (*ends, abs(value.step)))
    if low.is_integer() and step.is_integer():
        return Dimension(key, IntDistribution(int(low), int(high), step=int(step)))
    return Dimension(key, FloatDistribution(low, high, step=step), DIGITS)


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
    """Launches the jobs of a search, numbered in their order, each with so many seeds."""

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
