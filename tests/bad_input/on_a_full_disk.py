"""A program for tests: what the command line does where the disk is full. Needs a small disk as the current folder."""

import json
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
    """Write until nothing more goes."""
    with suppress(OSError), FILLER.open("ab", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def before(nth: int, function: Callable[..., object], act: Callable[[], None]) -> Callable[..., object]:
    """A function that does something before its nth call."""
    calls: list[int] = []

    def with_act(*arguments: object) -> object:
        calls.append(1)
        if len(calls) == nth:
            act()
        return function(*arguments)

    return with_act


def everything() -> list[str]:
    """All files there."""
    return sorted(str(path) for path in Path("out").rglob("*"))


match sys.argv[1]:
    case "from the beginning":
        fill_the_disk()
        codes = [run.main(SWEEP), run.main(["hydra.run.dir=out"])]
        print(json.dumps({"codes": codes, "files": everything()}))
    case "at the second group":
        NewGroup.write = before(2, NewGroup.write, fill_the_disk)
        first = run.main(SWEEP)
        left = sorted(path.name for path in Path("out/groups").iterdir())
        FILLER.unlink()
        second = run.main([*SWEEP, "resume=true"])
        print(json.dumps({"codes": [first, second], "groups": left, "files": everything()}))
    case "at the tables":
        closing.close_sweep = before(1, closing.close_sweep, fill_the_disk)
        first = run.main(SWEEP)
        left = everything()
        FILLER.unlink()
        second = run.main([*SWEEP, "resume=true"])
        print(json.dumps({"codes": [first, second], "left": left, "files": everything()}))
