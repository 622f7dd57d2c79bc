"""Values of the configuration as text."""

from collections.abc import Mapping, Sequence
from typing import Any

LONGEST_VALUE = 80


def typed(value: Any) -> str:
    """Write a value on one line, as on the command line: ``null``, ``true``, ``[70, 2.5]``."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(typed, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {typed(each)}' for key, each in value.items())}}}"
    if isinstance(value, float):
        return str(value).removesuffix(".0")
    return " ".join(str(value).split()) or "''"


def shown(value: Any) -> str:
    """Write a value as :func:`typed`, shortened for a message."""
    text = typed(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def flat(values: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Flatten nested settings to dotted keys."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        is_group = isinstance(value, Mapping) and bool(value)
        found |= flat(value, f"{path}{key}.") if is_group else {f"{path}{key}": value}
    return found


def ranges(numbers: Sequence[int]) -> str:
    """Abbreviate ascending numbers: ``"0–35"``, ``"0–2, 5"``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)
