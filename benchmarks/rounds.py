"""Rounds of training by both engines, by plain torch and by JAX, against the arithmetic limit of the processor.

Run it with ``python -m benchmarks.rounds``. All train dense networks from the same start for as many epochs: they draw
the order of the rows and the noise, take steps of Adam with L2 decay and masks, evaluate the clean table after each
epoch, and keep each network's best. Figures are CPU seconds of one thread, interleaved; ratios are medians of those of
neighbors in time. JAX is optional: ``pip install -e '.[benchmarks]'``.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import process_time

import torch

from benchmarks.contenders import PlainTorch, TrainRound, dense_module, engine_round
from benchmarks.harness import interleaved, parser_of, report, table_of
from benchmarks.limits import Arithmetic, operations_of
from benchmarks.vision_cases import make_up_images
from neural_sculpting.config.composing import compose
from neural_sculpting.errors import UserError
from neural_sculpting.native.build import NoKernelError
from neural_sculpting.tasks import build_task
from neural_sculpting.training.module import SculptingModule

try:
    from benchmarks.jax_round import JaxRound
except ModuleNotFoundError:
    JaxRound = None  # type: ignore[assignment, misc]

FEW_IMAGES = (
    "task.source={folder} task.per_pair=20 task.validation_per_pair=5 training.batch_size=500 training.epochs=2"
)
CASES = (
    ("task=boolean_sep arch.hidden=[24]", 36, 1),
    ("task=boolean_sep arch.hidden=[24]", 36, 70),
    ("task=boolean_sep arch.hidden=[24]", 10_000, 1),
    ("task=boolean_reused arch.hidden=[48,48,48]", 4, 70),
    ("task=boolean_hierarchy arch.hidden=[60,60,60,60]", 4, 70),
    ("task=mnist_pair arch.hidden=[392,392] " + FEW_IMAGES, 1, 1),
)
"""Overrides, seeds, and networks of each seed, which share its draws as in a search over steps."""

CONTENDERS = ("torch", "native", "plain", "JAX")
RATIOS = ("torch:native", "plain:native", "JAX:native", "torch:limit", "native:limit", "plain:limit", "JAX:limit")


def modules_of(words: list[str], seeds: list[int]) -> Iterator[tuple[str, SculptingModule]]:
    """Make the networks of a case for each engine that serves them; a test set is left out."""
    for engine in ("torch", "native"):
        config = compose([*words, f"trainer.engine={engine}", "trainer.threads=1"])
        try:
            module = dense_module(build_task(config.task.name, **config.task.parameters), config, seeds)
        except UserError as error:
            print(error)
            continue
        module.examples = replace(module.examples, test=None)
        yield engine, module


def compare(words: list[str], seeds: int, of_seed: int, arithmetic: Arithmetic | None, repeats: int) -> list[list[str]]:
    """Measure a case: its lines in the tables of seconds, ratios and losses."""
    modules = dict(modules_of(words, [seed for seed in range(seeds) for _ in range(of_seed)]))
    module = modules["torch"]
    rounds: dict[str, TrainRound] = {name: engine_round(each) for name, each in modules.items()}
    rounds["plain"] = PlainTorch(module).round
    compiling = ""
    if JaxRound is not None:
        in_jax = JaxRound(module)
        rounds["JAX"], compiling = in_jax.round, f"{in_jax.compiling:.1f} s"
    losses = {name: run() for name, run in rounds.items()}  # which also warms up
    measured: dict[str, Callable[[], object]] = {**rounds}
    if arithmetic is not None:
        measured["limit"] = arithmetic.run
    seconds = interleaved(measured, repeats, warm_up=0, clock=process_time)
    if arithmetic is not None:
        seconds["limit"] = seconds["limit"].per(arithmetic.operations / operations_of(module))
    name = [f"{len(module.state):,}", "-".join(map(str, module.layout.layers))]
    rows, settings = len(module.examples.training), module.settings
    size = f"{rows:,}/{settings.batch_size} × {settings.epochs}"

    def ratio(pair: str) -> str:
        one, other = (seconds.get(each) for each in pair.split(":"))
        return "" if one is None or other is None else f"{one.of(other):.2f}"

    return [
        [*name, size, *(str(seconds.get(each, "")) for each in (*CONTENDERS, "limit")), compiling],
        [*name, *map(ratio, RATIOS)],
        [*name, *(mean_of(losses[each].view(seeds, -1)) if each in losses else "" for each in CONTENDERS)],
    ]


def mean_of(losses: torch.Tensor) -> str:
    """Show the mean of losses, ``(seed, network)``, with the standard error of that of the seeds."""
    of_seeds = losses.double().mean(dim=1)
    error = f" ± {of_seeds.std() / len(of_seeds) ** 0.5:.4f}" if len(of_seeds) > 1 else ""
    return f"{of_seeds.mean():.4f}{error}"


if __name__ == "__main__":
    repeats = parser_of(__doc__, 5).parse_args().repeats
    torch.set_num_threads(1)
    notes = [] if JaxRound is not None else ["JAX: is not installed; pip install -e '.[benchmarks]'"]
    arithmetic = None
    try:
        arithmetic = Arithmetic.compiled()
        rate = arithmetic.operations / interleaved({"": arithmetic.run}, repeats, clock=process_time)[""]
        notes.append(f"limit: the operations of the matrix products at {rate / 1e9:.0f} GFLOP/s")
    except NoKernelError as error:
        notes.append(f"limit: {error}")
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        make_up_images(Path(folder))
        for text, seeds, of_seed in CASES:
            words = text.format(folder=folder).split()
            lines.append(compare(words, seeds, of_seed, arithmetic, repeats))
    times, ratios, losses = zip(*lines, strict=True)
    shape = ("networks", "layers")
    report(
        table_of((*shape, "round of", *CONTENDERS, "limit", "compiling JAX"), times, "Seconds of a round", left=2),
        table_of((*shape, *RATIOS), ratios, "Ratios", left=2),
        table_of((*shape, *CONTENDERS), losses, "Losses of the best epochs", left=2),
        *notes,
    )
