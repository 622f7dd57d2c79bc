"""A program for tests: run the command line on a full disk. Needs a small disk as the current folder."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from neural_sculpting import run
from neural_sculpting.records.store import NewGroup
from neural_sculpting.views import closing

SWEEP = ["-m", "arch.hidden=[24],[36]", "seed=0,1", "hydra.sweep.dir=out", "report=never"]
FILLER = Path("filler")


def fill_the_disk() -> None:
    with suppress(OSError), FILLER.open("ab", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def before(nth: int, function: Callable[..., object]) -> Callable[..., object]:
    """Fill the disk before the nth call of a function."""
    calls: list[int] = []

    def with_full_disk(*arguments: object) -> object:
        calls.append(1)
        if len(calls) == nth:
            fill_the_disk()
        return function(*arguments)

    return with_full_disk


def everything() -> list[str]:
    return sorted(str(path) for path in Path("out").rglob("*"))


def run_and_resume() -> dict[str, object]:
    """Run the sweep, and resume it with room on the disk."""
    codes, left = [run.main(SWEEP)], everything()
    FILLER.unlink()
    codes.append(run.main([*SWEEP, "resume=true"]))
    return {"codes": codes, "left": left, "files": everything()}


def from_the_beginning() -> dict[str, object]:
    fill_the_disk()
    codes = [run.main(SWEEP), run.main(["hydra.run.dir=out"])]
    return {"codes": codes, "files": everything()}


def at_the_second_group() -> dict[str, object]:
    NewGroup.write = before(2, NewGroup.write)
    return run_and_resume()


def at_the_tables() -> dict[str, object]:
    closing.close_sweep = before(1, closing.close_sweep)
    return run_and_resume()


found = {}
for moment in (from_the_beginning, at_the_second_group, at_the_tables):
    print(f"moment: {moment.__name__}", file=sys.stderr)
    os.mkdir(moment.__name__)
    os.chdir(moment.__name__)
    found[moment.__name__] = moment()
    os.chdir("..")
    shutil.rmtree(moment.__name__)
print(json.dumps(found))
