"""A run is asked to stop by a signal, and stopped by a second one."""

import os
import signal
import threading

import pytest

from neural_sculpting import interruption
from neural_sculpting.interruption import Interrupted, asked_by_signals, listen, requested


@pytest.mark.parametrize("number", list(interruption.SIGNALS))
def test_the_first_signal_asks_and_the_second_stops(number: signal.Signals) -> None:
    messages: list[str] = []
    before = signal.getsignal(number)
    with asked_by_signals(messages.append):
        assert not requested()
        os.kill(os.getpid(), number)
        assert requested()
        assert len(messages) == 1
        assert "again stops now" in messages[0]
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
        assert len(messages) == 1
    assert not requested()
    assert signal.getsignal(number) is before


def test_in_a_thread_signals_are_left_alone() -> None:
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


def test_who_catches_ctrl_c_catches_the_request() -> None:
    assert issubclass(Interrupted, KeyboardInterrupt)
