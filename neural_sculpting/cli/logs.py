"""How log lines look in the terminal."""

import logging


class Formatter(logging.Formatter):
    """Shows the message alone; what is a warning or worse says so before it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record."""
        text = super().format(record)
        return text if record.levelno < logging.WARNING else f"{record.levelname.lower()}: {text}"
