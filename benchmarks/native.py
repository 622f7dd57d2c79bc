"""The native engine: sculpting by it and by torch.

Run it with ``python -m benchmarks.native``. Figures are CPU seconds of one thread; the engines take turns.
"""

from functools import partial
from time import process_time

import torch

from benchmarks.harness import interleaved, parser_of, report, table_of
from neural_sculpting.config.composing import compose
from neural_sculpting.sculpting import Batch, sculpt_networks
from neural_sculpting.tasks import build_task

SEARCH = (tuple(map(float, range(70, 0, -5))), (2.5, 2.0, 1.5, 1.0, 0.5))
"""All pairs of steps of the paper."""

CASES = (
    ("boolean_sep", [24], 36, ((70.0,), (2.5,))),
    ("boolean_sep", [24], 36, SEARCH),
    ("boolean_reused", [48, 48, 48], 4, SEARCH),
    ("boolean_overlap", [36, 36], 4, SEARCH),
    ("boolean_hierarchy", [48, 48, 48], 4, SEARCH),
)
HEADINGS = ("networks", "shape", "torch", "native", "ratio", "edges, torch", "edges, native")


def measure(repeats: int) -> list[list[object]]:
    """Sculpt every case with both engines."""
    rows = []
    for name, hidden, seeds, steps in CASES:
        batch, edges, measured = Batch(tuple(range(seeds)), *steps), {}, {}
        for engine in ("torch", "native"):
            config = compose([f"task={name}", f"arch.hidden={hidden}", f"trainer.engine={engine}", "trainer.threads=1"])
            task = build_task(config.task.name, **config.task.parameters)
            measured[engine] = partial(sculpt_networks, task, config, batch)
            edges[engine] = measured[engine]().networks.kept_edges().mean()
        seconds = interleaved(measured, repeats, warm_up=0, clock=process_time)
        shape = "-".join(map(str, (task.n_inputs, *hidden, task.n_outputs)))
        ratio = seconds["torch"] / seconds["native"]
        rows.append([len(batch), shape, *seconds.values(), f"{ratio:.2f}", *(f"{each:.1f}" for each in edges.values())])
    return rows


if __name__ == "__main__":
    repeats = parser_of(__doc__, 3).parse_args().repeats
    torch.set_num_threads(1)
    report(table_of(HEADINGS, measure(repeats)))
