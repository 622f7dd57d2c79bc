"""Vision tasks and large networks: rounds against bare matrix products, memory, one network at a time, precision.

Run it with ``python -m benchmarks.vision``; ``--source`` names a folder of IDX files, such as MNIST's, in place of
images that are made up. Figures are medians of interleaved measurements, of rounds with fewer pairs and epochs than the
paper's. On a GPU (``--device cuda``) networks are trained in the smallest batch that the engine makes there.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import fmean

import torch
from rich.console import Console, Group
from rich.table import Table

from benchmarks.engine import interleaved
from benchmarks.machine import describe_machine
from benchmarks.matrix_products import matrix_peak
from benchmarks.one_network import read_examples, train_one_network, write_examples
from benchmarks.vision_cases import Case, Conditions, engine_round, make_up_images, products_of, title_of, waited
from benchmarks.vision_memory import HIDDEN, measure

CASES = (
    Case("mnist_pair", (392, 392), per_pair=100, epochs=2, live=(300, 80, 60, 20), density=0.005),
    Case("mnist_pair", (784, 784), per_pair=100, epochs=2, live=(400, 120, 80, 20), density=0.005),
    # Fewer edges would not reach all outputs.
    Case("digits_pair", (64, 64), per_pair=80, epochs=20, live=(60, 24, 20, 20), density=0.05),
)
AGAINST_ONE = (
    (Case("mnist_pair", (392, 392), per_pair=200, epochs=1), 1),
    (Case("mnist_pair", (392, 392), per_pair=200, epochs=1), 4),
    (Case("mnist_pair", (784, 784), per_pair=200, epochs=1), 1),
    (Case("digits_pair", (64, 64), per_pair=80, epochs=4), 1),
    (Case("digits_pair", (64, 64), per_pair=80, epochs=4), 4),
)
FULL, FEW = 800, 40
"""Training pairs of each pair of digits: the paper's, and as many as suffice to see what a network adds."""

BATCH = 5

