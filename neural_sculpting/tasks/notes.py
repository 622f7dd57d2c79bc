"""What is logged while a task is built: notes, such as a guessed separator, matter only if it can be built."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from neural_sculpting.errors import UserError

LOGGER = logging.getLogger("neural_sculpting.tasks")


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def notes_afterwards() -> Iterator[None]:
    """Log what this room logs in the block when the block is over; of a mistake the message alone, and warnings."""
    collector, propagate = _Collector(), LOGGER.propagate
    LOGGER.addHandler(collector)
    LOGGER.propagate = False
    least = logging.NOTSET
    try:
        yield
    except UserError:
        least = logging.WARNING
        raise
    finally:
        LOGGER.removeHandler(collector)
        LOGGER.propagate = propagate
        for record in collector.records:
            if record.levelno >= least:
                LOGGER.handle(record)
