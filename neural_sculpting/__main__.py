"""The installed command ``neural-sculpting``, which is ``python -m neural_sculpting``: all programs under one name."""

import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS = ("run", "collect", "status", "report", "read", "export", "dashboard")
"""The modules with a ``main``; a command line that begins with none of them is one of ``run``."""


def main(command_line: Sequence[str] | None = None) -> int:
    """Run a command line, by default that of the process, and return its exit code."""
    words = sys.argv[1:] if command_line is None else [*command_line]
    name = words.pop(0) if words and words[0] in COMMANDS else "run"
    if name == "run" and words and words[0].isidentifier():
        print(f"error: {words[0]}: must be {', '.join(COMMANDS)} or have the form key=value", file=sys.stderr)
        return 1
    code: int = import_module(f"neural_sculpting.{name}").main(words)
    return code


if __name__ == "__main__":
    sys.exit(main())
