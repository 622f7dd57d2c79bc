import signal

import pytest

from neural_sculpting.errors import UserError
from neural_sculpting.interruption import Interrupted, ctrl_c_noted, request
from neural_sculpting.user_code import exits_are_errors, user_code


class Severe(BaseException):
    pass


class Silent(Exception):
    def __str__(self):
        raise SystemExit(0)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (SystemExit(0), "SystemExit: 0"),
        (SystemExit(), "SystemExit"),
        (GeneratorExit(), "GeneratorExit"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (Severe("two\nlines"), "Severe: two lines"),
        (Silent(), "Silent: its message cannot be shown"),
        (ValueError("no"), "ValueError: no"),
    ],
)
def test_whatever_code_raises_is_its_failure(error, text):
    with ctrl_c_noted(), pytest.raises(UserError) as caught, user_code("mine:"):
        raise error
    message = str(caught.value)
    assert message.startswith(f"mine: fails ({text}, line ")
    assert message.endswith("of test_user_code.py)")


def interrupt():
    signal.raise_signal(signal.SIGINT)


def stop():
    request()
    raise Interrupted


@pytest.mark.parametrize("act", [interrupt, stop])
def test_a_signal_is_no_failure_of_the_code(act, monkeypatch):
    monkeypatch.setattr("neural_sculpting.interruption._request.made", False)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with ctrl_c_noted(), pytest.raises(KeyboardInterrupt), user_code("mine:"):
            act()
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_mistake_that_code_reports_stays_as_it_is():
    with pytest.raises(UserError, match=r"^its own$"), user_code("mine:"):
        raise UserError("its own")


def test_an_exit_from_elsewhere_is_an_error():
    with pytest.raises(RuntimeError, match="SystemExit: 3, line"), exits_are_errors():
        raise SystemExit(3)
    for error in (ValueError, KeyboardInterrupt):
        with pytest.raises(error), exits_are_errors():
            raise error
