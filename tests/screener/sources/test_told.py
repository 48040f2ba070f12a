"""How the questions of one answer ended, by hand."""

from __future__ import annotations

import pandas as pd

from screener.sources.fetched import Asked, Failure, Fetched
from screener.sources.told import outcomes

NOTHING = pd.DataFrame()


def test_questions_stand_by_symbol_and_what_was_missed_without_one_stands_last():
    asked = (Asked("RIOT", "closes", 2), Asked("CLSK", "sheets", 1), Asked("CLSK", "closes", 3))
    failures = (
        Failure("AAAA", "closes", "unreachable", "not asked"), Failure("RIOT", "closes", "partial", "a day is missing"),
        Failure("CLSK", "sheets", "empty", "no sheet"),
    )  # fmt: skip
    found = outcomes(Fetched("yahoo", NOTHING, NOTHING, NOTHING, failures, asked=asked))
    assert [(one.subject, one.what, one.ended, one.message, one.requests) for one in found] == [
        ("CLSK", "closes", "ok", "", 3), ("CLSK", "sheets", "none", "no sheet", 1),
        ("RIOT", "closes", "ok", "a day is missing", 2), ("AAAA", "closes", "failed", "not asked", 0),
    ]  # fmt: skip
