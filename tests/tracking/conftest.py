"""Fixtures: no key of the machine's user is found, and W&B keeps its files in the test's folder."""

from pathlib import Path

import pytest

UNREACHABLE = "http://127.0.0.1:9"
"""Nobody listens there."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a command that finds no key and no server, and nothing of the user's."""
    import os

    home = tmp_path / "home"
    home.mkdir()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")}
    return {**clean, "HOME": str(home), "NETRC": str(home / ".netrc"), "WANDB_BASE_URL": UNREACHABLE}


@pytest.fixture
def no_wandb_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of W&B is set in this process."""
    for name in ("WANDB_MODE", "WANDB_API_KEY", "WANDB_INIT_TIMEOUT", "WANDB_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WANDB_BASE_URL", UNREACHABLE)