NETWORK = ("layers", "round of")
"""The round of a network is told as rows/batch size × epochs."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=4, help="measurements of each round; the first is dropped")
    parser.add_argument("--source", default=None, help="a folder of IDX files in place of images that are made up")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where networks are trained")
    parser.add_argument("--threads", type=int, default=None, help="of torch; as many as the engine takes")
    arguments = parser.parse_args()
    if arguments.device == "cuda" and not torch.cuda.is_available():
        parser.error("--device cuda: torch finds no GPU on this machine")
    console = Console(width=130, highlight=False)
    console.print(describe_machine())
    with tempfile.TemporaryDirectory() as folder:
        if arguments.source is None:
            make_up_images(Path(folder))
        console.print(f"mnist_pair: images {arguments.source or 'made up, as many and as large as those of MNIST'}")
        conditions = Conditions(arguments.source or folder, torch.device(arguments.device), arguments.threads)
        for report in (
            _rounds(conditions, arguments.repeats),
            _precisions(conditions, arguments.repeats),
            _one_at_a_time(conditions),
            _memory(conditions),
        ):
            console.print(report, "")
    console.print(_about_gpu(arguments.device))


def _about_gpu(device: str) -> str:
    if not torch.cuda.is_available():
        return "GPU: not run, torch finds none here"
    return torch.cuda.get_device_name() if device == "cuda" else "GPU: not run, --device cuda runs it"


def _rounds(conditions: Conditions, repeats: int) -> Group:
    """Rounds against their matrix products, and sculpted networks against dense ones."""
    headings = ("networks", "threads", "took", "products", "share", "training's", "of peak", "sculpted", "of dense")
    table = _table("A round against its bare matrix products", *NETWORK, *headings)
    for case in CASES:
        table.add_row(*_round_row(case, conditions, repeats))
    live = ", ".join(f"{'-'.join(map(str, case.live))} ({case.density:.1%} of the edges)" for case in CASES)
    return Group(
        table,
        "round of: rows/batch size × epochs; products: those of training + those of evaluation\n"
        "share: both, of the round; training's: evaluation counts as overhead\n"
        "of peak: the rate of all products in the round, of that of two large matrices\n"
        f"sculpted: a round of networks that use\n{live}",
    )


def _round_row(case: Case, conditions: Conditions, repeats: int) -> tuple[str, ...]:
    dense, sculpted = (case.module(conditions, _smallest_batch(case, conditions)) for _ in range(2))
    case.sculpt(sculpted)
    products, (matrix, operations) = products_of(dense), matrix_peak(conditions.device)
    measured: dict[str, Callable[[], object]] = {
        "dense": engine_round(dense),
        "train": products.train,
        "evaluate": products.evaluate,
        "sculpted": engine_round(sculpted),
        "peak": partial(torch.mm, matrix, matrix),
    }
    seconds = interleaved({name: waited(run, conditions.device) for name, run in measured.items()}, repeats)
    dense_round, train, evaluate = (seconds[name] for name in ("dense", "train", "evaluate"))
    peak = operations / seconds["peak"]
    return (
        *title_of(dense),
        str(len(dense.state)),
        str(torch.get_num_threads()),
        f"{dense_round:.2f} s",
        f"{train:.2f} + {evaluate:.2f} s",
        f"{(train + evaluate) / dense_round:.2f}",
        f"{train / dense_round:.2f}",
        f"{products.operations() / dense_round / peak:.2f}",
        f"{seconds['sculpted']:.2f} s",
        f"{seconds['sculpted'] / dense_round:.2f}",
    )


def _precisions(conditions: Conditions, repeats: int) -> Table:
    """Rounds in bf16 against fp32, from the same start."""
    headings = "fp32", "bf16", "of fp32", "bits right", "in bf16", "both digits right", "in bf16"
    table = _table("Precision of products; accuracies of the test set after the round", *NETWORK, *headings)
    for case in CASES:
        networks = _smallest_batch(case, conditions)
        modules = {precision: case.module(conditions, networks) for precision in ("fp32", "bf16")}
        rounds = {name: waited(engine_round(module, name), conditions.device) for name, module in modules.items()}
        seconds = interleaved(dict(rounds), repeats)
        reached = [module.state.current for module in modules.values()]
        accuracies = [of.test_bit_accuracy for of in reached] + [of.test_example_accuracy for of in reached]
        table.add_row(
            *title_of(modules["fp32"]),
            *(f"{seconds[name]:.2f} s" for name in rounds),
            f"{seconds['bf16'] / seconds['fp32']:.2f}",
            *(f"{float(values.mean()):.4f}" for values in accuracies),
        )
    return table


def _one_at_a_time(conditions: Conditions) -> Group:
    """Rounds of a batch against one network after the other with data loaders, once each."""
    headings = "networks", "one by one", "ours", "ratio", "bits right", "ours", "reading pickles"
    table = _table(
        "One network at a time, pickled pairs, data loaders with 2 workers, against a batch", *NETWORK, *headings
    )
    for case, networks in AGAINST_ONE:
        module = case.module(conditions, networks)
        with tempfile.TemporaryDirectory() as name:
            write_examples(module.examples, Path(name))
            began = time.perf_counter()
            examples = read_examples(Path(name))
            reading = time.perf_counter() - began
        began = time.perf_counter()
        training = partial(train_one_network, examples, module.layout.layers, module.settings, conditions.device)
        reached = [training() for _ in range(networks)]
        one_by_one = time.perf_counter() - began
        began = time.perf_counter()
        waited(engine_round(module), conditions.device)()
        ours = time.perf_counter() - began
        table.add_row(
            *title_of(module),
            str(networks),
            f"{one_by_one:.2f} s",
            f"{ours:.2f} s",
            f"{one_by_one / ours:.1f}",
            f"{fmean(reached):.4f}",
            f"{float(module.state.current.test_bit_accuracy.mean()):.4f}",
            f"{reading:.2f} s",
        )
    return Group(
        table, "once each; bits right: on the test set, mean of the networks; reading is left out of both sides"
    )


def _memory(conditions: Conditions) -> Group:
    """Peaks of processes of their own, on the CPU."""
    title = f"Peak memory on the CPU: mnist_pair, {'-'.join(map(str, HIDDEN))} hidden units, one epoch"
    headings = "pairs of two digits", "networks", "libraries loaded", "task and networks", "round"
    table = _table(title, *headings)
    measured = {counts: measure(conditions, *counts) for counts in ((FULL, 1), (FEW, 1), (FEW, BATCH))}
    for (per_pair, networks), stages in measured.items():
        peaks = (f"{peak:.0f} MB" for peak in (stages.imported, stages.built, stages.trained))
        table.add_row(str(per_pair), str(networks), *peaks)
    full, one, batch = measured.values()
    each = (batch.trained - one.trained) / (BATCH - 1)
    return Group(
        table,
        f"a further network: {each:.0f} MB; counted for it when a batch is sculpted: {full.network:.0f} MB\n"
        f"the task's own statement with {FULL} pairs:\n{full.statement}",
    )


def _smallest_batch(case: Case, conditions: Conditions) -> int:
    """As many networks as the engine computes side by side at least."""
    return case.module(conditions).stacking.padding


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "layers" else "right", no_wrap=True)
    return table


if __name__ == "__main__":
    main()
