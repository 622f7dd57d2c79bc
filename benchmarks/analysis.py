"""The analysis of large networks, from masks to modules, and their pictures: seconds, memory and size.

Run it with ``python -m benchmarks.analysis``. Masks are drawn like those that sculpting finds, from sparse networks
with a tenth of their units up to networks that were hardly pruned. Medians are shown; memory is the peak beyond the
masks.
"""

import time
import tracemalloc
from collections.abc import Iterator
from functools import partial

from benchmarks.harness import interleaved, parser_of, peak_memory, report, table_of
from benchmarks.sculpted_masks import sculpted_masks
from neural_sculpting.analysis import analyze
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


def measure(repeats: int) -> Iterator[tuple[object, ...]]:
    """Analyze and draw each case, with the paper's thresholds for MNIST."""
    for layers, live, of_edges in CASES:
        masks = sculpted_masks(layers, live, of_edges)
        analysis = partial(analyze, masks, hops=None, modularity_threshold=0.3, merging_threshold=0.6)
        hierarchy = analysis()
        tracemalloc.start()
        analysis()
        memory = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        picture = partial(draw_trial, masks, hierarchy, "title", image_shape=(28, 28))
        [wall] = interleaved({"analysis": analysis}, repeats).values()
        cpu = interleaved({"analysis": analysis, "picture": picture}, repeats, clock=time.process_time)
        edges, weights = sum(int(mask.sum()) for mask in masks), sum(mask.size for mask in masks)
        yield (
            *("-".join(map(str, layers)), f"{sum(int(of.sum()) for of in hierarchy.kept):,}", f"{edges:,}"),
            *(f"{edges / weights:.2%}", len(hierarchy.graph), cpu["analysis"], wall, f"{memory / 1e6:.0f} MB"),
            *(cpu["picture"], f"{len(picture().encode()) / 1000:.0f} kB"),
        )


if __name__ == "__main__":
    table = table_of(HEADINGS, measure(parser_of(__doc__, 3).parse_args().repeats))
    report(table, f"analysis, picture: CPU time; peak memory of this process {peak_memory():.0f} MB")
