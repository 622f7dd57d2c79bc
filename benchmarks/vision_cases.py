"""The vision tasks to be measured: images, networks, their matrix products, and the memory of a process."""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

from benchmarks.contenders import dense_module, engine_round
from benchmarks.harness import peak_memory
from benchmarks.sculpted_masks import sculpted_masks
from benchmarks.yardsticks import RoundOfProducts
from neural_sculpting.config.composing import compose
from neural_sculpting.config.schemas import Config
from neural_sculpting.networks.examples import ROWS_AT_ONCE
from neural_sculpting.sculpting.devices import threads_of
from neural_sculpting.sculpting.memory import estimate
from neural_sculpting.tasks import PairedImages, Task, build_task
from neural_sculpting.tasks.images.pairs import Sets
from neural_sculpting.tasks.vision import memory_of
from neural_sculpting.training.module import SculptingModule

IMAGES = {"train": 60_000, "t10k": 10_000}
"""As many random images as MNIST has."""


@dataclass(frozen=True)
class Conditions:
    """Shared by all measurements of a run.

    Attributes:
        source: a folder of IDX files, for tasks whose images do not come with scikit-learn.
        device: where networks are trained, ``cpu`` or ``cuda``.
        threads: of torch on a CPU; None for as many as the engine takes.
    """

    source: str
    device: str = "cpu"
    threads: int | None = None


@dataclass(frozen=True)
class Case:
    """A task with networks for it; further settings are the task's own or the paper's.

    Attributes:
        task: its name.
        hidden: units of the hidden layers.
        per_pair: training pairs of each pair of digits, to validate and to test a quarter of it each.
        epochs: of a round.
        live: units of each layer that the sculpted network uses, inputs and outputs included.
        density: the share of the edges that it keeps.
    """

    task: str
    hidden: tuple[int, ...]
    per_pair: int
    epochs: int
    live: tuple[int, ...] = ()
    density: float = 1.0

    def build(self, conditions: Conditions) -> tuple[Config, Task]:
        """Compose the configuration, and build the task."""
        quarter = max(1, self.per_pair // 4)
        overrides = [
            *(f"task={self.task}", f"task.per_pair={self.per_pair}"),
            *(f"task.validation_per_pair={quarter}", f"task.test_per_pair={quarter}"),
            *(f"arch.hidden={[*self.hidden]}", f"training.epochs={self.epochs}", "trainer.engine=torch"),
        ]
        if self.task.startswith("mnist"):
            overrides.append(f"task.source={conditions.source}")
        if conditions.threads is not None:
            overrides.append(f"trainer.threads={conditions.threads}")
        config = compose(overrides)
        return config, build_task(config.task.name, **config.task.parameters)

    def module(self, conditions: Conditions, networks: int = 1) -> SculptingModule:
        """Make dense networks with their examples, and let torch use the threads that the engine would use."""
        config, task = self.build(conditions)
        module = dense_module(task, config, range(networks))
        torch.set_num_threads(threads_of(config.trainer, module.settings.batch_size * module.layout.macs))
        module.to(conditions.device).on_fit_start()
        return module

    def sculpt(self, module: SculptingModule) -> None:
        """Prune networks to masks with few units, like those that sculpting finds."""
        layout = module.layout
        masks = sculpted_masks(layout.layers, self.live, round(self.density * layout.edges))
        kept = torch.from_numpy(np.concatenate([mask.ravel() for mask in masks])).to(module.device)
        current = module.state.current
        module.state.current = current.without(~kept.expand(len(current), -1), layout)


def products_of(module: SculptingModule) -> RoundOfProducts:
    """Prepare the matrix products of a round."""
    examples, settings = module.examples, module.settings
    training = _sizes(len(examples.training), settings.batch_size) * settings.epochs
    evaluation = _sizes(len(examples.validation), ROWS_AT_ONCE) * settings.epochs
    if examples.test is not None:
        evaluation += _sizes(len(examples.test), ROWS_AT_ONCE)
    return RoundOfProducts(len(module.state), module.layout.layers, training, evaluation, module.device)


def _sizes(rows: int, at_once: int) -> list[int]:
    return [min(at_once, rows - start) for start in range(0, rows, at_once)]


def square_of(device: str) -> tuple[Callable[[], None], int]:
    """Prepare the product of two matrices large enough for a device's peak rate; return it and its operations."""
    side = 8192 if device == "cuda" else 2048
    matrix = torch.rand(side, side, device=device)
    return waited(lambda: torch.mm(matrix, matrix), device), 2 * side**3


def waited(run: Callable[[], object], device: str) -> Callable[[], None]:
    """Wrap a function so that it returns when the device has finished."""

    def run_and_wait() -> None:
        run()
        if device == "cuda":
            torch.cuda.synchronize()

    return run_and_wait


def measure_peaks(case: Case, conditions: Conditions, networks: int) -> SimpleNamespace:
    """Train networks for a round in a process of its own, and return what :func:`print_peaks` prints there."""
    call = f"vision_cases.print_peaks(vision_cases.{case!r}, vision_cases.{conditions!r}, {networks})"
    command = [sys.executable, "-c", f"from benchmarks import vision_cases; {call}"]
    return SimpleNamespace(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def print_peaks(case: Case, conditions: Conditions, networks: int) -> None:
    """Print the peaks of this process in MB: with its libraries, with task and networks, and after a round.

    Besides, the MB that the engine expects a further network to take, and the task's own statement about its memory.
    """
    peaks: dict[str, object] = {"imported": peak_memory()}
    module = case.module(conditions, networks)
    peaks["built"] = peak_memory()
    engine_round(module)()
    peaks["trained"] = peak_memory()
    needed = estimate(module.layout, module.examples.sizes, module.settings, module.stacking)
    _, task = case.build(conditions)
    parts = [part for part in (task.training, task.validation, task.test) if isinstance(part, PairedImages)]
    print(json.dumps({**peaks, "network": needed.of_network / 1e6, "statement": memory_of(Sets(*parts))}))


def make_up_images(folder: Path) -> None:
    """Write images of MNIST's number and size: ten patterns of one class each, a quarter of their pixels changed."""
    generator = np.random.default_rng(0)
    patterns = generator.random((10, 28, 28)) < 0.2
    for part, count in IMAGES.items():
        labels = generator.integers(10, size=count, dtype=np.uint8)
        changed = generator.random((count, 28, 28), dtype=np.float32) < 0.25
        shades = generator.integers(1, 256, size=(count, 28, 28), dtype=np.uint8)
        for kind, values in (("images-idx3", (patterns[labels] ^ changed) * shades), ("labels-idx1", labels)):
            header = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, dtype=">i4").tobytes()
            path = folder / f"{part}-{kind}-ubyte.gz"
            path.write_bytes(gzip.compress(header + values.tobytes(), compresslevel=1))
