"""Values of the configuration: the kinds that there are, what each takes, how it is read, and as text."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, StrictInt

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


MAX_SEED = 2**32 - 1
MAX_COUNT = 2**31 - 1
MAX_THREADS = 1024

LONGEST_NAME = 128
LONGEST_TAG = 64
REFUSED_BY_WANDB = "/\\#?%:"
NAME_FOR_WANDB = f"at most {LONGEST_NAME} characters without {' '.join(REFUSED_BY_WANDB)}"


def _number(value: Any) -> Any:
    """Refuse text and booleans, which pydantic would convert to numbers."""
    if isinstance(value, bool | str):
        raise ValueError("not a number")
    return value


def _folder_or_switch(value: Any) -> bool | str | None:
    if value is None or isinstance(value, bool) or (isinstance(value, str) and value.strip()):
        return value
    raise ValueError("neither a folder nor a switch")


def file_of_network(value: Any) -> Any:
    """Return what names a network as the keys of its section."""
    if isinstance(value, str) and value.strip():
        return {"file": value, "sha256": None}
    texts = value.values() if isinstance(value, Mapping) and {*value} == {"file", "sha256"} else (value,)
    if all(text is None or (isinstance(text, str) and text.strip()) for text in texts):
        return value
    raise ValueError("neither a file nor null")


def _tuple_of_one(value: Any) -> Any:
    values = value if isinstance(value, list | tuple) else (value,)
    if any(values.count(each) > 1 for each in values):
        raise ValueError("the same twice")
    return values


def known_or_path(name: str, known: tuple[str, ...]) -> str:
    """Refuse a name that is none of those known and no import path."""
    if name not in known and "." not in name:
        raise ValueError("neither a known name nor an import path")
    return name


def _name_for_wandb(value: str) -> str:
    if len(value) > LONGEST_NAME or not value.isprintable() or {*value} & {*REFUSED_BY_WANDB}:
        raise ValueError("not a name that W&B accepts")
    return value


Number = Annotated[float, BeforeValidator(_number)]
Share = Annotated[Number, Field(ge=0, le=1, description="a number from 0 to 1")]
Positive = Annotated[Number, Field(gt=0)]
NotNegative = Annotated[Number, Field(ge=0, description="a number, 0 or larger")]
Count = Annotated[StrictInt, Field(ge=1)]
LimitedCount = Annotated[StrictInt, Field(ge=1, le=MAX_COUNT)]
Threads = Annotated[StrictInt, Field(ge=1, le=MAX_THREADS)]
Percent = Annotated[Number, Field(gt=0, lt=100)]
Phase = Literal["unit", "edge"]
Phases = Annotated[tuple[Phase, ...], BeforeValidator(_tuple_of_one), Field(min_length=1)]
Steps = Annotated[tuple[Percent, ...], BeforeValidator(_tuple_of_one), Field(min_length=1)]
Word = Annotated[str, Field(pattern=r"\S")]  # not blank
Tag = Annotated[Word, Field(max_length=LONGEST_TAG)]
WandbName = Annotated[Word, AfterValidator(_name_for_wandb)]
FolderOrSwitch = Annotated[bool | str | None, PlainValidator(_folder_or_switch)]
