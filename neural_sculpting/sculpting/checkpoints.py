"""Checkpoints of a batch, so that it can resume after its process has ended.

A checkpoint is one of Lightning's, of tensors and plain values alone, written whole or not at all. It is loaded without
running any code, and only by the batch that it belongs to: any other file is named and set aside.
"""

import io
import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint
from lightning.pytorch.plugins.io import TorchCheckpointIO

from neural_sculpting import interruption
from neural_sculpting.errors import UserError, on_one_line, writing
from neural_sculpting.files import atomic_write

log = logging.getLogger(__name__)

FORMAT_VERSION = 1
KEY = "Checkpointing"
"""The key of :class:`Checkpointing` in a checkpoint."""

SET_ASIDE = ".set_aside"

SECONDS_APART = 1.0
"""The least time from one checkpoint to the next."""

SHARE_OF_TIME = 0.02
"""The share of the whole time that checkpoints may take: after one that takes long the next one waits longer."""

Values = Mapping[str, Any]


def write_tensors(values: Values, path: Path) -> None:
    """Write tensors and plain values as torch does, whole or not at all."""

    def save(path: Path) -> None:
        with path.open("wb") as file:  # given a path, torch reports a full disk without saying so
            torch.save(dict(values), file)

    atomic_write(path, save)


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes Lightning's checkpoints atomically; its own way copies across file systems, which can be cut short."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Write a checkpoint."""
        write_tensors(checkpoint, Path(path))


class BatchCheckpoint:
    """The checkpoint of one batch, whose identity the file must have."""

    def __init__(self, path: Path, identity: Values) -> None:
        self.path = path
        self.identity = {"format_version": FORMAT_VERSION, "torch": torch.__version__, **identity}
        self._next = time.perf_counter() + SECONDS_APART

    @property
    def is_due(self) -> bool:
        """Whether it is time for the next one."""
        return time.perf_counter() >= self._next

    def write(self, save: Callable[[Path], Any]) -> None:
        """Write one by a function of its path.

        Raises:
            OSError: if it cannot be written.
        """
        began = time.perf_counter()
        with writing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            save(self.path)
        ended = time.perf_counter()
        self._next = ended + max(SECONDS_APART, (ended - began) / SHARE_OF_TIME)

    def load(self) -> dict[str, Any] | None:
        """Load the file; None where there is none that can be used.

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


class Checkpointing(Checkpoint):
    """Saves the batch between two attempts when it is time; ends training where the run is asked to stop.

    What is ``carried`` is saved beside the states of the trainer, the module and the other callbacks.
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
        """The identity of the batch, and what is carried along."""
        identity = self.checkpoint.identity if self.checkpoint is not None else {}
        return {"identity": json.dumps(identity), **self.carried()}

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save if it is time, after all other callbacks: Lightning calls those that save last."""
        if trainer.should_stop:  # the phase is over
            return
        self.interrupted = trainer.should_stop = interruption.requested()
        if self.checkpoint is not None and (self.interrupted or self.checkpoint.is_due):
            self.checkpoint.write(trainer.save_checkpoint)


def _loaded(data: bytes) -> dict[str, Any]:
    """Load a file of torch without running any code; its checksums are checked first, which torch does not."""
    with ZipFile(io.BytesIO(data)) as archive:
        if (damaged := archive.testzip()) is not None:
            raise BadZipFile(damaged)
    stored: dict[str, Any] = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    return stored


def set_aside(path: Path, problem: str) -> None:
    """Move a file that cannot be used out of the way, and log it.

    Raises:
        UserError: if it cannot be moved.
    """
    aside = path.with_name(path.name + SET_ASIDE)
    try:
        os.replace(path, aside)
    except OSError as error:
        raise UserError(f"{path}: {problem}, and cannot be set aside ({error.strerror})") from error
    log.warning("%s: %s; set aside as %s, its contents are computed again", path, problem, aside.name)
