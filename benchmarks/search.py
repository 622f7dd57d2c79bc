"""The search over pruning steps: many networks of each trial, against a bare loop, and what judging them takes.

Run it with ``python -m benchmarks.search``. Sculpting and the bare loop take turns; figures are medians. The bare loop
trains as many networks in each round as sculpting does, at full width.
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

import torch
from rich.console import Console
from rich.table import Table

from benchmarks.engine import bare_rounds
from benchmarks.machine import describe_machine, peak_memory
from neural_sculpting.config.composing import compose
from neural_sculpting.records.record import record_group
from neural_sculpting.records.verdicts import judge_all
from neural_sculpting.sculpting import Batch, SculptedNetworks, sculpt_networks
from neural_sculpting.tasks import build_task

CASES = (
    ("boolean_sep", "", [24], 36),
    ("boolean_reused", "uses=8", [24, 24, 24], 36),
    ("boolean_overlap", "overlap=2 uses=4", [36, 36], 4),
    ("boolean_hierarchy", "uses=4", [48, 48, 48], 4),
)
HEADINGS = ("task", "networks", "distinct", "sculpting", "a network", "of bare", "judging", "of sculpting", "rows")


def seconds(function: Callable[[], object]) -> float:
    """How long a call takes."""
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="measurements of each")
    repeats = parser.parse_args().repeats
    torch.set_num_threads(1)
    console = Console(width=120)
    console.print(describe_machine(), highlight=False)
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == "task" else "right")
    for case in CASES:
        table.add_row(*_row(*case, repeats))
    console.print(table)
    console.print(f"peak memory of this process {peak_memory():.0f} MB", highlight=False)


def _row(name: str, parameters: str, hidden: list[int], trials: int, repeats: int) -> tuple[str, ...]:
    words = [f"task={name}", *(f"task.{each}" for each in parameters.split()), f"arch.hidden={hidden}"]
    config = compose([*words, "pruning=search", "trainer.progress_bar=false"])
    task = build_task(config.task.name, **config.task.parameters)
    expected = task.expected_hierarchy(hidden_layers=len(hidden))
    settings, seeds = config.analysis.model_dump(), range(trials)
    sculpted = sculpt_networks(task, config, Batch.of(config, seeds))
    bare = bare_rounds(task, config, _networks_by_round(sculpted))
    verdicts = judge_all(sculpted, expected, **settings)
    times: dict[str, list[float]] = {"sculpting": [], "bare": [], "judging": [], "rows": []}
    for _ in range(repeats):
        times["sculpting"].append(seconds(lambda: sculpt_networks(task, config, Batch.of(config, seeds))))
        times["bare"].append(seconds(bare))
        times["judging"].append(seconds(lambda: judge_all(sculpted, expected, **settings)))
        times["rows"].append(seconds(lambda: record_group(config, task, sculpted, verdicts, range(trials))))
    sculpting, bare_loop, judging, rows = (median(values) for values in times.values())
    layers = "-".join(map(str, sculpted.layout.layers))
    return (
        " ".join(filter(None, (name, parameters, layers))),
        str(len(sculpted.table)),
        str(len({masks.tobytes() for masks in sculpted.networks.masks})),
        f"{sculpting:.1f} s",
        f"{sculpting / len(sculpted.table) * 1000:.1f} ms",
        f"{sculpting / bare_loop:.2f}",
        f"{judging:.2f} s",
        f"{judging / sculpting:.2f}",
        f"{rows:.2f} s",
    )


def _networks_by_round(sculpted: SculptedNetworks) -> list[int]:
    """How many networks each round of sculpting trained."""
    sizes: list[int] = sculpted.history.groupby(["phase", "attempt"], sort=False).size().tolist()
    return sizes


if __name__ == "__main__":
    main()
