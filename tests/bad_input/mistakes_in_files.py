"""Files of a user in every damaged state: tables, networks, images, and code."""

import gzip
import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
import torch
from mistakes import DAMAGES, Mistake, folder_of, written
from safetensors.torch import save

TABLES = ("t.csv", "t.parquet", "t.npz")
NETWORKS = ("n.pt", "n.pth", "n.ckpt", "n.safetensors", "n.onnx")
TEXT = "a,b,y\n" + "0,0,0\n0,1,1\n1,0,1\n1,1,0\n" * 5
NOT_WRONG = {"t.csv": ("missing its last byte", "without its last byte", "truncated", "another format", "zeros")}
"""Half a table of text is still a table; ``_tables`` has text that is not a table."""


@cache
def table(name: str) -> bytes:
    """A truth table of two inputs."""
    import pandas as pd

    frame, file = pd.read_csv(io.StringIO(TEXT)), io.BytesIO()
    if name.endswith(".csv"):
        return TEXT.encode()
    if name.endswith(".npz"):
        np.savez(file, **{column: frame[column].to_numpy() for column in frame})
        return file.getvalue()
    frame.to_parquet(file)
    return file.getvalue()


@cache
def network(name: str) -> bytes:
    """A network of 4-24-4 units."""
    model = torch.nn.Sequential(torch.nn.Linear(4, 24), torch.nn.ReLU(), torch.nn.Linear(24, 4))
    if name.endswith(".safetensors"):
        return save(model.state_dict())
    if name.endswith(".onnx"):
        from neural_sculpting.exporting.models import write_onnx

        with NamedTemporaryFile() as file:
            write_onnx(model, Path(file.name))
            return Path(file.name).read_bytes()
    return saved(model.state_dict())


def saved(what: Any, **options: Any) -> bytes:
    """The bytes that torch saves."""
    file = io.BytesIO()
    torch.save(what, file, **options)
    return file.getvalue()


def idx(values: np.ndarray) -> bytes:
    """An IDX file of unsigned bytes."""
    lengths = b"".join(struct.pack(">I", length) for length in values.shape)
    return bytes((0, 0, 8, values.ndim)) + lengths + values.astype(np.uint8).tobytes()


LABELS = np.arange(400) % 10
IMAGES = np.random.default_rng(0).integers(1, 255, (400, 4, 4))
DATA = {
    f"{part}-{kind}": idx(values)
    for part in ("train", "t10k")
    for kind, values in (("images-idx3-ubyte", IMAGES), ("labels-idx1-ubyte", LABELS))
}


def damaged(files: dict[str, Callable[[], bytes]], name: str, damage: str) -> Callable[[Path], None]:
    """Write these files, one of them damaged."""

    def prepare(folder: Path) -> None:
        for each, content in files.items():
            written(each, content())(folder)
        DAMAGES[damage](folder / name)

    return prepare


def _damaged_files() -> Iterator[Mistake]:
    outputs = ("task=truth_table", "task.outputs=[y]")
    for damage in DAMAGES:
        barred = damage == "barred"
        for name in TABLES:
            if damage not in NOT_WRONG.get(name, ()):
                prepare = damaged({name: lambda name=name: table(name)}, name, damage)
                yield Mistake((*outputs, f"task.path={name}"), (name,), prepare, barred, damage)
        for name in NETWORKS:
            prepare = damaged({name: lambda name=name: network(name)}, name, damage)
            yield Mistake(("arch.hidden=null", f"network={name}"), (name,), prepare, barred, damage)
        for name in DATA:
            files = {f"data/{each}": (lambda content=content: content) for each, content in DATA.items()}
            prepare = damaged(files, f"data/{name}", damage)
            yield Mistake(IDX, (f"data/{name}",), prepare, barred, f"{name} {damage}")


IDX = ("task=digits_pair", "task.source=data", "task.per_pair=2", "task.validation_per_pair=1", "task.test_per_pair=1")


