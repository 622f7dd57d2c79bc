"""Values that a key of the configuration does not take. Keys come from the schema, so no new one can be forgotten."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from neural_sculpting.config.schemas import Config
from neural_sculpting.config.values import MAX_COUNT, MAX_SEED, MAX_THREADS
from neural_sculpting.tasks import task_names
from neural_sculpting.tasks.parameters import Allowed, Between, Names, OneOf, Share
from neural_sculpting.tasks.registry import find_family

ANY = ("{a: 1}", "[[1]]", "[{a: 1}]", "''", "' '")
"""No key takes these."""

WORDS = ("no_such_word", "3", "-1", "true", "1.5", "[no, such]")
NUMBERS = ("abc", "true", "nan", "inf", "-inf", "'1 2'", "[abc]")
WHOLE = (*NUMBERS, "1.5")

OUT_OF_RANGE: dict[str, tuple[str, ...]] = {
    "task.name": ("no_such_task", "null", "3", "../boolean_sep", "no_such_module.task", "'a b'", "'boolean_sep\n'"),
    "network": ("3", "true", "1.5", "no_such_file.pt", "no_such_ending.txt", "{file: 3, sha256: a}", "[a.pt]"),
    "arch.name": (*WORDS, "null", "no.such"),
    "arch.hidden": (*WHOLE, "[]", "[0]", "[-24]", "[24, 1.5]", "[24, null]", "24", "null", "[true]", "[1]"),
    **dict.fromkeys(("arch.layers", "arch.width", "arch.heads", "arch.mlp"), (*WHOLE, "0", "-1")),
    "arch.norm": WORDS,
    "arch.causal": (*WORDS, "1"),
    "arch.positions": WORDS,
    "arch.channels": (*WHOLE, "[]", "[0]", "[1.5]", "24"),
    "arch.kernel": (*WHOLE, "0", "-1"),
    "arch.dense": (*WHOLE, "[0]", "[1.5]", "24"),
    "arch.own": WORDS,
    "seed": (*WHOLE, "-1", str(MAX_SEED + 1), "null", "[1]"),
    "training.lr": (*NUMBERS, "0", "-0.1"),
    "training.batch_size": (*WHOLE, "0", "-8", str(MAX_COUNT + 1)),
    "training.epochs": (*WHOLE, "0", "-8", str(MAX_COUNT + 1)),
    "training.input_noise": (*NUMBERS, "-0.1", "null"),
    "training.weight_decay": (*NUMBERS, "-0.1", "null"),
    "training.class_weights": (*WORDS,),
    "training.dense_rounds": (*WHOLE, "0", "-1", "1001", "null"),
    "training.pruning_lr": (*NUMBERS, "0", "-0.1"),
    "pruning.accuracy_by": (*WORDS, "null"),
    "pruning.accuracy_threshold": (*NUMBERS, "-0.1", "1.1", "null"),
    "pruning.accuracy_drop": (*NUMBERS, "-0.1", "1.1", "0.5"),
    "pruning.standard_errors": (*NUMBERS, "-0.1", "null"),
    "pruning.phases": (*WORDS, "null", "[]", "[unit, units]", "[edge, edge]", "[null]"),
    "pruning.unit.criterion": (*WORDS, "null", "no.such", "..", "a.", "os.no_such", "os.sep"),
    "pruning.unit.step": (*NUMBERS, "0", "-1", "100", "[]", "[5, 5]", "[5, 100]", "null", "[null]"),
    "pruning.unit.limit": (*NUMBERS, "0", "-1", "101", "[50]"),
    "pruning.unit.schedule": (*WORDS, "null"),
    "pruning.unit.slack": (*NUMBERS, "-0.1", "1.1", "null"),
    "pruning.unit.halvings": (*WHOLE, "-1"),
    "pruning.edge.criterion": (*WORDS, "null", "no.such", "loss_sensitivity"),
    "pruning.edge.step": (*NUMBERS, "0", "-1", "100", "[]", "[5, 5]", "[5, 100]", "null", "[null]"),
    "pruning.edge.limit": (*NUMBERS, "0", "-1", "101", "[50]"),
    "pruning.edge.schedule": (*WORDS, "null"),
    "pruning.edge.slack": (*NUMBERS, "-0.1", "1.1", "null"),
    "pruning.edge.halvings": (*WHOLE, "-1"),
    "pruning.edge.order": (*WORDS, "null", "top_down"),
    "pruning.edge.tail": (*WHOLE, "-1", "null"),
    "pruning.edge.groups": (*WORDS[:3], "1.5", "1", "null"),
    "pruning.reopen": (*WORDS, "fell", "all"),
    "pruning.variants": ("3", "true", "edges", "[]", "{}", "[edge]", "{a: 3}", "{a: {b: 1}}", "{a: {edge: {tail: x}}}"),
    "analysis.reader": (*WORDS, "null", "no.such", "os.no_such", "os.sep"),
    "analysis.hops": (*WHOLE, "0", "-1"),
    "analysis.merging_threshold": (*NUMBERS, "-0.1", "1.1", "null"),
    "analysis.modularity_threshold": (*NUMBERS, "-0.1", "1.1", "null"),
    "selection": (*WORDS, "null"),
    "consensus_window": (*WHOLE, "-1", "null"),
    "simplest_window": (*WHOLE, "-1", "null"),
    "nulls": (*WORDS, "null", "none"),
    "objective": (*WORDS, "null"),
    "pictures": (*WORDS, "null"),
    "picture_weights": ("yes_please", "1", "0", "null", "'1'"),
    "report": (*WORDS, "null"),
    "resume": ("3", "1.5", "[true]"),
    "tags": ("null", "word", "3", "[3]", "[true]", "[null]", "['']", f"[{'x' * 65}]"),
    "trainer.accelerator": (*WORDS, "null", "tpu", "mps"),
    "trainer.engine": (*WORDS, "null"),
    "trainer.precision": (*WORDS, "null", "fp16"),
    "trainer.threads": (*WHOLE, "0", "-1", str(MAX_THREADS + 1)),
    "trainer.progress_bar": ("yes_please", "1", "0", "null", "'1'"),
    "trainer.max_networks": (*WHOLE, "0", "-1"),
    "logger.kind": (*WORDS, "null"),
    "logger.project": ("null", "3", "true", "a/b", "'../../up'", "'a\nb'", "'a#b'", "x" * 129),
    "logger.entity": ("3", "true", "a/b", "'../../up'", "'a\nb'", "x" * 129),
    "logger.runs": (*WORDS, "null"),
    "logger.mode": (*WORDS, "null"),
}
"""What each key does not take, besides ``ANY``."""

GIVEN = {
    "truth_table": ("task.path=t.csv", "task.outputs=[y]"),
    "table": ("task.path=t.csv", "task.outputs=[y]"),
    "function": ("task.function=my_module.f", "task.n_inputs=2"),
    "graph": ("task.graph=my_module.g",),
    "sequences": ("task.path=t.npz",),
    "images": ("task.path=t.npz",),
    "mnist_pair": ("task.source=digits",),
    "mnist_xor": ("task.source=digits",),
}
"""What these tasks need besides the parameter that is wrong."""


def leaves(model: type[BaseModel] = Config, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Every key that is a value, with its group."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from leaves(field.annotation, (*path, name))
        else:
            yield ".".join((*path, name)), ".".join(path)


def values_of_keys() -> list[tuple[str, str]]:
    """Every key with each value that it does not take."""
    return [(key, value) for key, _ in leaves() for value in (*ANY, *OUT_OF_RANGE[key])]


def not_taken(allowed: Allowed) -> tuple[str, ...]:
    """Values that a parameter of a task does not take."""
    match allowed:
        case Between(lowest, highest):
            return (*WHOLE, str(lowest - 1), str(highest + 1), "null", *ANY)
        case Share(lowest, highest):
            return (*NUMBERS, str(lowest - 0.001), str(highest + 0.001), "null", *ANY)
        case OneOf():
            return (*WORDS, "null", *ANY)
        case Names():
            return ("true", "1.5", "['']", "[' ']", "[null]", "[[a]]", "[true]")
        case _:  # text, such as the path of a file
            return ("3", "1.5", "true", "null", "[a]", *ANY)


def values_of_parameters() -> list[tuple[str, str, str]]:
    """Every parameter of every task with each value that it does not take: the task, the key, the value."""
    families: Mapping[str, Mapping[str, Allowed]] = {name: find_family(name).allowed for name in task_names()}
    return [
        (task, f"task.{parameter}", value)
        for task, parameters in families.items()
        for parameter, allowed in parameters.items()
        for value in not_taken(allowed)
    ]
