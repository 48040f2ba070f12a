"""Ten thousand mutated files, rules, addresses and paths: no traceback, no password printed, no line of its own injected."""

from __future__ import annotations

import time

import pytest

from screener.errors import InputError
from tests import fuzz

pytestmark = pytest.mark.takes(60)


def test_ten_thousand_cases_end_in_a_result_or_an_error_raised_on_purpose(tmp_path):
    found = fuzz.fuzz(tmp_path, 10_000, seed=1)
    assert found.wrong == 0, "\n".join(found.lines())
    assert sum(found.cases.values()) == 10_000
    # Neither does every case fail, nor none: what is mutated lightly is often still read.
    for kind in fuzz.KINDS.keys() - {"commands"}:
        assert 0 < found.refused[kind] < found.cases[kind], kind


def _crash(*_: object) -> object:
    raise KeyError("lost")


def _hang(*_: object) -> object:
    time.sleep(0.2)
    return None


def _refuse(*_: object) -> object:
    raise InputError(f"a message with {fuzz.CANARY}")


def _inject(*_: object) -> object:
    raise fuzz.Injected("a line")


@pytest.mark.parametrize(
    ("run", "kept"),
    [
        (_crash, "tracebacks"),
        (_hang, "slow"),
        (_inject, "injected"),
        (lambda *_: print(fuzz.CANARY.upper()), "leaks"),
        (lambda *_: fuzz.CANARY, "leaks"),
    ],
    ids=["traceback", "hang", "injected line", "printed", "returned"],
)
def test_what_is_wrong_is_found(tmp_path, monkeypatch, run, kept):
    monkeypatch.setitem(fuzz.KINDS, "rules", lambda: [run])
    monkeypatch.setattr(fuzz, "SLOWEST_SECONDS", 0.1)
    found = fuzz.fuzz(tmp_path, 1, seed=1, kinds=["rules"])
    assert (found.wrong, len(getattr(found, kept))) == (1, 1)


def test_a_known_password_in_a_message_is_masked(tmp_path, monkeypatch):
    monkeypatch.setitem(fuzz.KINDS, "rules", lambda: [_refuse])
    found = fuzz.fuzz(tmp_path, 1, seed=1, kinds=["rules"])
    assert (found.wrong, found.refused["rules"]) == (0, 1)


def test_a_case_is_the_same_whenever_it_is_made():
    import random

    made = [fuzz.mutated(b"a = 1\n" * 5, random.Random(f"1 TOML {number}")) for number in range(200)]
    assert made == [fuzz.mutated(b"a = 1\n" * 5, random.Random(f"1 TOML {number}")) for number in range(200)]
    assert len(set(made)) > 100
