"""Vision tasks and large networks: rounds against bare matrix products, memory, one network at a time, precision.

Run it with ``python -m benchmarks.vision``; ``--source`` names a folder of IDX files, such as MNIST's, in place of
images that are made up. Figures are medians of interleaved measurements, of rounds with fewer pairs and epochs than the
paper's. On a GPU (``--device cuda``) networks are trained in the smallest batch that the engine makes there.
"""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import fmean

import torch
from rich.console import Group
from rich.table import Table

from benchmarks.contenders import engine_round
from benchmarks.harness import Seconds, interleaved, parser_of, report, table_of
from benchmarks.vision_cases import Case, Conditions, make_up_images, measure_peaks, products_of, square_of, waited
from benchmarks.yardsticks import PickledExamples, pickle_examples, train_one_network
from neural_sculpting.training.module import SculptingModule

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
HIDDEN, BATCH = (784, 784), 5
FULL, FEW = 800, 40
"""Training pairs of each pair of digits: the paper's, and enough to see what a network adds."""

NETWORK = ("layers", "round of")
"""The round of a network is shown as rows/batch size × epochs."""


def title_of(module: SculptingModule) -> tuple[str, str]:
    """Return the layers of networks, and the size of their rounds."""
    settings, rows = module.settings, len(module.examples.training)
    return "-".join(map(str, module.layout.layers)), f"{rows:,}/{settings.batch_size} × {settings.epochs}"


def smallest_batch(case: Case, conditions: Conditions) -> int:
    """Return the fewest networks that the engine computes side by side."""
    return case.module(conditions).stacking.padding


def rounds(conditions: Conditions, repeats: int) -> Group:
    """Compare rounds with their matrix products, and sculpted networks with dense ones."""
    headings = ("networks", "threads", "took", "train", "evaluate", "share", "training's", "of peak", "sculpted")
    lines = []
    for case in CASES:
        dense, sculpted = (case.module(conditions, smallest_batch(case, conditions)) for _ in range(2))
        case.sculpt(sculpted)
        products, (square, operations) = products_of(dense), square_of(conditions.device)
        measured: dict[str, Callable[[], object]] = {
            "dense": engine_round(dense),
            "train": waited(products.train, conditions.device),
            "evaluate": waited(products.evaluate, conditions.device),
            "sculpted": engine_round(sculpted),
            "square": square,
        }
        seconds = interleaved(measured, repeats)
        took, train, evaluate = (seconds[name] for name in ("dense", "train", "evaluate"))
        of_peak = products.operations / took / (operations / seconds["square"])
        shares = [f"{share:.2f}" for share in ((train + evaluate) / took, train / took, of_peak)]
        counts = len(dense.state), torch.get_num_threads()
        of_dense = f"{seconds['sculpted'] / took:.2f}"
        lines.append((*title_of(dense), *counts, took, train, evaluate, *shares, seconds["sculpted"], of_dense))
    live = ", ".join(f"{'-'.join(map(str, case.live))} ({case.density:.1%} of the edges)" for case in CASES)
    return Group(
        table_of((*NETWORK, *headings, "of dense"), lines, "A round against its bare matrix products", left=2),
        "round of: rows/batch size × epochs; train, evaluate: the products of both",
        "share: both, of the round; training's: evaluation counts as overhead",
        "of peak: the rate of all products in the round, of that of two large matrices",
        f"sculpted: a round of networks that use\n{live}\n",
    )


def precisions(conditions: Conditions, repeats: int) -> Table:
    """Compare rounds in bf16 with fp32, from the same start."""
    headings = "fp32", "bf16", "of fp32", "bits right", "in bf16", "both digits right", "in bf16"
    lines = []
    for case in CASES:
        networks = smallest_batch(case, conditions)
        modules = {precision: case.module(conditions, networks) for precision in ("fp32", "bf16")}
        seconds = interleaved({name: engine_round(module, name) for name, module in modules.items()}, repeats)
        reached = [module.state.current for module in modules.values()]
        accuracies = [of.test_bit_accuracy for of in reached] + [of.test_example_accuracy for of in reached]
        ratio = f"{seconds['bf16'] / seconds['fp32']:.2f}"
        means = [f"{float(values.mean()):.4f}" for values in accuracies]
        lines.append((*title_of(modules["fp32"]), *seconds.values(), ratio, *means))
    title = "Precision of products; accuracies of the test set after the round"
    return table_of((*NETWORK, *headings), lines, title, left=2)


