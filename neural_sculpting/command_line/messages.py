"""Hydra's and OmegaConf's errors on one line each: the key, what was found, what is allowed."""

import re

from hydra.errors import MissingConfigException, OverrideParseException
from omegaconf.errors import OmegaConfBaseException

from neural_sculpting.configuration import unknown_key

NOISE = re.compile(r"(Search path|Config search path|full_key|object_type|reference_type|See https?)\b.*", re.DOTALL)


def one_line(error: Exception) -> str:
    """Say on one line what is wrong with a command line or a configuration file.

    Args:
        error: a UserError, or what Hydra or OmegaConf raised.
    """
    if isinstance(error, MissingConfigException):
        return _missing_option(error)
    if isinstance(error, OverrideParseException):
        return _unreadable(error)
    text = str(error)
    if not text and isinstance(error.__cause__, OmegaConfBaseException):
        text = str(error.__cause__)
    key = re.match(r"Could not override '(?P<key>[^']*)'", text)
    if key and not key["key"].startswith("hydra"):
        return unknown_key(key["key"])
    return _squeeze(text) or type(error).__name__


def _missing_option(error: MissingConfigException) -> str:
    if error.missing_cfg_file is None:
        return _squeeze(str(error))
    group, _, option = error.missing_cfg_file.rpartition("/")
    if error.options:
        return f"{group}={option}: no such option; available: {', '.join(sorted(error.options))}"
    return f"{error.missing_cfg_file}: no such configuration file or group"


def _unreadable(error: OverrideParseException) -> str:
    if "=" not in error.override and not error.override.startswith("~"):
        return f"{error.override}: must have the form key=value"
    return f"{error.override}: cannot be read ({_squeeze(error.message)})"


def _squeeze(text: str) -> str:
    return " ".join(NOISE.sub("", text).split())
