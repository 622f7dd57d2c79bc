"""Hydra's and OmegaConf's errors on one line each: the key, what was found, what is allowed."""

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf.errors import OmegaConfBaseException
from yaml import MarkedYAMLError, YAMLError

from neural_sculpting.config.loading import unknown_key
from neural_sculpting.errors import UserError, on_one_line, printable

MISTAKES = (UserError, HydraException, OmegaConfBaseException)
"""What is raised where a user's word cannot be followed."""

NO_SUCH_PATH = re.compile(r"provider=(\S+?),? .*path=(.*) is not available")
"""How Hydra warns of a folder of ``hydra.searchpath``."""

NOISE = re.compile(r"(Search path|Config search path|full_key|object_type|reference_type|See https?)\b.*", re.DOTALL)


def one_line(error: Exception) -> str:
    """Say on one line what is wrong with a command line or a configuration file.

    Args:
        error: a UserError, or what Hydra or OmegaConf raised.
    """
    return printable(_one_line(error))


@contextmanager
def composing(overrides: Sequence[str]) -> Iterator[None]:
    """Tell what goes wrong while configuration files and overrides are put together.

    Args:
        overrides: they are named where nothing else is known.

    Raises:
        UserError: for what is not a mistake in a language that :func:`one_line` knows: a file that is no YAML, no text,
            or cannot be read, a folder that is not there.
    """
    what = " ".join(overrides) or "the configuration"
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", NO_SUCH_PATH.pattern)
            yield
    except MISTAKES as error:
        if _names_no_key(error):
            raise UserError(f"{what}: {one_line(error)}") from None
        raise
    except YAMLError as error:
        raise UserError(_not_yaml(error, what)) from None
    except UserWarning as warning:
        found = NO_SUCH_PATH.search(str(warning))
        raise UserError(f"{found[1]}={found[2]}: no such folder" if found else str(warning)) from None
    except UnicodeDecodeError as error:
        raise UserError(f"{what}: a configuration file is not UTF-8 text ({on_one_line(error)})") from None
    except OSError as error:
        raise UserError(f"{error.filename or what}: cannot be read ({error.strerror or error})") from None
    except RecursionError:
        raise UserError(f"{what}: a configuration file is nested too deeply") from None
    except (ValueError, TypeError, AttributeError, AssertionError) as error:  # such as for task=null
        raise UserError(f"{what}: {str(error).partition(chr(10))[0] or 'not a value that Hydra takes'}") from error


def _one_line(error: Exception) -> str:
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, MissingConfigException):
        return _missing_option(error)
    if isinstance(error, OverrideParseException):
        return _unreadable(error)
    text = str(error)
    if isinstance(error, OmegaConfBaseException) and error.full_key:
        text = f"{error.full_key}: {error.msg or text}"
    if not text and isinstance(error.__cause__, Exception):
        return _one_line(error.__cause__)
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
        return f"{error.override.strip() or repr(error.override)}: must have the form key=value"
    reason = "" if error.message.startswith("Lexer") else f" ({_squeeze(error.message)})"
    return f"{error.override}: cannot be read{reason}"


def _names_no_key(error: BaseException) -> bool:
    """Whether it is an error of OmegaConf about no key, also where Hydra passes it on as it is."""
    cause = error.__cause__
    if isinstance(cause, OmegaConfBaseException) and str(cause).startswith(str(error)):
        error = cause
    return isinstance(error, OmegaConfBaseException) and not error.full_key


def _not_yaml(error: YAMLError, what: str) -> str:
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"{mark.name}: cannot be read as YAML (line {mark.line + 1}: {error.problem})"
    return f"{getattr(error, 'name', what)}: cannot be read as YAML ({on_one_line(error)})"


def _squeeze(text: str) -> str:
    return " ".join(NOISE.sub("", text).split())
