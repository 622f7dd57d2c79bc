"""Fixtures: no key of the machine's user is found, and no server of W&B is contacted."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

UNREACHABLE = "http://127.0.0.1:9"
"""Nobody listens there."""


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a command that finds no key, no server and no settings of the user."""
    home = tmp_path_factory.mktemp("home")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")}
    return {**clean, "HOME": str(home), "NETRC": str(home / ".netrc"), "WANDB_BASE_URL": UNREACHABLE}


@pytest.fixture
def no_wandb_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of W&B is set in this process, and the user has no key."""
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("WANDB_MODE", "WANDB_API_KEY", "WANDB_INIT_TIMEOUT", "WANDB_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WANDB_BASE_URL", UNREACHABLE)


@pytest.fixture
def fresh_wandb(no_wandb_variables: None) -> Iterator[None]:
    """W&B reads its variables as when a process begins."""
    import wandb  # here, as other tests of this folder need none of it

    from neural_sculpting.tracking import wandb_session

    def forget() -> None:
        wandb_session.prepare.cache_clear()
        wandb.teardown()

    forget()
    yield
    forget()
