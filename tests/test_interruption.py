"""A run is asked to stop by a signal, and stopped by a second one."""

import os
import signal
import threading

import pytest

from neural_sculpting import interruption
from neural_sculpting.interruption import Interrupted, asked_by_signals, listen, requested


@pytest.mark.parametrize("number", list(interruption.SIGNALS))
def test_the_first_signal_asks_and_the_second_stops(number: signal.Signals, capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(number)
    if before == signal.SIG_IGN:
        pytest.skip("the tests run under nohup")
    with asked_by_signals():
        assert not requested()
        os.kill(os.getpid(), number)
        assert requested()
        assert capsys.readouterr().err.endswith(f"{interruption.SIGNALS[number]} stops now\n")
        if number == signal.SIGHUP:
            os.kill(os.getpid(), number)  # a terminal that closes may send several
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM if number == signal.SIGHUP else number)
        assert capsys.readouterr().err == ""
    assert not requested()
    assert signal.getsignal(number) is before


def test_after_nohup_a_closed_terminal_changes_nothing():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with asked_by_signals():
            os.kill(os.getpid(), signal.SIGHUP)
            assert not requested()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_in_a_thread_signal_handlers_stay() -> None:
    before, seen = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with asked_by_signals():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_another_process_may_ask() -> None:
    event = threading.Event()
    listen(event.is_set)
    try:
        assert not requested()
        event.set()
        assert requested()
    finally:
        listen(lambda: False)


def test_code_that_catches_ctrl_c_catches_the_request() -> None:
    assert issubclass(Interrupted, KeyboardInterrupt)
