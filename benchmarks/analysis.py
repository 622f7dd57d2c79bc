"""The analysis of large networks, from masks to modules, and their pictures: seconds, memory and size.

Run it with ``python -m benchmarks.analysis``. Masks are drawn as sculpting leaves them, from sparse networks of which
a tenth of the units is left up to networks that were hardly pruned. Medians of repeated measurements are shown;
memory is what the arrays take beyond the masks, at most.
"""

import argparse
import time
import tracemalloc
from collections.abc import Callable
from statistics import median

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.machine import describe_machine, peak_memory
from benchmarks.sculpted_masks import sculpted_masks
from neural_sculpting.analysis import Hierarchy, analyze
from neural_sculpting.views.pictures.drawing import draw_trial

XOR = [1568, 784, 784, 784, 3]
WIDEST = [1568, 1568, 1568, 1568, 1568, 1568, 20]
CASES = (
    # layers, live units, edges
    (XOR, [300, 100, 60, 20, 3], 1_230),
    (XOR, [784, 300, 150, 60, 3], 3_690),
    (XOR, XOR, 24_600),
    (XOR, XOR, 123_000),
    (XOR, XOR, 2_400_000),
    (WIDEST, WIDEST, 616_000),
)
HEADINGS = ("layers", "live units", "edges", "density", "modules", "analysis", "wall", "memory", "picture", "size")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="measurements of each")
    repeats = parser.parse_args().repeats
    console = Console(width=140)
    console.print(describe_machine(), highlight=False)
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == "layers" else "right")
    for layers, live, edges in CASES:
        table.add_row("-".join(map(str, layers)), *_row(sculpted_masks(layers, live, edges), repeats))
    console.print(table)
    console.print(f"analysis, picture: CPU time; peak memory of this process {peak_memory():.0f} MB", highlight=False)


def _row(masks: list[NDArray[np.bool_]], repeats: int) -> tuple[str, ...]:
    hierarchy = _analyze(masks)
    edges, weights = (sum(int(count) for count in of) for of in ((m.sum() for m in masks), (m.size for m in masks)))
    cpu, wall = _seconds(lambda: _analyze(masks), repeats)
    memory = _memory(lambda: _analyze(masks))
    drawing, _ = _seconds(lambda: draw_trial(masks, hierarchy, "title", image_shape=(28, 28)), repeats)
    size = len(draw_trial(masks, hierarchy, "title", image_shape=(28, 28)).encode())
    return (
        f"{sum(int(of.sum()) for of in hierarchy.kept):,}",
        f"{edges:,}",
        f"{edges / weights:.2%}",
        str(len(hierarchy.graph)),
        f"{cpu:.2f} s",
        f"{wall:.2f} s",
        f"{memory:.0f} MB",
        f"{drawing * 1000:.0f} ms",
        f"{size / 1000:.0f} kB",
    )


def _analyze(masks: list[NDArray[np.bool_]]) -> Hierarchy:
    """Analyze with the paper's thresholds for MNIST."""
    return analyze(masks, hops=None, modularity_threshold=0.3, merging_threshold=0.6)


def _seconds(function: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median CPU time, of all threads together, and median wall time."""
    times = []
    for _ in range(repeats):
        cpu, wall = time.process_time(), time.perf_counter()
        function()
        times.append((time.process_time() - cpu, time.perf_counter() - wall))
    return median(cpu for cpu, _ in times), median(wall for _, wall in times)


def _memory(function: Callable[[], object]) -> float:
    """The most memory that was allocated at one time, in MB."""
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


if __name__ == "__main__":
    main()
