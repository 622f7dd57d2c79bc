"""The W&B runs that this process logs a sweep to. W&B errors are logged once and never propagate."""

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import wandb

from neural_sculpting.config.schemas import LoggerConfig
from neural_sculpting.config.values import LONGEST_NAME
from neural_sculpting.errors import UserError

if TYPE_CHECKING:
    from neural_sculpting.tracking.wandb_trackers import SweepRun

log = logging.getLogger(__name__)

LIMITS: dict[str, Any] = {"init_timeout": 10, "finish_timeout": 20, "x_transaction_log_flush_interval": 0.5}
"""In seconds: how long a run that begins or ends waits for the server, and what is lost at most when the process is
killed. W&B's variables, such as ``WANDB_INIT_TIMEOUT``, win."""

QUIET: dict[str, Any] = {
    "silent": True,
    "console": "off",
    "finish_timeout_raises": True,
    "disable_code": True,
    "disable_git": True,
    "x_disable_stats": True,
    "x_disable_machine_info": True,
    "x_save_requirements": False,
}
"""W&B prints nothing and does not inspect the machine and the code, which are in the configuration: a run then costs a
hundredth of a second."""

ENDING_AT_ONCE = 32
"""Runs that wait for the server in parallel when they end."""


def mode_of(config: LoggerConfig) -> str:
    """The mode in which runs begin; ``auto`` is ``WANDB_MODE`` if set, else online where there is a key, else offline.

    Raises:
        UserError: if online is asked for and there is no key.
    """
    asked = os.environ.get("WANDB_MODE") if config.mode == "auto" else config.mode
    if asked and asked != "online":
        return asked
    if has_key():
        return "online"
    if asked == "online":
        name = "logger.mode" if config.mode == "online" else "WANDB_MODE"
        raise UserError(f"{name}=online: no W&B key; run `wandb login`, or use logger.mode=offline")
    return "offline"


def has_key() -> bool:
    """Whether W&B finds a key in its variable, its settings or the file ``.netrc``; the server is not asked."""
    try:
        prepare()
        return wandb.login(prompt=False, verify=False)
    except Exception:  # there is a key with something wrong: reported when a run begins
        return True


@cache
def prepare() -> None:
    """Have W&B print nothing and send no error reports, for which it would wait at the end."""
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")  # there is no setting for it
    if not os.environ.get("WANDB_MODE"):
        os.environ.pop("WANDB_MODE", None)  # W&B refuses an empty one
    wandb.setup(wandb.Settings(silent=True, mode="online"))  # every run sets its mode


@dataclass(eq=False)
class Session:
    """The runs of this process in one sweep, which are a group with the name of its folder.

    Attributes:
        ends_here: whether this process ends the sweep.
        mode: of the next run; offline once the server has failed.
        sweep_run: open until the sweep ends.
        unsent: folders of runs that the server did not accept to the end.
    """

    folder: Path
    config: LoggerConfig
    ends_here: bool
    mode: str
    sweep_run: "SweepRun | None" = None
    url: str | None = None
    unsent: list[Path] = field(default_factory=list)
    _warned: set[str] = field(default_factory=set)

    def begin(self, name: str, job_type: str, config: Mapping[str, Any], tags: Sequence[str] = ()) -> "SafeRun":
        """Begin a run of the type ``sweep``, ``batch`` or ``trial``.

        Where the server refuses or does not answer, this and all later runs are offline.
        """
        try:
            prepare()
            limits = {key: value for key, value in LIMITS.items() if f"WANDB_{key.upper()}" not in os.environ}
            run = wandb.init(
                name=name[:LONGEST_NAME],
                job_type=job_type,
                group=self.folder.name[:LONGEST_NAME],
                config=dict(config),
                tags=tags,
                project=self.config.project,
                entity=self.config.entity,
                dir=self.folder,
                reinit="create_new",
                settings=wandb.Settings(**{**QUIET, **limits, "mode": self.mode}),
            )
        except Exception as error:
            if self.mode == "offline":
                self.warn("W&B cannot log this sweep", error)
                return SafeRun(self, None)
            self.warn("W&B is logging offline", error)
            self.mode = "offline"
            return self.begin(name, job_type, config, tags)
        if self.mode == "online":
            self.url = run.url if job_type == "sweep" else self.url or run.project_url
        return SafeRun(self, run)

    @contextmanager
    def safely(self) -> Iterator[None]:
        """Log an error in the block as a warning; it never propagates."""
        try:
            yield
        except Exception as error:
            self.warn("W&B could not log everything", error)

    def warn(self, what: str, error: BaseException) -> None:
        """Log a failure of W&B on one line, once for each kind."""
        if what not in self._warned:
            self._warned.add(what)
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            log.warning("%s (%s); results are not affected", what, reason)


class SafeRun:
    """A run of W&B, or none where it could not begin; its errors are logged once and never propagate."""

    def __init__(self, session: Session, run: "wandb.Run | None") -> None:
        self.session = session
        self.run = run

    def log(self, values: Mapping[str, Any]) -> bool:
        """Add a row; return whether that succeeded."""
        return self._safely(lambda run: run.log(dict(values)))

    def plot(self, metrics: str, over: str) -> None:
        """Plot the metrics of a pattern such as ``unit/*`` over another one."""
        self._safely(lambda run: run.define_metric(over, hidden=True))
        self._safely(lambda run: run.define_metric(metrics, step_metric=over))

    def configure(self, config: Mapping[str, Any]) -> None:
        """Change the configuration that it was begun with."""
        self._safely(lambda run: run.config.update(dict(config), allow_val_change=True))

    def tag(self, tags: Sequence[str]) -> None:
        """Add tags."""

        def add(run: Any) -> None:
            run.tags = tuple(dict.fromkeys([*(run.tags or ()), *tags]))

        self._safely(add)

    def summarize(self, values: Mapping[str, Any]) -> None:
        """Set values of the whole run; missing ones are left out."""
        known = {name: value for name, value in values.items() if not pd.isna(value)}
        self._safely(lambda run: run.summary.update(known))

    def _safely(self, action: Callable[[Any], object]) -> bool:
        with self.session.safely():
            if self.run is not None:
                action(self.run)
                return True
        return False

    def finish(self, failed: bool = False) -> None:
        """End the run; what the server has not accepted in time stays in its folder."""
        run, self.run = self.run, None
        if run is None:
            return
        try:
            run.finish(exit_code=int(failed))
        except TimeoutError as error:
            self.session.unsent.append(Path(run.dir).parent)
            self.session.warn("W&B did not take everything in time", error)
        except Exception as error:
            self.session.warn("W&B could not end a run", error)


def finish_all(runs: Sequence[SafeRun], failed: bool = False) -> None:
    """End runs in parallel, so as to wait only once for a server that does not answer."""
    if runs:
        with ThreadPoolExecutor(min(len(runs), ENDING_AT_ONCE)) as pool:
            list(pool.map(lambda run: run.finish(failed), runs))


_sessions: dict[Path, Session] = {}


def session_of(config: LoggerConfig, folder: Path, ends_here: bool) -> Session:
    """The session of this process in the sweep of a folder, begun on first use."""
    key = folder.resolve()
    if key not in _sessions:
        _sessions[key] = Session(folder, config, ends_here, mode_of(config))
    return _sessions[key]


def close_session(session: Session) -> None:
    """Forget a session whose runs have ended; with the last one the service of W&B ends."""
    _sessions.pop(session.folder.resolve(), None)
    if not _sessions:
        with session.safely():
            prepare.cache_clear()
            wandb.teardown()
