"""The search over pruning steps: with torch, with the fastest engine, in plain torch, and the cost of judging.

Run it with ``python -m benchmarks.search``. Figures are CPU seconds of one thread, interleaved. Plain torch trains as
many networks in each round as sculpting does, at full width, and prunes none.
"""

from collections.abc import Callable, Iterator
from functools import partial
from time import process_time

import torch

from benchmarks.contenders import PlainTorch, dense_module
from benchmarks.harness import interleaved, parser_of, peak_memory, report, table_of
from neural_sculpting.config.composing import compose
from neural_sculpting.config.schemas import Config
from neural_sculpting.records.record import record_group
from neural_sculpting.records.verdicts import judge_all
from neural_sculpting.sculpting import Batch, SculptedNetworks, sculpt_networks
from neural_sculpting.tasks import Task, build_task

CASES = (
    ("boolean_sep", "", [24], 36),
    ("boolean_reused", "uses=8", [24, 24, 24], 36),
    ("boolean_overlap", "overlap=2 uses=4", [36, 36], 4),
    ("boolean_hierarchy", "uses=4", [48, 48, 48], 4),
)
HEADINGS = ("task", "networks", "distinct", *("torch", "auto", "ratio", "a network", "of plain"), "judging", "rows")


def plain_rounds(task: Task, config: Config, sculpted: SculptedNetworks, trials: int) -> Callable[[], None]:
    """Prepare rounds of plain torch of as many networks as each of sculpting, those of a trial with the same draws."""
    networks: list[int] = sculpted.history.groupby(["phase", "attempt"], sort=False).size().tolist()
    seeds = {count: [index * trials // count for index in range(count)] for count in networks}
    rounds = {count: PlainTorch(dense_module(task, config, seeds[count])) for count in seeds}

    def run() -> None:
        for count in networks:
            rounds[count].round()

    return run


def measure(repeats: int) -> Iterator[tuple[object, ...]]:
    """Search with one batch of trials for each case."""
    for name, parameters, hidden, trials in CASES:
        words = [f"task={name}", *(f"task.{each}" for each in parameters.split()), f"arch.hidden={hidden}"]
        words += ["pruning=search", "trainer.progress_bar=false", "trainer.threads=1"]
        config, fastest = (compose([*words, f"trainer.engine={engine}"]) for engine in ("torch", "auto"))
        task = build_task(config.task.name, **config.task.parameters)
        expected = task.expected_hierarchy(hidden_layers=len(hidden))
        sculpt = partial(sculpt_networks, task, config, Batch.of(config, range(trials)))
        sculpted = sculpt()
        judge = partial(judge_all, sculpted, expected, **config.analysis.model_dump())
        ways: dict[str, Callable[[], object]] = {
            "torch": sculpt,
            "auto": partial(sculpt_networks, task, fastest, Batch.of(config, range(trials))),
            "plain": plain_rounds(task, config, sculpted, trials),
            "judging": judge,
            "rows": partial(record_group, config, task, sculpted, judge(), range(trials)),
        }
        in_torch, auto, plain, judging, rows = interleaved(ways, repeats, warm_up=0, clock=process_time).values()
        title = " ".join(filter(None, (name, parameters, "-".join(map(str, sculpted.layout.layers)))))
        distinct = len({masks.tobytes() for masks in sculpted.networks.masks})
        yield (
            *(title, len(sculpted.table), distinct, in_torch, auto, f"{in_torch.of(auto):.2f}"),
            *(auto.per(len(sculpted.table)), f"{in_torch.of(plain):.2f}", judging, rows),
        )


if __name__ == "__main__":
    repeats = parser_of(__doc__, 3).parse_args().repeats
    torch.set_num_threads(1)
    report(table_of(HEADINGS, measure(repeats)), f"peak memory of this process {peak_memory():.0f} MB")
