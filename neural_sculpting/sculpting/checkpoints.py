"""Checkpoints of a batch, so that it can resume in another process.

A checkpoint is one of Lightning's, with tensors and plain values alone, written atomically. It is loaded without
running any code, and only by the batch that it belongs to: any other file is set aside with a warning.
"""

import io
import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint
from lightning.pytorch.plugins.io import TorchCheckpointIO

from neural_sculpting import interruption
from neural_sculpting.errors import UserError, on_one_line, read_json, write_problem, writing
from neural_sculpting.files import atomic_write, lock
from neural_sculpting.sculpting.batch import Batch

log = logging.getLogger(__name__)

FORMAT_VERSION = 3
KEY = "Checkpointing"
"""The key of :class:`Checkpointing` in a checkpoint."""

SET_ASIDE = ".set_aside"

SECONDS_APART = 1.0
"""The least time between two checkpoints."""

SHARE_OF_TIME = 0.02
"""The share of the time that checkpoints may take: after a slow one the next one waits longer."""

Values = Mapping[str, Any]


def write_tensors(values: Values, path: Path) -> None:
    """Write tensors and plain values as torch does, but atomically."""

    def save(path: Path) -> None:
        with path.open("wb") as file:  # given a path, torch hides that the disk is full
            torch.save(dict(values), file)

    atomic_write(path, save)


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes Lightning's checkpoints atomically; Lightning copies across file systems, which can be cut short."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Write a checkpoint."""
        write_tensors(checkpoint, Path(path))


class BatchCheckpoint:
    """The checkpoint of one batch; the file must have its identity."""

    def __init__(self, path: Path, identity: Values) -> None:
        self.path = path
        self.identity = {"format_version": FORMAT_VERSION, "torch": torch.__version__, **identity}
        self._next = time.perf_counter() + SECONDS_APART

    @property
    def is_due(self) -> bool:
        """Whether it is time to write."""
        return time.perf_counter() >= self._next

    def write(self, save: Callable[[Path], Any]) -> None:
        """Write the file by a function of its path."""
        began = time.perf_counter()
        with writing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            save(self.path)
        ended = time.perf_counter()
        self._next = ended + max(SECONDS_APART, (ended - began) / SHARE_OF_TIME)

    def engine(self) -> str | None:
        """Return the engine that began the batch, None where there is no file that says it."""
        with suppress(Exception):  # what is wrong with a file is said when it is loaded
            stored = torch.load(self.path, map_location="cpu", weights_only=True)
            begun: str = json.loads(stored["callbacks"][KEY]["identity"])["engine"]
            return begun
        return None

    def load(self) -> dict[str, Any] | None:
        """Load the file, None where there is no usable one.

        Raises:
            UserError: if the file cannot be read, or an unusable one cannot be set aside.
        """
        try:
            data = self.path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise UserError(f"{self.path}: cannot be read ({error.strerror or on_one_line(error)})") from error
        try:
            with ZipFile(io.BytesIO(data)) as archive:  # torch does not check the checksums
                if (damaged := archive.testzip()) is not None:
                    raise BadZipFile(damaged)
            stored: dict[str, Any] = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
            found = json.loads(stored["callbacks"][KEY]["identity"])
        except Exception as error:  # torch raises a different one for every kind of damage
            set_aside(self.path, f"damaged, or no checkpoint of this program ({type(error).__name__})")
            return None
        if found != self.identity:
            differing = sorted(key for key in {*found, *self.identity} if found.get(key) != self.identity.get(key))
            set_aside(self.path, f"of another computation (other {', '.join(differing)})")
            return None
        return stored


class Checkpointing(Checkpoint):
    """Saves the batch between two attempts when it is due; ends training when the run is asked to stop.

    The values of ``carried`` are saved beside the states of the trainer, the module and the other callbacks.
    """

    def __init__(self, checkpoint: BatchCheckpoint | None, carried: Callable[[], Values]) -> None:
        self.checkpoint = checkpoint
        self.carried = carried
        self.interrupted = False

    @property
    def state_key(self) -> str:
        """The key of this callback in a checkpoint."""
        return KEY

    def state_dict(self) -> dict[str, Any]:
        """Return the identity of the batch and the carried values."""
        identity = self.checkpoint.identity if self.checkpoint is not None else {}
        return {"identity": json.dumps(identity), **self.carried()}

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save if due, after all other callbacks: Lightning calls those that save last."""
        if trainer.should_stop:  # the phase is over
            return
        self.interrupted = trainer.should_stop = interruption.requested()
        if self.checkpoint is not None and (self.interrupted or self.checkpoint.is_due):
            self.checkpoint.write(trainer.save_checkpoint)


def set_aside(path: Path, problem: str) -> None:
    """Rename an unusable file and log a warning; a ``UserError`` if it cannot be renamed."""
    aside = path.with_name(path.name + SET_ASIDE)
    try:
        os.replace(path, aside)
    except OSError as error:
        raise UserError(f"{path}: {problem}, and cannot be set aside ({error.strerror})") from error
    log.warning("%s: %s; set aside as %s, its contents are computed again", path, problem, aside.name)


SPLIT = "batches.json"


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of a computation that may be split into batches, in a folder that the first one creates.

    ``identity`` is everything that results depend on except seeds and steps, as JSON.
    """

    folder: Path
    identity: Values

    def split(self, whole: Batch) -> list[Batch] | None:
        """Read the batches that a computation was split into when it began, None if unknown.

        Raises:
            UserError: if the stored split is unusable and cannot be set aside.
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

    def save_split(self, batches: Sequence[Batch]) -> None:
        """Store the split of the computation: memory may suggest another one when it resumes."""
        text = json.dumps({"identity": self.identity, "batches": [asdict(batch) for batch in batches]})
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        atomic_write(self.folder / SPLIT, lambda path: path.write_text(text, encoding="utf-8"))

    def of(self, batch: Batch) -> BatchCheckpoint:
        """Return the checkpoint of one of the batches."""
        identity = {**self.identity, **{name: list(values) for name, values in asdict(batch).items()}}
        return BatchCheckpoint(self.folder / f"{batch.seeds[0]}_{batch.digest}.ckpt", identity)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock the folder of checkpoints against other processes, on whatever machine.

    Raises:
        UserError: if another process is at work on the same jobs, or the folder cannot be written.
    """
    path = folder.with_name(f".{folder.name}.lock")
    try:
        with writing(folder.parent):
            folder.parent.mkdir(parents=True, exist_ok=True)
            acquired = lock(path, f"{folder}: another process is at work on these jobs")
    except OSError as error:
        raise UserError(str(write_problem(error))) from error
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        acquired.release()
        with suppress(OSError):  # not empty: others are at work, or something is left to resume from
            folder.parent.rmdir()
