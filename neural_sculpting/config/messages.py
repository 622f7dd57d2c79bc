"""Hydra's and OmegaConf's errors on one line each: the key, what was found, what is allowed."""

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hydra.errors import HydraException, InstantiationException, MissingConfigException, OverrideParseException
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException
from yaml import MarkedYAMLError, YAMLError

from neural_sculpting.config.keys import unknown_key
from neural_sculpting.errors import UserError, closest, did_you_mean, on_one_line, printable

MISTAKES = (UserError, HydraException, OmegaConfBaseException)
"""What is raised for a mistake on the command line or in a configuration file."""

NO_SUCH_PATH = re.compile(r"provider=(\S+?),? .*path=(.*) is not available")
"""Hydra only warns of a missing folder in ``hydra.searchpath``; an option may then seem not to exist."""

SWEPT = re.compile(r"(?:Ambiguous value for argument|Sweep parameters) '(.*)'")
"""What Hydra says of values to be swept where there is no sweep."""


def one_line(error: Exception) -> str:
    """Describe one of ``MISTAKES`` on one line."""
    return printable(_one_line(error))


@contextmanager
def composing(overrides: Sequence[str]) -> Iterator[None]:
    """Name the culprit of errors while Hydra composes configuration files and overrides.

    Args:
        overrides: named where nothing better is known.

    Raises:
        UserError: for errors that :func:`one_line` cannot attribute: a file that is not YAML, not text, or cannot be
            read, a missing folder, an option that does not exist.
    """
    what = " ".join(overrides) or "the configuration"
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", NO_SUCH_PATH.pattern)
            yield
    except MissingConfigException as error:
        raise UserError(_missing_option(error, overrides)) from None
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


def _one_line(error: BaseException) -> str:
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OverrideParseException):
        return _unreadable(error)
    if isinstance(error, OmegaConfBaseException):
        text = _first_line(error.msg or str(error))
        return f"{error.full_key}: {text}" if error.full_key else text
    cause = error.__cause__
    if isinstance(cause, OmegaConfBaseException) and cause.full_key:
        is_unknown = isinstance(cause, ConfigKeyError | ConfigAttributeError) and not cause.full_key.startswith("hydra")
        return unknown_key(cause.full_key) if is_unknown else _one_line(cause)
    if cause is not None and not str(error):
        return _one_line(cause)
    text = _first_line(str(error)) or type(error).__name__
    if swept := SWEPT.match(text):
        return f"{swept[1]}: has several values; must have one, or a list such as [1,2] (-m on the command line sweeps)"
    return f"{text} {_first_line(str(cause))}" if isinstance(error, InstantiationException) and cause else text


def _missing_option(error: MissingConfigException, overrides: Sequence[str]) -> str:
    """Name the missing option as it was chosen, and the available ones."""
    name = error.missing_cfg_file
    if name is None or error.options is None:
        return _first_line(str(error)) if name is None else f"{name}: no such configuration file or group"
    words = [word.lstrip("+") for word in overrides if word.lstrip("+").replace("=", "/", 1) == name]
    group, _, option = name.rpartition("/")
    meant = did_you_mean(closest(option, error.options))
    if group == "task" and Path(option).suffix:
        meant = f" (did you mean task=table task.path={option}?)"
    chosen = words[0] if words else f"{group}={option}"
    return f"{chosen}: no such option{meant}; available: {', '.join(sorted(error.options))}"


def _unreadable(error: OverrideParseException) -> str:
    if "=" not in error.override and not error.override.startswith("~"):
        return f"{error.override.strip() or repr(error.override)}: must have the form key=value"
    if not error.override.isascii() and "Lexer" in str(error.message):
        key, _, value = error.override.partition("=")
        quoted = re.sub(r"[^][{},:]*[^\x00-\x7f][^][{},:]*", r"'\g<0>'", value)
        return f'{error.override}: text that is not ASCII needs quotes within those of the shell: "{key}={quoted}"'
    return f"{error.override}: cannot be read ({_first_line(error.message)})"


def _names_no_key(error: BaseException) -> bool:
    """Whether it is an error of OmegaConf, or one that Hydra passes on unchanged, that names no key."""
    cause = error.__cause__
    if isinstance(cause, OmegaConfBaseException) and str(cause).startswith(str(error)):
        error = cause
    return isinstance(error, OmegaConfBaseException) and not error.full_key


def _not_yaml(error: YAMLError, what: str) -> str:
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"{mark.name}: cannot be read as YAML (line {mark.line + 1}: {error.problem})"
    return f"{getattr(error, 'name', what)}: cannot be read as YAML ({on_one_line(error)})"


def _first_line(text: str) -> str:
    """Return the first line, which names the problem; folders, types and addresses follow it."""
    return " ".join(text.strip().partition("\n")[0].split())
