"""Values of the configuration as text."""

from collections.abc import Mapping, Sequence
from typing import Any


def typed(value: Any) -> str:
    """Write a value as one would type it: ``null``, ``true``, ``[70, 2.5]``."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(typed, value))}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def flat(values: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Nested settings under dotted keys."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        found |= flat(value, f"{path}{key}.") if isinstance(value, Mapping) else {f"{path}{key}": value}
    return found


def ranges(numbers: Sequence[int]) -> str:
    """Write ascending numbers in a short way: ``"0–35"``, ``"0–2, 5"``."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(f"{part[0]}–{part[-1]}" if len(part) > 2 else ", ".join(map(str, part)) for part in parts)