def _tables() -> Iterator[Mistake]:
    for note, (content, column, names) in {
        "text that is no table": ("text\n" * 9, "y", ("task.outputs", "no column y")),
        "names and no rows": ("a,b,y\n", "y", ("t.csv", "no rows")),
        "blank lines": ("\n\n\n", "y", ("t.csv",)),
        "a hole": (bytes(10**6), "y", ("t.csv",)),
        "a row that ends early": ("a,b,y\n0,0,0\n0,1\n", "y", ("t.csv", "missing")),
        "a quote that is left open": ('a,b,y\n0,"0,0\n', "y", ("t.csv",)),
        "a name twice": ("a,a,y\n0,0,0\n", "y", ("t.csv", "column a")),
        "a third value": ("a,b,y\n0,0,2\n0,1,0\n1,0,1\n", "y", ("t.csv", "column y")),
        "no names": ("0,0,0\n0,1,1\n", "y", ("t.csv", "first line", "numbers")),
        "comments alone": ("# a\n# b\n", "y", ("t.csv", "#")),
        "a decimal comma": ('a,b,y\n"0,5",0,0\n', "y", ("t.csv", "column a", "'0,5'", "task.decimal=comma")),
        "percent signs": ("a,b,y\n50%,0,0\n", "y", ("t.csv", "column a", "'50%'", "percent")),
        "UTF-16": ("a,b,y\n0,0,0\n".encode("utf-16"), "y", ("t.csv", "task.encoding=utf-16")),
        "a contradiction": ("a,b,y\n0,0,0\n0,0,1\n", "y", ("t.csv",)),
        "no such column": (TEXT, "no_such", ("task.outputs", "no_such", "a, b, y")),
        "a name with a line break": (TEXT, "'z\nq'", ("task.outputs",)),
        "all columns": (TEXT, "a,b,y", ("task.outputs", "inputs")),
    }.items():
        words = ("task=truth_table", f"task.outputs=[{column}]", "task.path=t.csv")
        yield Mistake(words, names, written("t.csv", content), note=note)
    for path in ("/dev/null", "no/such.csv", "a.txt", "'~no_such_user/t.csv'", "x" * 5000 + ".csv", "'a\nb.csv'"):
        yield Mistake(("task=truth_table", "task.outputs=[y]", f"task.path={path}"), ("task.path" * (len(path) < 99),))
    for share in ("0.9", "0.5"):
        words = ("task=table", "task.outputs=[y]", "task.path=t.csv", f"task.validation_share={share}")
        yield Mistake(
            (*words, "task.test_share=0.5", "task.kind=binary"), ("task.validation_share",), written("t.csv", TEXT)
        )


