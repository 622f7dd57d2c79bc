"""What this process logs of a sweep to W&B: runs that never cost a trial its results."""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import wandb

from neural_sculpting.config.schemas import LoggerConfig
from neural_sculpting.tracking.wandb_mode import mode_of, prepare, stop

if TYPE_CHECKING:
    from neural_sculpting.tracking.wandb_sweep import SweepRun

log = logging.getLogger(__name__)

LIMITS: dict[str, Any] = {
    "init_timeout": 10,
    "finish_timeout": 20,
    "x_transaction_log_flush_interval": 0.5,
}
"""In seconds: how long a server may keep a run waiting that begins or ends, and what is lost at most when the process
is killed. W&B's variables, such as ``WANDB_INIT_TIMEOUT``, win."""

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
"""W&B prints nothing, and does not look at the machine and the code, which the configuration tells of: a run costs a
hundredth of a second so."""

LONGEST_NAME, LONGEST_TAG = 128, 64
"""Characters that W&B takes."""

ENDING_AT_ONCE = 32
"""Runs that wait for the server side by side when they end."""


@dataclass(eq=False)
class Session:
    """The runs of this process in one sweep.

    Attributes:
        folder: that of the sweep; its name is the group of all runs.
        config: where they go.
        ends_here: whether this process is the one that ends the sweep.
        mode: in which the next run begins: once the server has failed, offline.
        sweep_run: the run that stays open to the end of the sweep, where there is one.
        url: where its runs can be seen, where the server has taken one.
        unsent: folders of runs that the server did not take to the end.
    """

    folder: Path
    config: LoggerConfig
    ends_here: bool
    mode: str
    sweep_run: "SweepRun | None" = None
    url: str | None = None
    unsent: list[Path] = field(default_factory=list)
    _told: set[str] = field(default_factory=set)

    def begin(self, name: str, job_type: Literal["sweep", "batch", "trial"], config: Mapping[str, Any]) -> "SafeRun":
        """Begin a run; where the server refuses or does not answer, offline, and so all runs from then on."""
        try:
            run = self._init(name, job_type, config)
        except Exception as error:
            if self.mode == "offline":
                self.warn("W&B cannot log this sweep", error)
                return SafeRun(self, None)
            self.warn("W&B is logging offline", error)
            self.mode = "offline"
            return self.begin(name, job_type, config)
        if self.mode == "online":
            self.url = run.url if job_type == "sweep" else self.url or run.project_url
        return SafeRun(self, run)

    def _init(self, name: str, job_type: str, config: Mapping[str, Any]) -> wandb.Run:
        prepare()
        limits = {key: value for key, value in LIMITS.items() if f"WANDB_{key.upper()}" not in os.environ}
        return wandb.init(
            name=name[:LONGEST_NAME],
            job_type=job_type,
            group=self.folder.name[:LONGEST_NAME],
            config=dict(config),
            project=self.config.project,
            entity=self.config.entity,
            dir=self.folder,
            reinit="create_new",
            settings=wandb.Settings(**{**QUIET, **limits, "mode": self.mode}),
        )

    @contextmanager
    def safely(self) -> Iterator[None]:
        """Tell of whatever goes wrong here; it goes no further."""
        try:
            yield
        except Exception as error:
            self.warn("W&B could not log everything", error)

    def warn(self, what: str, error: BaseException) -> None:
        """Tell of a failure of W&B on one line, once for each kind."""
        if what not in self._told:
            self._told.add(what)
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            log.warning("%s (%s); results are not affected", what, reason)


class SafeRun:
    """A run of W&B whose failures are told once and go no further.

    Args:
        session: what it belongs to.
        run: the run; None where it could not begin, and nothing happens.
    """

    def __init__(self, session: Session, run: "wandb.Run | None") -> None:
        self.session = session
        self.run = run

    def log(self, values: Mapping[str, Any]) -> bool:
        """Add a row; return whether that went well."""
        with self.session.safely():
            if self.run is not None:
                self.run.log(dict(values))
                return True
        return False

    def plot(self, metrics: str, over: str) -> None:
        """Have the metrics of a pattern such as ``unit/*`` plotted over another one."""
        with self.session.safely():
            if self.run is not None:
                self.run.define_metric(over, hidden=True)
                self.run.define_metric(metrics, step_metric=over)

    def configure(self, config: Mapping[str, Any]) -> None:
        """Change the configuration that it was begun with."""
        with self.session.safely():
            if self.run is not None:
                known: Any = self.run.config  # its methods have no types
                known.update(dict(config), allow_val_change=True)

    def tag(self, tags: Sequence[str]) -> None:
        """Add tags."""
        with self.session.safely():
            if self.run is not None:
                self.run.tags = tuple(dict.fromkeys([*(self.run.tags or ()), *(tag[:LONGEST_TAG] for tag in tags)]))

    def summarize(self, values: Mapping[str, Any]) -> None:
        """Set values that stand for the whole run; those that are None are left out."""
        with self.session.safely():
            if self.run is not None:
                self.run.summary.update({name: value for name, value in values.items() if value is not None})

    def finish(self, failed: bool = False) -> None:
        """End the run; what the server has not taken when time is over stays in its folder."""
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
    """End runs side by side: a server that does not answer is waited for once, not once for each."""
    if runs:
        with ThreadPoolExecutor(min(len(runs), ENDING_AT_ONCE)) as pool:
            list(pool.map(lambda run: run.finish(failed), runs))


_sessions: dict[Path, Session] = {}


def session_of(config: LoggerConfig, folder: Path, ends_here: bool) -> Session:
    """The session of this process in a sweep, begun when it is first asked for.

    Args:
        config: where its runs go.
        folder: the folder of the sweep.
        ends_here: whether this process is the one that ends the sweep.

    Raises:
        UserError: if online is asked for and there is no key.
    """
    key = folder.resolve()
    if key not in _sessions:
        _sessions[key] = Session(folder, config, ends_here, mode_of(config))
    return _sessions[key]


def close_session(session: Session) -> None:
    """Forget a session whose runs have ended; with the last one the service of W&B ends."""
    _sessions.pop(session.folder.resolve(), None)
    if not _sessions:
        with session.safely():
            stop()
