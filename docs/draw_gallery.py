"""Run the gallery and draw its pictures: ``python docs/draw_gallery.py``, which trains for some minutes.

Results stay in ``build/gallery``; what is there is not run again.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import neural_sculpting as ns
from neural_sculpting.views.pictures import svg
from neural_sculpting.views.pictures.matrices import co_membership_svg

DOCS = Path(__file__).resolve().parent
RUNS = DOCS.parent / "build" / "gallery"
PICTURE = re.compile(r"!\[.*\]\((images/gallery/(\w+)\.svg)\)")
BLOCK = re.compile(r"```(python|bash)\n(.*?)```", re.DOTALL)
INLINE = re.compile(r'aria-label="(.*?)" viewBox="0 0 (\S+) (\S+)">(.*)</svg>', re.DOTALL)
MARGIN = 12


def main() -> None:
    """Draw the picture of every section."""
    RUNS.mkdir(parents=True, exist_ok=True)
    os.chdir(RUNS)
    for section in (DOCS / "gallery.md").read_text(encoding="utf-8").split("\n## ")[1:]:
        [(picture, name)] = PICTURE.findall(section)
        if not Path(name, "groups").exists():
            run(section, name)
        (DOCS / picture).write_text(drawn(ns.load(name)), encoding="utf-8")


def run(section: str, name: str) -> None:
    """Run the code of a section, and save what it found in the folder ``name``."""
    print(f"\n{name}", flush=True)
    [(language, text)] = BLOCK.findall(section)
    if language == "bash":
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        subprocess.run(text, shell=True, check=True, env={**os.environ, "PATH": path})
        return
    names: dict[str, object] = {}
    exec(text, names)
    result = names["result"]
    assert isinstance(result, ns.Result)
    result.save(name)


def drawn(result: ns.Result) -> str:
    """Draw the best trial or, without a consensus, what trials put together."""
    [cell] = result.sweep.cells
    if (cell.is_judged and result.trial().success) or cell.shown is not None:
        return result.picture()
    [(words, width, height, matrix)] = INLINE.findall(co_membership_svg(cell.co_membership, cell.labels))
    size = float(width) + 2 * MARGIN, float(height) + 2 * MARGIN
    elements = svg.group(f'transform="translate({MARGIN} {MARGIN})"', [matrix])
    return svg.document(*size, title="What trials put together", description=words, elements=elements)


if __name__ == "__main__":
    main()
