"""Folders into which a run cannot be written, or that contain nothing to resume."""

import json
from collections.abc import Callable
from pathlib import Path

from mistakes import NOT_UTF8, Mistake, folder_of, written

LONG = "x" * 300


def plan(**changes: object) -> Callable[[Path], None]:
    """A folder with the plan of a run of one job."""
    values = {"format_version": 1, "multirun": False, "jobs": 1, "overrides": [], "experiment": None, **changes}
    return written("out/plan.json", json.dumps(values))


NEW = [
    Mistake(("hydra.run.dir=out",), ("hydra.run.dir=out", "is a file"), written("out", "")),
    Mistake(("hydra.run.dir=out/deeper",), ("hydra.run.dir=out/deeper", "Not a directory"), written("out", "")),
    Mistake(
        ("hydra.run.dir=out",), ("hydra.run.dir=out", "leads nowhere"), lambda path: (path / "out").symlink_to("no")
    ),
    Mistake(("-m", "seed=0,1", "hydra.sweep.dir=out"), ("hydra.sweep.dir=out", "is a file"), written("out", "")),
    Mistake(("seed=1",), ("multirun_outputs", "hydra.run.dir="), written("multirun_outputs", "")),
    Mistake((f"hydra.run.dir={LONG}",), ("File name too long", "another folder")),
    Mistake(("hydra.run.dir=/proc/no/such",), ("hydra.run.dir=/proc/no/such", "another folder")),
    Mistake(("hydra.run.dir=out",), ("hydra.run.dir=out", "earlier run", "resume=true"), plan()),
    Mistake(("hydra.run.dir=out",), ("hydra.run.dir=out", "earlier run"), folder_of("out/groups/0000")),
    Mistake(("-m", "seed=0", "hydra.sweep.dir=out"), ("hydra.sweep.dir=out", "earlier run"), plan(overrides=["a=1"])),
    *(
        Mistake(words, names, folder_of(name, mode), barred=True, note=f"{name} {mode:o}")
        for mode in (0o555, 0)
        for words, names, name in (
            (("seed=1",), ("multirun_outputs", "Permission denied"), "multirun_outputs"),
            (("hydra.run.dir=out",), ("hydra.run.dir=out", "Permission denied"), "out"),
            (("hydra.run.dir=out/deeper",), ("hydra.run.dir=out/deeper", "Permission denied"), "out"),
            (("-m", "seed=0,1", "hydra.sweep.dir=out"), ("hydra.sweep.dir=out", "Permission denied"), "out"),
        )
    ),
]

THERE = ("resume=out",)
RESUMED = [
    Mistake(("resume=out",), ("resume=out", "no such folder")),
    Mistake(("resume=out",), ("resume=out",), written("out", "")),
    Mistake(("resume=out",), ("resume=out", "plan.json"), folder_of("out")),
    Mistake(("resume='a\nb'",), ("resume=a\\nb", "no such folder")),
    Mistake((f"resume={LONG}",), ("plan.json",)),
    Mistake(("resume=out", "hydra.run.dir=there"), ("resume=out", "hydra.run.dir=there"), plan()),
    Mistake(("resume=out", "seed=7"), ("resume=out", "another run", "seed=7"), plan()),
    Mistake(("resume=out",), ("resume=out", "another run", "seed=7"), plan(overrides=["seed=7"])),
    Mistake(("-m", "seed=0,1", "resume=out"), ("resume=out", "another run", "without -m"), plan()),
    Mistake(("resume=out",), ("resume=out", "another run", "-m"), plan(multirun=True)),
    Mistake(("resume=out",), ("out/plan.json", "format 99"), plan(format_version=99)),
    Mistake(("resume=true", "hydra.run.dir=out"), ("resume=true: out", "plan.json"), folder_of("out")),
    Mistake(("resume=out",), ("out/plan.json", "Permission denied"), written("out/plan.json", "{}", 0), barred=True),
    *(
        Mistake(THERE, ("out/plan.json",), written("out/plan.json", content), note=repr(content[:20]))
        for content in ("", "{", "[]", "3", "null", '"text"', "{}", "[" * 99_999, NOT_UTF8)
    ),
    *(
        Mistake(THERE, ("out",), plan(**{key: value}), note=f"{key} {value}")
        for key, value in (("jobs", "many"), ("jobs", -1), ("overrides", 3), ("overrides", [3]), ("multirun", "no"))
    ),
    Mistake(THERE, ("out/plan.json",), folder_of("out/plan.json"), note="a folder"),
]

MISTAKES = [*NEW, *RESUMED]
