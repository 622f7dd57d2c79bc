"""The search over pruning steps: many networks of each trial, against a bare loop, and the cost of judging them.

Run it with ``python -m benchmarks.search``. Sculpting and the bare loop take turns; figures are medians. The bare loop
trains as many networks in each round as sculpting does, at full width.
"""

from collections.abc import Callable, Iterator
from functools import partial

import torch

from benchmarks.engine import networks_by_round
from benchmarks.harness import interleaved, parser_of, peak_memory, report, table_of
from benchmarks.yardsticks import bare_rounds
from neural_sculpting.config.composing import compose
from neural_sculpting.records.record import record_group
from neural_sculpting.records.verdicts import judge_all
from neural_sculpting.sculpting import Batch, sculpt_networks
from neural_sculpting.tasks import build_task

CASES = (
    ("boolean_sep", "", [24], 36),
    ("boolean_reused", "uses=8", [24, 24, 24], 36),
    ("boolean_overlap", "overlap=2 uses=4", [36, 36], 4),
    ("boolean_hierarchy", "uses=4", [48, 48, 48], 4),
)
HEADINGS = ("task", "networks", "distinct", "sculpting", "a network", "of bare", "judging", "of sculpting", "rows")


def measure(repeats: int) -> Iterator[tuple[object, ...]]:
    """Search with one batch of trials for each case."""
    for name, parameters, hidden, trials in CASES:
        words = [f"task={name}", *(f"task.{each}" for each in parameters.split()), f"arch.hidden={hidden}"]
        config = compose([*words, "pruning=search", "trainer.progress_bar=false"])
        task = build_task(config.task.name, **config.task.parameters)
        expected = task.expected_hierarchy(hidden_layers=len(hidden))
        sculpt = partial(sculpt_networks, task, config, Batch.of(config, range(trials)))
        sculpted = sculpt()
        judge = partial(judge_all, sculpted, expected, **config.analysis.model_dump())
        ways: dict[str, Callable[[], object]] = {
            "sculpting": sculpt,
            "bare": bare_rounds(task, config, networks_by_round(sculpted)),
            "judging": judge,
            "rows": partial(record_group, config, task, sculpted, judge(), range(trials)),
        }
        sculpting, bare, judging, rows = interleaved(ways, repeats, warm_up=0).values()
        title = " ".join(filter(None, (name, parameters, "-".join(map(str, sculpted.layout.layers)))))
        distinct = len({masks.tobytes() for masks in sculpted.networks.masks})
        yield (
            *(title, len(sculpted.table), distinct, sculpting, sculpting.per(len(sculpted.table))),
            *(f"{sculpting / bare:.2f}", judging, f"{judging / sculpting:.2f}", rows),
        )


if __name__ == "__main__":
    repeats = parser_of(__doc__, 3).parse_args().repeats
    torch.set_num_threads(1)
    report(table_of(HEADINGS, measure(repeats)), f"peak memory of this process {peak_memory():.0f} MB")
