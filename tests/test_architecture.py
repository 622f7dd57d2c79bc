"""Imports run one way, in the order of docs/architecture.md, and the doors stay light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "neural_sculpting"

ORDER = [
    ["errors", "imports", "interruption", "sweep_layout", "whole_files"],
    ["paper"],
    ["images", "tables"],
    ["tasks"],
    ["models"],
    ["schemas"],
    ["configuration"],
    ["trials"],
    ["training"],
    ["pruning"],
    ["sculpting"],
    ["analysis"],
    ["scoring"],
    ["reporting"],
    ["exporting"],
    ["pages"],
    ["tracking"],
    ["pipeline"],
    ["command_line"],
    ["composition"],
    ["results"],
    ["interface"],
    ["run"],
    ["collect"],
    ["status"],
    ["report"],
    ["export"],
    ["dashboard"],
]
LEVEL = {room: level for level, rooms in enumerate(ORDER) for room in rooms}

LIBRARIES = {
    "lightning": {"training", "pruning", "sculpting", "tracking"},
    "torch": {"models", "trials", "training", "pruning", "sculpting", "exporting", "results"},
    "hydra": {"command_line", "composition", "run"},
    "omegaconf": {"command_line", "composition", "run"},
    "wandb": {"tracking"},
    "pydantic": {"schemas", "configuration"},
    "sklearn": {"images"},
    "onnx": {"models", "exporting"},
}
"""Who may know a library; everybody may know those that are not listed."""


def imports_of(path: Path) -> set[str]:
    """Full names of the modules that a file imports, at its top and inside functions."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


FILES = sorted(PACKAGE.rglob("*.py"))


def test_every_room_has_its_place() -> None:
    assert {room_of(path) for path in FILES} - {"__init__"} == set(LEVEL)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    room = room_of(path)
    for name in imports_of(path):
        parts = name.split(".")
        if room == "__init__" or parts[0] != "neural_sculpting" or len(parts) < 2 or parts[1] not in LEVEL:
            continue
        assert LEVEL[parts[1]] <= LEVEL[room], f"{room} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_libraries_are_known_where_they_belong(path: Path) -> None:
    room = room_of(path)
    for library in {name.split(".")[0] for name in imports_of(path)} & set(LIBRARIES):
        assert room in LIBRARIES[library], f"{room} imports {library}"


def test_only_one_file_of_pruning_knows_lightning_and_few_of_tracking_wandb() -> None:
    users = {
        library: {
            str(path.relative_to(PACKAGE)) for path in FILES if library in {n.split(".")[0] for n in imports_of(path)}
        }
        for library in ("lightning", "wandb")
    }
    assert {name for name in users["lightning"] if name.startswith("pruning/")} == {"pruning/callbacks.py"}
    assert users["wandb"]
    assert all(name.startswith("tracking/wandb_") for name in users["wandb"])


@pytest.mark.parametrize(
    "module",
    [
        "neural_sculpting",
        "neural_sculpting.images",
        "neural_sculpting.tables",
        "neural_sculpting.models",
        *(
            f"neural_sculpting.{door}"
            for door in ("run", "collect", "status", "report", "export", "dashboard", "tracking")
        ),
        "hydra_plugins.neural_sculpting",
    ],
)
def test_the_doors_load_nothing_heavy(module: str) -> None:
    heavy = ["torch", "sympy", "onnx", "lightning", "pandas", "scipy", "sklearn", "networkx", "wandb", "matplotlib"]
    code = f"import sys, {module}; print(*[name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert result.stdout.strip() == ""