class Bomb:
    """Leaves a file when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("ran"),)


PLAIN = "'descr': '<f8', 'fortran_order': False"


def _arrays() -> Iterator[Mistake]:
    words = ("task=truth_table", "task.outputs=[y]", "task.path=t.npz")
    for note, arrays in {
        "a bomb": {"a": np.array([Bomb()] * 2, dtype=object), "y": np.array([0, 1])},
        "texts of any kind": {"a": np.array(["x", 3, None], dtype=object), "y": np.array([0, 1, 0])},
        "lengths that differ": {"a": np.zeros(3), "y": np.zeros(2)},
        "three dimensions": {"a": np.zeros((2, 2, 2)), "y": np.zeros(2)},
    }.items():
        file = io.BytesIO()
        np.savez(file, **arrays)
        yield Mistake(words, ("t.npz",), written("t.npz", file.getvalue()), note=note)
    for note, header in {
        "brackets": "[(" * 4000,
        "a shape of 23 digits": f"{{'shape': ({'9' * 23},), {PLAIN}}}",
    }.items():
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("y.npy", b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header.encode())
        yield Mistake(words, ("t.npz",), written("t.npz", file.getvalue()), note=note)


def _networks() -> Iterator[Mistake]:
    def layers(*shapes: tuple[int, int]) -> dict[str, Any]:
        return {f"{2 * index}.weight": torch.ones(shape) for index, shape in enumerate(shapes)}

    huge = json.dumps({"a": {"dtype": "F32", "shape": [10**9] * 2, "data_offsets": [0, 4 * 10**18]}}).encode()
    for name, note, content, names in (
        ("n.pt", "safetensors", network("n.safetensors"), ("n.pt",)),
        ("n.safetensors", "torch", network("n.pt"), ("n.safetensors",)),
        ("n.onnx", "torch", network("n.pt"), ("n.onnx",)),
        ("n.pt", "a bomb", saved(Bomb()), ("n.pt", "state dict")),
        ("n.pt", "a bomb in a state dict", saved({"0.weight": Bomb()}), ("n.pt", "state dict")),
        ("n.pt", "a bomb of old", saved(Bomb(), _use_new_zipfile_serialization=False), ("n.pt",)),
        ("n.pt", "a pickle", pickle.dumps(Bomb()), ("n.pt",)),
        ("n.pt", "a model", saved(torch.nn.Linear(2, 2)), ("n.pt", "state dict")),
        ("n.pt", "a list", saved([1, 2]), ("n.pt", "state dict")),
        ("n.pt", "a number", saved({"x": 1}), ("n.pt", "state dict")),
        ("n.pt", "nothing", saved({}), ("n.pt", "no Linear layer")),
        ("n.pt", "one layer", saved(layers((4, 4))), ("n.pt", "one Linear layer")),
        ("n.pt", "layers that do not join", saved(layers((24, 4), (4, 23))), ("n.pt", "24", "23")),
        ("n.pt", "another task", saved(layers((24, 5), (4, 24))), ("n.pt", "5 inputs", "boolean_sep has 4")),
        ("n.pt", "NaN", saved({k: v * np.nan for k, v in layers((24, 4), (4, 24)).items()}), ("n.pt", "NaN")),
        ("n.pt", "whole numbers", saved({"0.weight": torch.ones(2, 2).int()}), ("n.pt", "int32")),
        ("n.safetensors", "more than it contains", struct.pack("<Q", len(huge)) + huge, ("n.safetensors",)),
        ("n.safetensors", "a header that is too long", struct.pack("<Q", 2**60) + huge, ("n.safetensors",)),
    ):
        yield Mistake(("arch.hidden=null", f"network={name}"), names, written(name, content), note=note)
    yield Mistake(("arch.hidden=[23]", "network=n.pt"), ("arch.hidden=[23]", "[24]"), written("n.pt", network("n.pt")))


def _images() -> Iterator[Mistake]:
    def with_file(name: str, content: bytes) -> Callable[[Path], None]:
        def prepare(folder: Path) -> None:
            for each, usual in DATA.items():
                written(f"data/{each}", content if each == name else usual)(folder)

        return prepare

    images, labels = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
    for name, note, content, names in (
        (images, "a header alone", DATA[images][:16], (images, "must have")),
        (images, "half a header", DATA[images][:6], (images, "header")),
        (images, "a byte too many", DATA[images] + b"x", (images, "must have")),
        (images, "a damaged gzip", gzip.compress(DATA[images])[:-20], (images, "gzip")),
        (images, "no gzip", b"\x1f\x8b" + b"x" * 50, (images, "gzip")),
        (images, "more than fits", DATA[images][:4] + struct.pack(">III", *[2**31] * 3), (images, "must have")),
        (images, "no image", idx(IMAGES[:0]), (images,)),
        (images, "labels", DATA[labels], (images,)),
        (labels, "too few", idx(LABELS[:9]), (labels, "400")),
        ("t10k-images-idx3-ubyte", "another size", idx(np.ones((400, 5, 4))), ("t10k-images-idx3-ubyte", "5 x 4")),
    ):
        yield Mistake(IDX, names, with_file(name, content), note=f"{name} {note}")
    for source in ("nowhere", "'~no_such_user'", "'a\nb'", "x" * 5000):
        yield Mistake((IDX[0], f"task.source={source}"), ("task.source",))
    yield Mistake((IDX[0], "task.source=data"), ("task.source=data", "is a file"), written("data", ""))
    yield Mistake((IDX[0], "task.source=data"), ("data",), folder_of("data"))
    yield Mistake((IDX[0], "task.source=data"), ("data", "Permission"), folder_of("data", 0), barred=True)


def _code() -> Iterator[Mistake]:
    failing = {
        "no such name": ("", "AttributeError"),
        "no Python": ("def f(:", "SyntaxError"),
        "a zero byte": ("\x00", "SyntaxError"),
        "an exit": ("raise SystemExit(3)", "SystemExit"),
        "an error of two lines": ("raise ValueError('one\\ntwo')", "ValueError: one two"),
        "an import that fails": ("import no_such_module", "no_such_module"),
    }
    keys = {
        "task.function": ("task=function", "task.n_inputs=2", "arch.hidden=[4]"),
        "task.graph": ("task=graph", "arch.hidden=[4]"),
        "pruning.unit.criterion": (),
        "pruning.edge.criterion": (),
        "analysis.reader": (),
    }
    for number, (note, (content, names)) in enumerate(failing.items()):
        for index, (key, words) in enumerate(keys.items()):
            module = f"failing_{number}_{index}"
            yield Mistake(
                (*words, f"{key}={module}.f"), (f"{key}={module}.f", names), written(f"{module}.py", content), note=note
            )
        if note != "no such name":
            module = f"failing_{number}_task"
            words = (f"task.name={module}.f",)
            yield Mistake(words, (*words, names), written(f"{module}.py", content), note=note)
    for number, content in enumerate(
        (
            "f = 3",
            "def f(a, b): return 3",
            "def f(a, b): return []",
            "def f(a, b): return (a & b)[:1]",
            "def f(a, b): return a & ~a",
            "def f(a, b): return 'yes' if a and b else 'no'",
            "def f(a, b): raise ValueError('one\\ntwo')",
            "def f(a, b): return f(a, b)",
            "def f(a): return a",
        )
    ):
        module = f"strange_{number}"
        words = ("task=function", f"task.function={module}.f", "task.n_inputs=2", "arch.hidden=[4]")
        yield Mistake(words, (), written(f"{module}.py", content), note=content)
        words = ("task=graph", f"task.graph={module}.f", "arch.hidden=[4]")
        yield Mistake(words, (f"task.graph={module}.f",), written(f"{module}.py", content), note=content)
    for path in ("../own.f", "/etc/passwd", "own", "own..f", "'own.f\n'"):
        yield Mistake(("task=function", f"task.function={path}", "task.n_inputs=2"), ("task.function=",))


MISTAKES = [*_damaged_files(), *_tables(), *_arrays(), *_networks(), *_images(), *_code()]
