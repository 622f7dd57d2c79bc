"""Settings that Hydra does not check itself: they would make it fail later, or write where nobody expects it."""

import logging
import logging.config
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from hydra.types import RunMode
from omegaconf import DictConfig, read_write

from neural_sculpting.errors import UserError, on_one_line
from neural_sculpting.files import check_inside

COUNTS = {"max_batch_size": ", or null", "n_trials": "", "n_jobs": ""}
"""Numbers of jobs that sweepers have, and what else they may be."""


def check_hydra_settings(hydra: DictConfig) -> None:
    """Raise a UserError at the first value that is not allowed in the ``hydra`` node of a (first) job."""
    for key, folder in (("hydra.run.dir", hydra.run.dir), ("hydra.sweep.dir", hydra.sweep.dir)):
        if not str(folder).strip() or not str(folder).isprintable():
            raise UserError(f"{key}={str(folder) or repr('')}: must be the path of a folder, on one line")
    if hydra.mode == RunMode.MULTIRUN:
        with read_write(hydra):
            hydra.job.num, hydra.job.id = 0, "0"  # the name of the folder may contain them
        check_inside("hydra.sweep.subdir", hydra.sweep.subdir)
    if hydra.output_subdir is not None:
        check_inside("hydra.output_subdir", hydra.output_subdir)
    name = str(hydra.job.name)
    if not name.isprintable() or {"/", "\\"} & {*name} or name in ("", ".", ".."):
        raise UserError(f"hydra.job.name={name}: must be the name of a file, without / and \\")
    for name, allowed in COUNTS.items():
        count = hydra.sweeper.get(name, 1)
        if (count is not None or not allowed) and (type(count) is not int or count < 1):
            raise UserError(f"hydra.sweeper.{name}={count}: must be a whole number of jobs, 1 or more{allowed}")


@contextmanager
def logging_mistakes_reported() -> Iterator[None]:
    """Raise a UserError for a logging configuration that Python's own module refuses; other errors pass through."""
    try:
        yield
    except (ValueError, TypeError, AttributeError, ImportError) as error:
        files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
        if logging.config.__file__ not in files:
            raise
        reason = on_one_line(error.__cause__ or error)
        raise UserError(f"hydra.job_logging: Python's module logging refuses it ({reason})") from error


class Formatter(logging.Formatter):
    """Formats a record as its message alone, with the level in front of warnings and errors."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record."""
        text = super().format(record)
        return text if record.levelno < logging.WARNING else f"{record.levelname.lower()}: {text}"
