"""Imports run one way, in the order of docs/architecture.md; no files form a cycle; entry points stay light."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("neural_sculpting", "hydra_plugins", "experiments", "benchmarks")

ORDER = [
    ["errors", "gc_pause", "standard_streams", "interruption", "files", "user_code"],
    ["paper"],
    ["tasks.images", "tasks.tables"],
    ["tasks"],
    ["pretrained"],
    ["config"],
    ["networks"],
    ["training"],
    ["native"],
    ["pruning"],
    ["sculpting"],
    ["analysis"],
    ["decomposition"],
    ["analysis.readers"],
    ["nulls"],
    ["scoring"],
    ["formulas"],
    ["records"],
    ["paper.figures"],
    ["views.pictures"],
    ["exporting"],
    ["views"],
    ["tracking"],
    ["pipeline"],
    ["launching"],
    ["cli"],
    ["trial"],
    ["results"],
    ["task_arguments"],
    ["interface"],
    ["methods"],
    ["run"],
    ["collect"],
    ["status"],
    ["report"],
    ["read"],
    ["export"],
    ["dashboard"],
    ["__main__"],
]
LEVEL = {
    **{f"neural_sculpting.{room}": level for level, rooms in enumerate(ORDER) for room in rooms},
    "hydra_plugins": len(ORDER),
    "benchmarks": len(ORDER) + 1,
    "experiments": len(ORDER) + 1,
}

LIBRARIES = {
    "lightning": {"training", "pruning", "sculpting", "tracking"},
    "torch": {
        "pretrained",
        "networks",
        "training",
        "native",
        "pruning",
        "sculpting",
        "formulas",
        "exporting",
        "trial",
        "methods",
    },
    "hydra": {"config", "launching", "cli", "run"},
    "omegaconf": {"config", "launching", "cli", "run"},
    "wandb": {"tracking"},
    "pydantic": {"config", "records"},
    "sklearn": {"tasks", "analysis", "methods"},
    "onnx": {"pretrained", "exporting"},
    "optuna": {"launching"},
}
"""The rooms of the package that may know a library; everybody may know those that are not listed."""


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


FILES = {module_of(path): path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))}
PACKAGE = [module for module in FILES if module.startswith("neural_sculpting.")]


@cache
def relevant_nodes(module: str) -> list[ast.AST]:
    """All nodes of a file that import something, or what only type checkers see."""
    nodes = ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8")))
    return [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) or is_for_typing(node)]


def imports_of(module: str, *, typing: bool = True) -> Iterator[str]:
    """Full names of what a file imports, at its top and inside functions.

    Args:
        module: the file.
        typing: whether to count what only type checkers import.
    """
    nodes = relevant_nodes(module)
    unseen = [] if typing else [node for node in nodes if is_for_typing(node)]
    skipped = {id(node) for block in unseen for node in ast.walk(block)}
    for node in nodes:
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_for_typing(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def longest_prefix(name: str, known: dict[str, object]) -> str | None:
    parts = name.split(".")
    prefixes = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((prefix for prefix in prefixes if prefix in known), None)


def test_every_file_has_its_level() -> None:
    assert [module for module in PACKAGE if longest_prefix(module, LEVEL) is None] == []


def test_imports_run_one_way() -> None:
    def level(name: str, otherwise: int) -> int:
        return LEVEL.get(longest_prefix(name, LEVEL) or "", otherwise)

    modules = [module for module in FILES if module != "neural_sculpting"]  # which only names its interface
    imports = [(module, name) for module in modules for name in imports_of(module)]
    assert [f"{module} imports {name}" for module, name in imports if level(name, 0) > level(module, -1)] == []


def test_no_files_form_a_cycle() -> None:
    graph = nx.DiGraph()
    for module in FILES:
        files = {longest_prefix(name, FILES) for name in imports_of(module, typing=False)}
        graph.add_edges_from((module, file) for file in files - {None, module})
    assert list(nx.simple_cycles(graph)) == []


def test_libraries_are_known_where_they_belong() -> None:
    imports = [(module, name.split(".")[0]) for module in PACKAGE for name in imports_of(module)]
    known = dict.fromkeys((module, library) for module, library in imports if library in LIBRARIES)
    assert [
        f"{module} imports {library}" for module, library in known if module.split(".")[1] not in LIBRARIES[library]
    ] == []


def test_only_one_file_of_pruning_knows_lightning_and_few_of_tracking_wandb() -> None:
    users = {
        library: {module for module in PACKAGE if library in {name.split(".")[0] for name in imports_of(module)}}
        for library in ("lightning", "wandb")
    }
    assert {name for name in users["lightning"] if ".pruning." in name} == {"neural_sculpting.pruning.callbacks"}
    assert users["wandb"]
    assert all(name.startswith("neural_sculpting.tracking.wandb_") for name in users["wandb"])


@pytest.mark.parametrize("page", ["README.md", *(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md"))])
def test_paths_that_the_docs_name_exist(page: str) -> None:
    folders = "|".join((*FOLDERS, "conf", "docs", "tests"))
    named = re.findall(rf"`((?:{folders})/[^`\s]*)`", (ROOT / page).read_text(encoding="utf-8"))
    assert [path for path in named if "<" not in path and not list(ROOT.glob(path.rstrip("/")))] == []


def test_entry_points_load_nothing_heavy() -> None:
    programs = ("run", "collect", "status", "report", "read", "export", "dashboard", "tracking")
    light = [
        "neural_sculpting",
        *(f"neural_sculpting.{room}" for room in ("tasks.images", "tasks.tables", "pretrained")),
    ]
    light += [*(f"neural_sculpting.{program}" for program in programs), "hydra_plugins.neural_sculpting"]
    heavy = ["torch", "sympy", "onnx", "lightning", "pandas", "scipy", "sklearn", "networkx", "wandb"]
    heavy += ["matplotlib", "optuna"]
    lines = (
        "import importlib, sys",
        f"for module in {light}:",
        "    importlib.import_module(module)",
        f"    print(module, [name for name in {heavy} if name in sys.modules])",
    )
    result = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert result.stdout.splitlines() == [f"{module} []" for module in light]