def one_at_a_time(conditions: Conditions) -> Group:
    """Compare rounds of a batch with one network after the other in data loaders, once each."""
    headings = "networks", "one by one", "ours", "ratio", "bits right", "ours", "reading pickles"
    lines = [_against_one(case, networks, conditions) for case, networks in AGAINST_ONE]
    title = "One network at a time, pickled pairs, data loaders with 2 workers, against a batch"
    return Group(
        table_of((*NETWORK, *headings), lines, title, left=2),
        "once each; bits right: on the test set, mean of the networks; reading is left out of both sides\n",
    )


def _once(function: Callable[[], object]) -> Seconds:
    return interleaved({"": function}, repeats=1, warm_up=0)[""]


def _against_one(case: Case, networks: int, conditions: Conditions) -> tuple[object, ...]:
    module = case.module(conditions, networks)
    with tempfile.TemporaryDirectory() as folder:
        paths = pickle_examples(module.examples, Path(folder))
        examples: list[PickledExamples] = []
        reading = _once(lambda: examples.extend(PickledExamples(path) for path in paths))
    train = partial(train_one_network, examples, module.layout.layers, module.settings, module.device)
    reached: list[float] = []
    one_by_one = _once(lambda: reached.extend(train() for _ in range(networks)))
    ours = _once(engine_round(module))
    bits = [f"{share:.4f}" for share in (fmean(reached), float(module.state.current.test_bit_accuracy.mean()))]
    return (*title_of(module), networks, one_by_one, ours, f"{one_by_one / ours:.1f}", *bits, reading)


def memory(conditions: Conditions) -> Group:
    """Show the peaks of separate processes, on the CPU."""
    on_cpu = Conditions(conditions.source, "cpu", conditions.threads)
    counts = (FULL, 1), (FEW, 1), (FEW, BATCH)
    peaks = [measure_peaks(Case("mnist_pair", HIDDEN, pairs, epochs=1), on_cpu, networks) for pairs, networks in counts]
    lines = [
        (*count, *(f"{peak:.0f} MB" for peak in (each.imported, each.built, each.trained)))
        for count, each in zip(counts, peaks, strict=True)
    ]
    full, one, batch = peaks
    title = f"Peak memory on the CPU: mnist_pair, {'-'.join(map(str, HIDDEN))} hidden units, one epoch"
    further = (batch.trained - one.trained) / (BATCH - 1)
    return Group(
        table_of(("pairs of two digits", "networks", "libraries", "task and networks", "round"), lines, title, left=0),
        f"a further network: {further:.0f} MB; counted for it when a batch is sculpted: {full.network:.0f} MB",
        f"the task's own statement with {FULL} pairs:\n{full.statement}\n",
    )


def _about_gpu(device: str) -> str:
    if not torch.cuda.is_available():
        return "GPU: not run, torch finds none here"
    return torch.cuda.get_device_name() if device == "cuda" else "GPU: not run, --device cuda runs it"


if __name__ == "__main__":
    parser = parser_of(__doc__, 3, "measurements of each round")
    parser.add_argument("--source", default=None, help="a folder of IDX files in place of images that are made up")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where networks are trained")
    parser.add_argument("--threads", type=int, default=None, help="of torch; as many as the engine takes")
    asked = parser.parse_args()
    if asked.device == "cuda" and not torch.cuda.is_available():
        parser.error("--device cuda: torch finds no GPU on this machine")
    with tempfile.TemporaryDirectory() as folder:
        if asked.source is None:
            make_up_images(Path(folder))
        conditions = Conditions(asked.source or folder, asked.device, asked.threads)
        report(
            f"mnist_pair: images {asked.source or 'made up, as many and as large as those of MNIST'}",
            rounds(conditions, asked.repeats),
            precisions(conditions, asked.repeats),
            one_at_a_time(conditions),
            memory(conditions),
            _about_gpu(asked.device),
        )
