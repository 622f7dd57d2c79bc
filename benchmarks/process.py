"""The whole process, as one types it: 36 trials against one, help and a mistake.

Run it with ``python -m benchmarks.process``. The commands are interleaved; medians are compared.
"""

import tempfile

from benchmarks.harness import PROGRAM, Command, Seconds, parser_of, report, run_command, table_of

COMMANDS = {
    "1 trial": ["-m", "task=boolean_sep", "seed=range(1)"],
    "36 trials": ["-m", "task=boolean_sep", "seed=range(36)"],
    "360 trials": ["-m", "task=boolean_sep", "seed=range(360)"],
    "36 trials, all pictures": ["-m", "task=boolean_sep", "seed=range(36)", "pictures=all"],
    "--help": ["--help"],
    "a mistake": ["pruning.accuracy_threshold=1.2"],
}


def main() -> None:
    """Measure and print."""
    repeats = parser_of(__doc__, 6).parse_args().repeats
    measured: dict[str, list[Command]] = {name: [] for name in COMMANDS}
    for _ in range(1 + repeats):
        for name, words in COMMANDS.items():
            with tempfile.TemporaryDirectory() as folder:
                measured[name].append(run_command([*PROGRAM, *words], folder))
    wall = {name: Seconds(each.wall for each in runs[1:]) for name, runs in measured.items()}
    rows = [
        (name, wall[name], f"{wall[name] / wall['1 trial']:.2f}", f"{max(each.memory for each in runs):.0f} MB")
        for name, runs in measured.items()
    ]
    further = (wall["36 trials"] - wall["1 trial"]) / 35
    table = table_of(("command", "wall", "of one trial", "peak memory"), rows)
    report(table, f"each further trial of 36: {further * 1000:.1f} ms")


if __name__ == "__main__":
    main()
