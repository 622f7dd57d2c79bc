"""Loading a file runs none of its code: the sources use no way to do so, apart from a few with reasons."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for room in ("neural_sculpting", "hydra_plugins") for path in (ROOT / room).rglob("*.py"))

RUN_CODE = {"eval", "exec", "compile", "__import__"}
PICKLES = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "shelve", "marshal", "jsonpickle"}
LOAD_YAML = {"load", "load_all", "unsafe_load", "full_load", "unsafe_load_all", "full_load_all"}
IMPORTS = {"import_module", "run_path", "run_module", "locate", "instantiate", "call", "get_class", "get_method"}
SHELLS = {"os.system", "os.popen"}

ALLOWED = {
    ("neural_sculpting/launching/batches.py", "pickle"): "checks whether its exception can be sent to another process",
    ("neural_sculpting/__init__.py", "import_module"): "modules of this package, which it lists",
    ("neural_sculpting/__main__.py", "import_module"): "modules of this package, which it lists",
    ("neural_sculpting/dashboard.py", "import_module"): "modules of one library, which it lists",
    ("neural_sculpting/pretrained/reading.py", "pickle"): "the name of an error of torch.load",
    ("neural_sculpting/analysis/readers/registry.py", "import_module"): "a reader that a command names",
    ("neural_sculpting/config/loading.py", "import_module"): "a criterion that the configuration of a command names",
    ("neural_sculpting/tasks/parameters.py", "import_module"): "a function that the configuration of a command names",
    ("neural_sculpting/tasks/registry.py", "import_module"): "a task that the configuration of a command names",
    ("neural_sculpting/methods/registry.py", "import_module"): "a method that a caller names",
    ("neural_sculpting/networks/architectures.py", "import_module"): "an architecture that a command names",
    ("neural_sculpting/pruning/scores.py", "import_module"): "a criterion that the configuration of a command names",
}
"""What a source may use, and why that runs no code of a loaded file."""


def name_of(node: ast.expr) -> str:
    """Such as ``torch.load`` for a call of it."""
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def keyword(call: ast.Call, name: str) -> object:
    """The constant that a call gives for a keyword."""
    values = [each.value for each in call.keywords if each.arg == name]
    return values[0].value if values and isinstance(values[0], ast.Constant) else None


def ways_to_run_code(tree: ast.AST) -> Iterator[str]:
    """Whatever in a source could run code of a loaded file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ({alias.name.partition(".")[0] for alias in node.names} & PICKLES)
        elif isinstance(node, ast.ImportFrom):
            yield from ({(node.module or "").partition(".")[0]} & PICKLES)
            yield from ({alias.name for alias in node.names} & IMPORTS)
        elif isinstance(node, ast.Call):
            yield from ways_of_call(node)


def ways_of_call(node: ast.Call) -> Iterator[str]:
    """The same for one call."""
    name = name_of(node.func)
    owner, _, last = name.rpartition(".")
    if name in RUN_CODE or name in SHELLS:
        yield name
    if last in IMPORTS and owner.rpartition(".")[2] in ("importlib", "runpy", "pydoc", "utils", "hydra"):
        yield last
    if owner == "torch" and last == "load" and keyword(node, "weights_only") is not True:
        yield "torch.load without weights_only=True"
    if last in ("load_from_checkpoint", "load_state_dict_from_url"):
        yield last
    if owner in ("np", "numpy") and last == "load" and keyword(node, "allow_pickle") is not False:
        yield "np.load without allow_pickle=False"
    if owner == "yaml" and last in LOAD_YAML:
        yield f"yaml.{last}"
    if last in ("read_pickle", "to_pickle", "read_hdf"):
        yield last
    if keyword(node, "shell") is True:
        yield "a shell"


def test_sources_use_no_way_to_run_the_code_of_a_file_and_exceptions_are_needed() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), way)
        for path in SOURCES
        for way in ways_to_run_code(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == {*ALLOWED}


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "from cloudpickle import loads",
        "import joblib.externals",
        "eval('1')",
        "exec(text)",
        "torch.load(file)",
        "torch.load(file, weights_only=False)",
        "np.load(file)",
        "np.load(file, allow_pickle=True)",
        "numpy.load(file, allow_pickle=flag)",
        "yaml.load(file)",
        "yaml.unsafe_load(file)",
        "pd.read_pickle(file)",
        "importlib.import_module(name)",
        "from importlib import import_module",
        "hydra.utils.instantiate(config)",
        "subprocess.run(words, shell=True)",
        "os.system(words)",
        "Model.load_from_checkpoint(path)",
    ],
)
def test_ways_to_run_code_are_found(text: str) -> None:
    assert list(ways_to_run_code(ast.parse(text)))


@pytest.mark.parametrize(
    "text",
    [
        "torch.load(file, weights_only=True)",
        "np.load(file, allow_pickle=False)",
        "yaml.safe_load(file)",
        "re.compile(text)",
        "json.load(file)",
        "safetensors.torch.load(file)",
    ],
)
def test_other_calls_are_not(text: str) -> None:
    assert not list(ways_to_run_code(ast.parse(text)))
