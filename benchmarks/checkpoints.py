"""What checkpoints cost: the same sculpting with and without them.

Run it with ``python -m benchmarks.checkpoints``. Both are interleaved; medians of the ratios of neighbors are shown.
"""

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.harness import interleaved, parser_of, report, table_of
from neural_sculpting.config.composing import compose
from neural_sculpting.sculpting import Batch, sculpt_networks
from neural_sculpting.sculpting.checkpoints import BatchCheckpoint
from neural_sculpting.tasks import build_task

SHAPES = {
    "boolean_sep 4-24-4": (360, ["task=boolean_sep", "arch.hidden=[24]"]),
    "boolean_sep 4-60-60-60-4": (180, ["task=boolean_sep", "arch.hidden=[60,60,60]", "training.epochs=15"]),
    "digits_pair 128-128-128-20": (4, ["task=digits_pair", "arch.hidden=[128,128]"]),
}
"""Networks and overrides of sculptings that take more than a second."""

HEADINGS = ("networks", "without", "with", "ratio", "checkpoints", "largest")


class Counted(BatchCheckpoint):
    """A checkpoint that records its size whenever it is written."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, {})
        self.sizes: list[int] = []

    def write(self, save: Any) -> None:
        """Write one, and record its size."""
        super().write(save)
        self.sizes.append(self.path.stat().st_size)


def measure(repeats: int) -> Iterator[tuple[object, ...]]:
    """Sculpt each shape both ways."""
    for name, (networks, overrides) in SHAPES.items():
        config = compose([*overrides, "trainer.threads=1", "trainer.progress_bar=false"])
        sculpt = partial(sculpt_networks, build_task(config.task.name, **config.task.parameters), config)
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = Counted(Path(folder) / "batch.ckpt")
            ways = {
                "without": partial(sculpt, Batch.of(config, range(networks))),
                "with": partial(sculpt, Batch.of(config, range(networks)), checkpoint=checkpoint),
            }
            seconds = interleaved(ways, repeats)
        without, kept = seconds["without"], seconds["with"]
        count, largest = len(checkpoint.sizes) / (1 + repeats), max(checkpoint.sizes, default=0)
        yield (
            f"{networks} x {name}",
            without,
            kept,
            f"{kept.of(without):.3f}",
            f"{count:.0f}",
            f"{largest / 1e6:.1f} MB",
        )


if __name__ == "__main__":
    report(table_of(HEADINGS, measure(parser_of(__doc__, 5).parse_args().repeats)))
