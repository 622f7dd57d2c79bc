"""The memory of a process that builds ``mnist_pair`` and trains networks on it for a round of one epoch.

``python -m benchmarks.vision_memory <folder of IDX files>`` prints the peaks after each stage as JSON.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import asdict, dataclass

import torch

from benchmarks.machine import peak_memory
from benchmarks.vision_cases import Case, Conditions, engine_round
from neural_sculpting.sculpting.memory import estimate
from neural_sculpting.tasks import PairedImages, build_task
from neural_sculpting.tasks.images import Sets
from neural_sculpting.tasks.vision import memory_of

HIDDEN = (784, 784)


@dataclass(frozen=True)
class Stages:
    """Peaks of one process, MB.

    Attributes:
        imported: with all libraries loaded.
        built: with the task and untrained networks.
        trained: after the round.
        statement: what the task states of its own memory.
        network: what the engine expects a further network to take.
    """

    imported: float
    built: float
    trained: float
    statement: str
    network: float


def measure(conditions: Conditions, per_pair: int, networks: int) -> Stages:
    """Run this program in a process of its own, on the CPU, and read what it prints."""
    command = [sys.executable, "-m", __name__, conditions.source, f"--per-pair={per_pair}", f"--networks={networks}"]
    if conditions.threads is not None:
        command.append(f"--threads={conditions.threads}")
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Stages(**json.loads(printed))


def main() -> None:
    """Build, train, and print the peaks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="a folder of IDX files")
    parser.add_argument("--per-pair", type=int, default=800, help="training pairs of each pair of digits")
    parser.add_argument("--networks", type=int, default=1, help="networks of the batch")
    parser.add_argument("--threads", type=int, default=None, help="of torch; as many as the engine takes")
    arguments = parser.parse_args()
    conditions = Conditions(arguments.source, torch.device("cpu"), arguments.threads)
    imported = peak_memory()
    case = Case("mnist_pair", HIDDEN, arguments.per_pair, epochs=1)
    module = case.module(conditions, arguments.networks)
    built = peak_memory()
    engine_round(module)()
    trained = peak_memory()
    needed = estimate(module.layout, module.examples.sizes, module.settings, module.stacking)
    stages = Stages(imported, built, trained, _statement(case, conditions), needed.of_network / 1e6)
    print(json.dumps(asdict(stages)))


def _statement(case: Case, conditions: Conditions) -> str:
    """What the task states of its memory."""
    config = case.config(conditions)
    task = build_task(config.task.name, **config.task.parameters)
    parts = [part for part in (task.training, task.validation, task.test) if isinstance(part, PairedImages)]
    return memory_of(Sets(*parts))


if __name__ == "__main__":
    main()
