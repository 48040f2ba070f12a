"""Questions that hang are given up in their time, and what came before stands."""

from __future__ import annotations

import threading
import time

import pytest

from screener.sources.waiting import each, in_time


def test_an_answer_and_an_error_come_through():
    assert in_time(lambda: 7, 30.0) == 7
    with pytest.raises(KeyError, match="lost"):
        in_time(lambda: {}["lost"], 30.0)


def test_what_hangs_is_given_up():
    held = threading.Event()
    begun = time.monotonic()
    with pytest.raises(TimeoutError, match=r"no answer in 0\.05 seconds"):
        in_time(lambda: held.wait(60), 0.05)
    assert time.monotonic() - begun < 30
    held.set()


def test_those_that_end_are_given_and_the_rest_is_not_asked():
    held, asked = threading.Event(), []

    def ask(name: str) -> str:
        asked.append(name)
        if name != "a":
            held.wait(60)
        return name.upper()

    ended = list(each("abcdef", ask, workers=2, left=lambda: 0.3, over=lambda: True))
    assert ended == [("a", "A", None)]
    held.set()
    time.sleep(0.1)
    # Two threads asked b and c; nobody takes the next.
    assert sorted(asked) == ["a", "b", "c"]


def test_a_question_that_hangs_keeps_no_process_from_ending():
    threads: list[threading.Thread] = []
    in_time(lambda: threads.append(threading.current_thread()), 30.0)
    assert [thread.daemon for thread in threads] == [True]


def test_when_all_have_ended_nothing_more_is_waited_for():
    waits = iter([30.0, 30.0])  # one for each; a third would be an error
    ended = each("ab", str.upper, workers=2, left=lambda: next(waits), over=lambda: True)
    assert sorted(ended) == [("a", "A", None), ("b", "B", None)]


def test_waiting_goes_on_until_the_time_is_over():
    looks = iter([False, False, True])
    held = threading.Event()
    assert list(each("a", lambda _: held.wait(60), workers=1, left=lambda: 0.01, over=lambda: next(looks))) == []
    assert next(looks, None) is None
    held.set()
