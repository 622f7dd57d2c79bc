"""A long sweep of short trials: what grows with it, and what does not.

``python -m benchmarks.soak --trials 10000``: about 25 ms of CPU time for each trial; with ``--seeds 1`` groups have one
trial each, which takes half a second. Times are CPU seconds, which other programs disturb less than the clock.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.harness import PROGRAM, run_command


def main() -> None:
    """Measure a sweep in its first and its last tenth, and the commands that read it later."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=25, help="trials of a group")
    asked = parser.parse_args()
    groups = asked.trials // asked.seeds
    rates = ",".join(f"{0.045 + 0.01 * index / groups:.8f}" for index in range(groups))  # all groups take as long
    sweep = ["-m", "task=boolean_sep", f"training.lr={rates}", f"seed=range({asked.seeds})", "hydra.sweep.dir=out"]
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "out"
        samples = soak(sweep, out)
        show("CPU before the second group", f"{samples[0][1]:.1f} s")
        tenth = max(2, groups // 10)
        for part, some in (("first", samples[: tenth + 1]), ("last", samples[-tenth:])):
            each = (some[-1][1] - some[0][1]) / max(1, some[-1][0] - some[0][0]) / asked.seeds
            show(f"CPU of a trial, {part} tenth", f"{1000 * each:.1f} ms")
            show(f"memory, {part} tenth", f"{max(memory for _, _, memory, _ in some):.0f} MB")
            show(f"open files, {part} tenth", f"{max(handles for *_, handles in some)}")
        files = [path for path in out.rglob("*") if path.is_file()]
        show("files", f"{len(files):,}, {sum(path.stat().st_blocks for path in files) * 512 / 1e6:.1f} MB")
        shutil.rmtree(max(out.glob("groups/[0-9]*")))
        for module, *words in (["run", *sweep, "resume=true"], ["collect", "out"], ["report", "out"]):
            done = run_command([sys.executable, "-m", f"neural_sculpting.{module}", *words], name)
            if done.code:
                raise RuntimeError(done.output)
            show(f"CPU of {module}, later", f"{done.cpu:.1f} s")


def show(name: str, value: str) -> None:
    """Print a line."""
    print(f"{name:<30}{value:>12}", flush=True)


def soak(sweep: list[str], out: Path) -> list[tuple[int, float, float, int]]:
    """Run a sweep; return after each group the number finished, CPU seconds, memory in MB and open files."""
    process = psutil.Popen([*PROGRAM, *sweep], cwd=out.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    samples = list[tuple[int, float, float, int]]()
    while process.poll() is None:
        finished = sum(1 for _ in out.glob("groups/[0-9]*"))
        if finished > (samples[-1][0] if samples else 0):
            cpu, memory = process.cpu_times(), process.memory_info().rss / 1e6
            samples.append((finished, cpu.user + cpu.system, memory, process.num_fds()))
        time.sleep(0.1)
    if process.returncode:
        raise RuntimeError(f"the sweep ended with {process.returncode}; run it by hand to see why")
    return samples


if __name__ == "__main__":
    main()
