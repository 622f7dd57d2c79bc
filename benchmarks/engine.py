"""The engine: a step of many networks against a step of one, and sculpting against a bare loop.

Run it with ``python -m benchmarks.engine``. Figures are ratios of medians of interleaved measurements.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median

import torch
from rich.console import Console
from rich.table import Table

from benchmarks.bare_loop import BareLoop
from benchmarks.machine import describe_machine, peak_memory
from neural_sculpting.config.composing import compose
from neural_sculpting.config.schemas import Config
from neural_sculpting.networks.examples import ExampleSets
from neural_sculpting.networks.layout import Layout
from neural_sculpting.sculpting import Batch, sculpt_networks
from neural_sculpting.sculpting.sculpt import round_settings, untrained
from neural_sculpting.tasks import Task, build_task
from neural_sculpting.training.module import SculptingModule
from neural_sculpting.training.perceptrons import StackedPerceptrons
from neural_sculpting.training.round import step

CASES = {"boolean_sep": [[24], [24, 24, 24]], "boolean_sep_reused": [[24, 24]]}
SIZES = (1, 36, 360)


def interleaved(measured: dict[str, Callable[..., object]], repeats: int) -> dict[str, float]:
    """Median seconds of each function, one call of each in turn, so that they share the machine's moods."""
    seconds: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(repeats):
        for name, function in measured.items():
            began = time.perf_counter()
            function()
            seconds[name].append(time.perf_counter() - began)
    return {name: median(values[1:]) for name, values in seconds.items()}


def dense_module(task: Task, config: Config, networks: int) -> SculptingModule:
    """Dense networks, ready to be trained."""
    layout = Layout((task.n_inputs, *config.arch.hidden, task.n_outputs))
    return SculptingModule(
        layout, ExampleSets.of(task), round_settings(config, task), untrained(range(networks), layout)
    )


def engine_round(module: SculptingModule) -> Callable[[], object]:
    """One round of all networks, as the engine trains it: streams, evaluation and the best epoch included."""
    return lambda: module.training_step(None, 0)


def engine_steps(module: SculptingModule, steps: int = 50) -> Callable[[], object]:
    """Optimizer steps on one minibatch: forward, gradients, Adam, masks."""
    [stack] = module.stacking.stacks(torch.arange(len(module.state)))
    networks = module.state.current.take(stack.indices)
    perceptrons = StackedPerceptrons(networks.parameters, module.layout)
    optimizer = module.settings.optimizer(perceptrons.parameters)
    masks = networks.masks.float()
    table, size = next(module.examples.training.chunks(len(networks))), module.settings.batch_size
    rows, targets = (values[:, :size].contiguous() for values in table)

    def run() -> None:
        with torch.no_grad():
            for _ in range(steps):
                step(perceptrons, optimizer, masks, rows, targets, module.settings.loss)

    return run


def bare_rounds(task: Task, config: Config, networks: Sequence[int]) -> Callable[[], object]:
    """As many rounds of the bare loop as given, each of so many networks."""
    settings = round_settings(config, task)
    layers = (task.n_inputs, *config.arch.hidden, task.n_outputs)
    rows, size = len(task.training), settings.batch_size
    loops = {count: BareLoop(count, layers, rows, size, settings.lr) for count in set(networks)}

    def run() -> None:
        for count in networks:
            loops[count].round(settings.epochs)

    return run


def networks_by_round(task: Task, config: Config, seeds: Sequence[int]) -> list[int]:
    """How many networks each round of sculpting trains."""
    history = sculpt_networks(task, config, Batch.of(config, seeds)).history
    sizes: list[int] = history.groupby(["phase", "attempt"], sort=False).size().tolist()
    return sizes


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=11, help="measurements of each; the first is dropped")
    repeats = parser.parse_args().repeats
    torch.set_num_threads(1)
    console = Console()
    console.print(describe_machine(), highlight=False)
    for task_name, shapes in CASES.items():
        for hidden in shapes:
            console.print(_report(task_name, hidden, repeats))
    console.print(f"peak memory of this process {peak_memory():.0f} MB", highlight=False)


def _report(task_name: str, hidden: list[int], repeats: int) -> Table:
    config = compose([f"task={task_name}", f"arch.hidden={hidden}", "trainer.progress_bar=false"])
    task = build_task(config.task.name, **config.task.parameters)
    settings = round_settings(config, task)
    steps = settings.epochs * -(-len(task.training) // settings.batch_size)
    rounds = {count: networks_by_round(task, config, range(count)) for count in SIZES}
    measured: dict[str, Callable[..., object]] = {}
    for count in SIZES:
        module = dense_module(task, config, count)
        measured[f"steps {count}"] = engine_steps(module, steps)
        measured[f"round {count}"] = engine_round(module)
        measured[f"bare round {count}"] = bare_rounds(task, config, [count])
    for count in SIZES:
        measured[f"sculpt {count}"] = partial(sculpt_networks, task, config, Batch.of(config, range(count)))
        measured[f"bare sculpt {count}"] = bare_rounds(task, config, rounds[count])
    seconds = interleaved(measured, repeats)
    layers = "-".join(map(str, (task.n_inputs, *hidden, task.n_outputs)))
    table = Table(title=f"{task_name} {layers}", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for heading in ("networks", "step", "of one", "round", "of one", "of bare", "sculpting", "of one", "of bare"):
        table.add_column(heading, justify="right")
    for count in SIZES:
        one_step, one_round, whole = (seconds[f"{name} {count}"] for name in ("steps", "round", "sculpt"))
        table.add_row(
            str(count),
            f"{one_step / steps * 1e6:.0f} µs",
            f"{one_step / seconds['steps 1']:.2f}",
            f"{one_round * 1000:.1f} ms",
            f"{one_round / seconds['round 1']:.2f}",
            f"{one_round / seconds[f'bare round {count}']:.2f}",
            f"{whole:.2f} s",
            f"{whole / seconds['sculpt 1']:.2f}",
            f"{whole / seconds[f'bare sculpt {count}']:.2f}",
        )
    rounds_taken = ", ".join(f"{len(rounds[count])} for {count}" for count in SIZES)
    table.caption = f"{steps} steps a round; rounds of sculpting: {rounds_taken}"
    table.caption_justify = "left"
    return table


if __name__ == "__main__":
    main()
