"""Runs the blocks of one page in this process and folder, in order, and writes what each printed as JSON.

``python run_page.py blocks.json printed.json``, where ``blocks.json`` is a list of language, file (or null), text.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path


def main(source: str, target: str) -> None:
    sys.path.insert(0, os.getcwd())  # files that a page shows can be imported, as in a script beside them
    names: dict[str, object] = {"__name__": "__main__"}
    printed = []
    for language, file, text in json.loads(Path(source).read_text(encoding="utf-8")):
        if file is not None:
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            Path(file).write_text(text, encoding="utf-8")
            printed.append("")
        elif language == "python":
            with contextlib.redirect_stdout(io.StringIO()) as output:
                exec(compile(text, f"<{len(printed)}>", "exec"), names)
            printed.append(output.getvalue())
        else:
            command = ["bash", "-eu", "-c", text]
            printed.append(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    Path(target).write_text(json.dumps(printed), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
