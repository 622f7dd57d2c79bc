"""What checkpoints cost: the same sculpting with and without them.

Run it with ``python -m benchmarks.checkpoints``. Both are interleaved; medians of the ratios of neighbors are told,
with the number of checkpoints and the size of the largest.
"""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.machine import describe_machine
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


class Counted(BatchCheckpoint):
    """A checkpoint that counts how often it is written, and how large it is."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, {})
        self.count = 0
        self.size = 0

    def write(self, save: Any) -> None:
        """Write one."""
        super().write(save)
        self.count += 1
        self.size = max(self.size, self.path.stat().st_size)


def measure(networks: int, overrides: list[str], folder: Path) -> tuple[float, float, Counted]:
    """Seconds without checkpoints and with them, and the checkpoint."""
    config = compose([*overrides, "trainer.threads=1", "trainer.progress_bar=false"])
    task = build_task(config.task.name, **config.task.parameters)
    times = []
    checkpoint = Counted(folder / "batch.ckpt")
    for kept in (None, checkpoint):
        began = time.perf_counter()
        sculpt_networks(task, config, Batch.of(config, range(networks)), checkpoint=kept)
        times.append(time.perf_counter() - began)
    return times[0], times[1], checkpoint


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="measurements of each, after one that is dropped")
    repeats = parser.parse_args().repeats
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("networks", "without", "with", "ratio", "checkpoints", "largest"):
        table.add_column(heading, justify="left" if heading == "networks" else "right")
    for name, (networks, overrides) in SHAPES.items():
        measured = []
        for _ in range(repeats + 1):
            with tempfile.TemporaryDirectory() as folder:
                measured.append(measure(networks, overrides, Path(folder)))
        without, kept, checkpoints = zip(*measured[1:], strict=True)
        ratio = median(b / a for a, b in zip(without, kept, strict=True))
        table.add_row(
            f"{networks} x {name}",
            f"{median(without):.2f} s",
            f"{median(kept):.2f} s",
            f"{ratio:.3f}",
            f"{median(each.count for each in checkpoints):.0f}",
            f"{max(each.size for each in checkpoints) / 1e6:.1f} MB",
        )
    console = Console(highlight=False)
    console.print(describe_machine())
    console.print(table)


if __name__ == "__main__":
    main()
