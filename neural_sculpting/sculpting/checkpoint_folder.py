"""The folder of the checkpoints of one computation, and its split into batches."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from neural_sculpting.errors import UserError, read_json, write_problem, writing
from neural_sculpting.files import atomic_write, lock
from neural_sculpting.sculpting.batch import Batch
from neural_sculpting.sculpting.checkpoints import BatchCheckpoint, Values, set_aside

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
