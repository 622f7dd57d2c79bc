"""Hydra's and OmegaConf's errors on one line each: the key, what was found, what is allowed."""

import re

from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf.errors import OmegaConfBaseException

from neural_sculpting.configuration import unknown_key
from neural_sculpting.errors import UserError

MISTAKES = (UserError, HydraException, OmegaConfBaseException)
"""What is raised where a user's word cannot be followed."""

NOISE = re.compile(r"(Search path|Config search path|full_key|object_type|reference_type|See https?)\b.*", re.DOTALL)


def one_line(error: Exception) -> str:
    """Say on one line what is wrong with a command line or a configuration file.

    Args:
        error: a UserError, or what Hydra or OmegaConf raised.
    """
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, MissingConfigException):
        return _missing_option(error)
    if isinstance(error, OverrideParseException):
        return _unreadable(error)
    text = str(error)
    if isinstance(error, OmegaConfBaseException) and error.full_key:
        text = f"{error.full_key}: {error.msg or text}"
    if not text and error.__cause__:
        text = str(error.__cause__)
    if text.startswith("Error merging override") and isinstance(error.__cause__, OmegaConfBaseException):
        return one_line(error.__cause__)
    key = getattr(error.__cause__, "full_key", None)
    if text.startswith("Could not override") and key and not key.startswith("hydra"):
        return unknown_key(key)
    return _squeeze(text) or type(error).__name__


def _missing_option(error: MissingConfigException) -> str:
    group = re.search(r"Available options in '([^']*)'", str(error))
    if error.missing_cfg_file is None:
        return _squeeze(str(error))
    if group is None:
        return f"{error.missing_cfg_file}: no such configuration file or group"
    option = error.missing_cfg_file.removeprefix(f"{group[1]}/")
    return f"{group[1]}={option}: no such option; available: {', '.join(sorted(error.options or ()))}"


def _unreadable(error: OverrideParseException) -> str:
    if "=" not in error.override and not error.override.startswith("~"):
        return f"{error.override}: must have the form key=value"
    reason = "" if error.message.startswith("Lexer") else f" ({_squeeze(error.message)})"
    return f"{error.override}: cannot be read{reason}"


def _squeeze(text: str) -> str:
    return " ".join(NOISE.sub("", text).split())
