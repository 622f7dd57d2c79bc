"""The vision tasks as they are measured: images, networks, and a round of the engine on them."""

import gzip
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from benchmarks.matrix_products import RoundOfProducts
from benchmarks.sculpted_masks import sculpted_masks
from neural_sculpting.config.composing import compose
from neural_sculpting.config.schemas import Config
from neural_sculpting.networks.examples import ROWS_AT_ONCE, ExampleSets
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.stacks import macs
from neural_sculpting.sculpting.devices import threads_of
from neural_sculpting.sculpting.sculpt import round_settings, untrained
from neural_sculpting.tasks import build_task
from neural_sculpting.training.module import SculptingModule

IMAGES = {"train": 60_000, "t10k": 10_000}
"""As many images are made up as MNIST has."""


@dataclass(frozen=True)
class Conditions:
    """What all measurements of a run share.

    Attributes:
        source: a folder of IDX files, for tasks whose images do not come with scikit-learn.
        device: where networks are trained.
        threads: of torch on a CPU; None for as many as the engine takes.
    """

    source: str
    device: torch.device
    threads: int | None = None


@dataclass(frozen=True)
class Case:
    """A task with networks for it; what is not named here is the task's own or the paper's.

    Attributes:
        task: its name.
        hidden: units of the hidden layers.
        per_pair: training pairs of each pair of digits, to validate and to test a quarter of it each.
        epochs: of a round.
        live: units of each layer that the sculpted network uses, inputs and outputs included.
        density: the share of the edges that it has left.
    """

    task: str
    hidden: tuple[int, ...]
    per_pair: int
    epochs: int
    live: tuple[int, ...] = ()
    density: float = 1.0

    def config(self, conditions: Conditions) -> Config:
        """The whole configuration."""
        quarter = max(1, self.per_pair // 4)
        settings: dict[str, object] = {
            "task": self.task,
            "task.per_pair": self.per_pair,
            "task.validation_per_pair": quarter,
            "task.test_per_pair": quarter,
            "arch.hidden": [*self.hidden],
            "training.epochs": self.epochs,
        }
        if self.task.startswith("mnist"):
            settings["task.source"] = conditions.source
        if conditions.threads is not None:
            settings["trainer.threads"] = conditions.threads
        return compose([f"{name}={value}" for name, value in settings.items()])

    def module(self, conditions: Conditions, networks: int = 1) -> SculptingModule:
        """Dense networks, each with a seed of its own, on their examples, ready to be trained.

        From then on torch uses the threads that the engine would use for them.
        """
        config = self.config(conditions)
        task = build_task(config.task.name, **config.task.parameters)
        layout, settings = Layout((task.n_inputs, *self.hidden, task.n_outputs)), round_settings(config, task)
        torch.set_num_threads(threads_of(config.trainer, macs(layout, settings.batch_size)))
        module = SculptingModule(layout, ExampleSets.of(task), settings, untrained(range(networks), layout))
        module.to(conditions.device).on_fit_start()
        return module

    def sculpt(self, module: SculptingModule) -> None:
        """Prune networks to masks as sculpting leaves them, of few units."""
        layout = module.layout
        masks = sculpted_masks(layout.layers, self.live, round(self.density * layout.edges))
        kept = torch.from_numpy(np.concatenate([mask.ravel() for mask in masks])).to(module.device)
        current = module.state.current
        module.state.current = current.without(~kept.expand(len(current), -1), layout)


def engine_round(module: SculptingModule, precision: str = "fp32") -> Callable[[], None]:
    """One round of all networks, from the same start each time, with everything that belongs to it."""
    start = module.state.current

    def run() -> None:
        module.state.current = start
        with torch.autocast(module.device.type, torch.bfloat16) if precision == "bf16" else nullcontext():
            module.training_step(None, 0)

    return run


def products_of(module: SculptingModule) -> RoundOfProducts:
    """The matrix products of the same round."""
    examples, settings = module.examples, module.settings
    return RoundOfProducts(
        networks=len(module.state),
        layers=module.layout.layers,
        training=_sizes(len(examples.training), settings.batch_size),
        evaluation=_sizes(len(examples.validation), ROWS_AT_ONCE),
        final=[] if examples.test is None else _sizes(len(examples.test), ROWS_AT_ONCE),
        epochs=settings.epochs,
        device=module.device,
    )


def _sizes(rows: int, at_once: int) -> list[int]:
    """The sizes of parts of at most so many rows."""
    return [min(at_once, rows - start) for start in range(0, rows, at_once)]


def title_of(module: SculptingModule) -> tuple[str, str]:
    """The layers of networks, and how much a round of theirs is."""
    settings, rows = module.settings, len(module.examples.training)
    return "-".join(map(str, module.layout.layers)), f"{rows:,}/{settings.batch_size} × {settings.epochs}"


def waited(run: Callable[[], object], device: torch.device) -> Callable[[], None]:
    """A function that returns when the device has done what it was asked for."""

    def run_and_wait() -> None:
        run()
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    return run_and_wait


def make_up_images(folder: Path) -> None:
    """Write images of MNIST's number and size: ten patterns of one class each, a quarter of their pixels changed."""
    generator = np.random.default_rng(0)
    patterns = generator.random((10, 28, 28)) < 0.2
    for part, count in IMAGES.items():
        labels = generator.integers(10, size=count, dtype=np.uint8)
        changed = generator.random((count, 28, 28), dtype=np.float32) < 0.25
        shades = generator.integers(1, 256, size=(count, 28, 28), dtype=np.uint8)
        _write_idx(folder / f"{part}-images-idx3-ubyte.gz", (patterns[labels] ^ changed) * shades)
        _write_idx(folder / f"{part}-labels-idx1-ubyte.gz", labels)


def _write_idx(path: Path, values: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
    header = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, dtype=">i4").tobytes()
    path.write_bytes(gzip.compress(header + values.tobytes(), compresslevel=1))
