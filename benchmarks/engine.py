"""The engine: a step of many networks against a step of one, and sculpting against a bare loop.

Run it with ``python -m benchmarks.engine``. Figures are ratios of medians of interleaved measurements.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from functools import partial

import torch
from rich.console import Group

from benchmarks.harness import interleaved, parser_of, peak_memory, report, table_of
from benchmarks.yardsticks import bare_rounds
from neural_sculpting.config.composing import compose
from neural_sculpting.config.schemas import Config
from neural_sculpting.networks.examples import ExampleSets
from neural_sculpting.networks.layout import Layout
from neural_sculpting.sculpting import Batch, SculptedNetworks, sculpt_networks
from neural_sculpting.sculpting.sculpt import round_settings, untrained
from neural_sculpting.tasks import Task, build_task
from neural_sculpting.training.module import SculptingModule
from neural_sculpting.training.perceptrons import StackedPerceptrons
from neural_sculpting.training.round import step

CASES = (("boolean_sep", [24]), ("boolean_sep", [24, 24, 24]), ("boolean_sep_reused", [24, 24]))
SIZES = (1, 36, 360)
HEADINGS = ("networks", "step", "of one", "round", "of one", "of bare", "sculpting", "of one", "of bare")


def dense_module(task: Task, config: Config, networks: int) -> SculptingModule:
    """Make dense networks with different seeds, ready to be trained."""
    layout = Layout((task.n_inputs, *config.arch.hidden, task.n_outputs))
    start = untrained(range(networks), layout)
    return SculptingModule(layout, ExampleSets.of(task), round_settings(config, task), start)


def engine_round(module: SculptingModule, precision: str = "fp32") -> Callable[[], None]:
    """Prepare a round of all networks from the same start, with streams, evaluation and choice of the best epoch."""
    start = module.state.current

    def run() -> None:
        module.state.current = start
        with torch.autocast(module.device.type, torch.bfloat16) if precision == "bf16" else nullcontext():
            module.training_step(None, 0)
        if module.device.type == "cuda":
            torch.cuda.synchronize(module.device)

    return run


def engine_steps(module: SculptingModule, steps: int) -> Callable[[], None]:
    """Prepare optimizer steps on one minibatch: forward, gradients, Adam, masks."""
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


def networks_by_round(sculpted: SculptedNetworks) -> list[int]:
    """Count the networks that each round of sculpting trained."""
    sizes: list[int] = sculpted.history.groupby(["phase", "attempt"], sort=False).size().tolist()
    return sizes


def measure(name: str, hidden: Sequence[int], repeats: int) -> Group:
    """Measure batches of all sizes."""
    config = compose([f"task={name}", f"arch.hidden={hidden}", "trainer.progress_bar=false"])
    task = build_task(config.task.name, **config.task.parameters)
    settings = round_settings(config, task)
    steps = settings.epochs * -(-len(task.training) // settings.batch_size)
    batches = {count: Batch.of(config, range(count)) for count in SIZES}
    rounds = {count: networks_by_round(sculpt_networks(task, config, batch)) for count, batch in batches.items()}
    measured: dict[str, Callable[[], object]] = {}
    for count in SIZES:
        module = dense_module(task, config, count)
        measured |= {f"steps {count}": engine_steps(module, steps), f"round {count}": engine_round(module)}
        measured[f"bare round {count}"] = bare_rounds(task, config, [count])
        measured[f"sculpt {count}"] = partial(sculpt_networks, task, config, batches[count])
        measured[f"bare sculpt {count}"] = bare_rounds(task, config, rounds[count])
    seconds = interleaved(measured, repeats)

    def row(count: int) -> Iterator[object]:
        yield count
        one_step = seconds[f"steps {count}"].per(steps)
        yield from (one_step, f"{one_step / seconds['steps 1'].per(steps):.2f}")
        for kind in ("round", "sculpt"):
            took = seconds[f"{kind} {count}"]
            ratios = took / seconds[f"{kind} 1"], took / seconds[f"bare {kind} {count}"]
            yield from (took, *(f"{ratio:.2f}" for ratio in ratios))

    title = f"{name} {'-'.join(map(str, (task.n_inputs, *hidden, task.n_outputs)))}"
    taken = ", ".join(f"{len(rounds[count])} for {count}" for count in SIZES)
    table = table_of(HEADINGS, [[*row(count)] for count in SIZES], title, left=0)
    return Group(table, f"{steps} steps a round; rounds of sculpting: {taken}")


if __name__ == "__main__":
    repeats = parser_of(__doc__, 10).parse_args().repeats
    torch.set_num_threads(1)
    tables = [measure(name, hidden, repeats) for name, hidden in CASES]
    report(*tables, f"peak memory of this process {peak_memory():.0f} MB")
