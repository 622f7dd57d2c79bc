"""The keys of the configuration, and what those may have been meant to be that it does not have."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from neural_sculpting.config.schemas import Config
from neural_sculpting.errors import closest, did_you_mean

OTHER_NAMES = {
    "learning_rate": "training.lr",
    "batchsize": "training.batch_size",
    "n_epochs": "training.epochs",
    "max_epochs": "training.epochs",
    "noise": "training.input_noise",
    "layers": "arch.hidden",
    "hidden_layers": "arch.hidden",
    "hidden_sizes": "arch.hidden",
    "hidden_layer_sizes": "arch.hidden",
    "device": "trainer.accelerator",
    "n_jobs": "trainer.threads",
    "random_state": "seed",
    "n_seeds": "seed",
    "trials": "seed",
    "n_trials": "seed",
    "model": "network",
    "threshold": "pruning.accuracy_threshold",
}
"""What other programs call a key."""


def unknown_key(key: str) -> str:
    """Return the message for a key that the configuration does not have, such as ``training.foo``."""
    if key.startswith("task."):
        return f"{key}: unknown key; the task has no such parameter"
    group = key.partition(".")[0]
    if group in ("experiment", "debug"):
        return f"{key}: unknown key; a file of the group {group} must begin with '# @package _global_' and set keys"
    known: list[str] = []
    for part in key.split("."):
        if part not in _keys(known):
            break
        known.append(part)
    allowed = f"allows {', '.join(_keys(known))}" if _keys(known) else "is a value and has no keys"
    return f"{key}: unknown key{did_you_mean(keys_like(key))}; {'.'.join(known) or 'the configuration'} {allowed}"


def keys_like(word: str) -> list[str]:
    """Return the keys that a word may mean: by what other programs call it, or by the last part, as far as it fits."""
    last = word.rpartition(".")[2]
    if last in OTHER_NAMES:
        return [OTHER_NAMES[last]]
    keys = [(key, key.rpartition(".")[2]) for key in _leaves()]
    meant = closest(last, [name for _, name in keys])
    return [key for key, name in keys if name in meant]


def takes_whole_numbers(key: str) -> bool:
    """Whether a dotted key, which need not exist, takes whole numbers alone; of parameters of tasks it is not known."""
    return key in _leaves() and expected(key.split(".")).startswith("a whole number")


def expected(path: Sequence[str]) -> str:
    """Return the values that a key allows, from the description of its field; for a group, its keys."""
    model = _model(path[:-1])
    field = model.model_fields[path[-1]] if model else None
    return (field.description if field else None) or f"a group with the keys {', '.join(_keys(path))}"


def _keys(path: Sequence[str]) -> list[str]:
    model = _model(path)
    return list(model.model_fields) if model else []


def _model(path: Sequence[str]) -> type[BaseModel] | None:
    """Return the model behind a path of keys, or None where the path ends at a value."""
    model: type[BaseModel] = Config
    for part in path:
        kind = model.model_fields[part].annotation if part in model.model_fields else None
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            return None
        model = kind
    return model


def _leaves(path: tuple[str, ...] = ()) -> Iterator[str]:
    """List the dotted keys of all values but parameters of tasks."""
    for key in _keys(path):
        deeper = (*path, key)
        if _keys(deeper):
            yield from _leaves(deeper)
        else:
            yield ".".join(deeper)
