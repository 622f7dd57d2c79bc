"""Where a batch that is being sculpted is kept, so that it can go on after its process has ended.

A checkpoint is one of Lightning's, of tensors and plain values alone, written whole or not at all. It is loaded without
running any code, and only by the batch that it is of: what does not fit is named and set aside.
"""

import io
import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import torch
from filelock import FileLock, Timeout
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint
from lightning.pytorch.plugins.io import TorchCheckpointIO

from neural_sculpting import interruption
from neural_sculpting.errors import UserError, on_one_line, read_json, writing
from neural_sculpting.files import atomic_write
from neural_sculpting.sculpting.memory import Batch

log = logging.getLogger(__name__)

FORMAT_VERSION = 1
SPLIT = "batches.json"
SET_ASIDE = ".set_aside"

SECONDS_APART = 1.0
"""The least time from one checkpoint to the next."""

SHARE_OF_TIME = 0.02
"""Of the whole time, that checkpoints may take: after one that takes long the next one waits longer."""

Values = Mapping[str, Any]


class WholeCheckpointIO(TorchCheckpointIO):
    """Writes Lightning's checkpoints whole or not at all; its own way copies across file systems, which can stop."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Write a checkpoint."""
        atomic_write(Path(path), partial(_save, checkpoint))


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of a computation that may be split into batches.

    Attributes:
        folder: where they lie; made when the first one is written.
        identity: what the results of the computation depend on, apart from seeds and steps, as JSON has it.
    """

    folder: Path
    identity: Values

    def split(self, whole: Batch) -> list[Batch] | None:
        """The batches that a computation was split into when it began; None where that is not known.

        Raises:
            UserError: if the note of it is of no use and cannot be set aside.
        """
        path = self.folder / SPLIT
        try:
            stored = read_json(path)
            if stored["identity"] == self.identity:
                return [Batch(**{name: tuple(values) for name, values in batch.items()}) for batch in stored["batches"]]
            problem = "of another computation"
        except (FileNotFoundError, NotADirectoryError):
            return [whole] if self.of(whole).path.exists() else None
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            problem = f"damaged ({type(error).__name__})"
        set_aside(path, problem)
        return None

    def keep_split(self, batches: Sequence[Batch]) -> None:
        """Note what the computation is split into: what memory takes may be another number when it goes on.

        Raises:
            OSError: if that cannot be written.
        """
        text = json.dumps({"identity": self.identity, "batches": [asdict(batch) for batch in batches]})
        path = self.folder / SPLIT
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, lambda path: path.write_text(text, encoding="utf-8"))

    def of(self, batch: Batch) -> "BatchCheckpoint":
        """The checkpoint of one of the batches."""
        identity = {**self.identity, **{name: list(values) for name, values in asdict(batch).items()}}
        return BatchCheckpoint(self.folder / f"{batch.seeds[0]}_{batch.digest}.ckpt", identity)


class BatchCheckpoint:
    """The checkpoint of one batch.

    Attributes:
        path: of the file.
        identity: what it must hold to be of this batch.
    """

    def __init__(self, path: Path, identity: Values) -> None:
        self.path = path
        self.identity = {"format_version": FORMAT_VERSION, "torch": torch.__version__, **identity}
        self._next = time.perf_counter() + SECONDS_APART

    @property
    def is_due(self) -> bool:
        """Whether it is time for the next one."""
        return time.perf_counter() >= self._next

    def write(self, save: Callable[[Path], Any]) -> None:
        """Write one.

        Raises:
            OSError: if it cannot be written.
        """
        began = time.perf_counter()
        with writing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            save(self.path)
        ended = time.perf_counter()
        self._next = ended + max(SECONDS_APART, (ended - began) / SHARE_OF_TIME)

    def write_values(self, values: Values) -> None:
        """Write one that is not made by a trainer."""
        self.write(lambda path: atomic_write(path, partial(_save, dict(values))))

    def load(self) -> dict[str, Any] | None:
        """What the file holds; None where there is none that can be used.

        Raises:
            UserError: if the file cannot be read, or one that cannot be used cannot be set aside.
        """
        try:
            data = self.path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise UserError(f"{self.path}: cannot be read ({error.strerror or on_one_line(error)})") from error
        try:
            stored = _loaded(data)
            found = json.loads(stored["callbacks"][KEY]["identity"])
        except Exception as error:  # torch has one of its own for every way in which a file can be damaged
            set_aside(self.path, f"damaged, or no checkpoint of this program ({type(error).__name__})")
            return None
        if found != self.identity:
            differing = sorted(key for key in {*found, *self.identity} if found.get(key) != self.identity.get(key))
            set_aside(self.path, f"of another computation (other {', '.join(differing)})")
            return None
        return stored


KEY = "Checkpointing"
"""Under which a checkpoint holds what :class:`Checkpointing` knows."""


class Checkpointing(Checkpoint):
    """Saves the batch between two attempts when it is time; ends training where the run is asked to stop.

    Args:
        checkpoint: where to; None where nothing is saved.
        carried: returns what goes along, beside what the trainer, the module and the other callbacks know.

    Attributes:
        interrupted: whether training has ended because the run was asked to stop.
    """

    def __init__(self, checkpoint: BatchCheckpoint | None, carried: Callable[[], Values]) -> None:
        self.checkpoint = checkpoint
        self.carried = carried
        self.interrupted = False

    @property
    def state_key(self) -> str:
        """Where a checkpoint holds what this callback knows."""
        return KEY

    def state_dict(self) -> dict[str, Any]:
        """What the checkpoint is of, and what goes along."""
        identity = self.checkpoint.identity if self.checkpoint is not None else {}
        return {"identity": json.dumps(identity), **self.carried()}

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save if it is time, after all other callbacks: Lightning calls those that save last."""
        if trainer.should_stop:  # the phase is over
            return
        self.interrupted = trainer.should_stop = interruption.requested()
        if self.checkpoint is not None and (self.interrupted or self.checkpoint.is_due):
            self.checkpoint.write(trainer.save_checkpoint)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes away from a computation, whatever machine they are on.

    Args:
        folder: that of its checkpoints.

    Raises:
        UserError: if another process is at work on it, or the folder cannot be written.
    """
    lock = FileLock(folder.with_name(f".{folder.name}.lock"))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(blocking=False)
    except Timeout:
        raise UserError(f"{folder}: another process is at work on these jobs") from None
    except OSError as error:
        raise UserError(f"{folder.parent}: cannot be written ({error.strerror})") from error
    try:
        yield
    finally:
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()
        with suppress(OSError):  # not empty: others are at work, or something is left to go on with
            folder.parent.rmdir()


def _save(values: dict[str, Any], path: Path) -> None:
    with path.open("wb") as file:  # given a path, torch reports a full disk without saying so
        torch.save(values, file)


def _loaded(data: bytes) -> dict[str, Any]:
    """What a file of torch holds, without running any code; its sums are checked first, which torch does not."""
    with ZipFile(io.BytesIO(data)) as archive:
        if (damaged := archive.testzip()) is not None:
            raise BadZipFile(damaged)
    stored: dict[str, Any] = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    return stored


def set_aside(path: Path, problem: str) -> None:
    """Put a file that is not to be used out of the way, and say so.

    Raises:
        UserError: if it cannot be moved.
    """
    aside = path.with_name(path.name + SET_ASIDE)
    try:
        os.replace(path, aside)
    except OSError as error:
        raise UserError(f"{path}: {problem}, and cannot be set aside ({error.strerror})") from error
    log.warning("%s: %s; set aside as %s, and what it held is computed again", path, problem, aside.name)
