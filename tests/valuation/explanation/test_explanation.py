"""What an explanation holds beside its steps, on a made-up screen: figure, status, subsidiaries, line of the others."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.explanation.explain import Explanation, explain

# The package has a function of this name.
module = import_module("valuation.explanation.explain")
NAN = np.nan
DAY = pd.Timestamp("2026-01-16")
FACTS = pd.DataFrame({"ticker": ["P", "S"], "item": ["cash", "cash"], "period_end": DAY})


@pytest.fixture
def explained(monkeypatch):
    """The explanation of a metric of P or S, whose steps pass through the line where asked."""
    table = pd.DataFrame(
        {"cash_usd": [5.0, None], "group": ["pivot", None], "premium_to_line": [0.1, NAN]},
        index=["P", "S"],
        dtype=object,
    )
    screen = SimpleNamespace(
        table=table, as_of=DAY, facts=FACTS, status=table.notna().replace({True: "ok", False: "missing"}),
        causes=table.notna().replace({True: "", False: "not reported"}),
        companies=pd.DataFrame({"name": ["Parent", "Sub"], "consolidated_by": [None, "P"]}, index=["P", "S"]),
    )  # fmt: skip
    seen: dict[str, pd.DataFrame] = {}

    def behind(screen, facts, *more):
        seen["facts"] = facts
        return facts

    terms = [SimpleNamespace(ticker=name) for name in table.index]
    monkeypatch.setattr(module, "Terms", SimpleNamespace(of=lambda *_: terms))
    monkeypatch.setattr(module, "facts_behind", behind)
    monkeypatch.setattr(module, "_inputs", lambda *_: pd.DataFrame())
    monkeypatch.setattr(module, "others_on_the_line", lambda screen, ticker: pd.DataFrame(index=["X", ticker]))

    def run(ticker: str, name: str, *, on_line: bool = False, more: pd.DataFrame | None = None) -> Explanation:
        steps = pd.DataFrame({"name": [name, "value_on_line" if on_line else "other"]})
        monkeypatch.setattr(module, "walk", lambda terms, _: (steps.assign(of=terms.ticker), {"x": 1.0}))
        return explain(screen, None, ticker, name, lambda _: 200, more)

    run.seen = seen
    return run


@pytest.mark.parametrize(
    ("ticker", "name", "value", "status", "causes"),
    [("P", "cash_usd", 5.0, "ok", ""), ("P", "group", "pivot", "ok", ""), ("S", "cash_usd", NAN, "missing", "not reported"),
     ("S", "group", NAN, "missing", "not reported"), ("S", "premium_to_line", NAN, "missing", "not reported")],
)  # fmt: skip
def test_the_figure_and_its_status(explained, ticker, name, value, status, causes):
    found = explained(ticker, name)
    assert found.value == (pytest.approx(value, nan_ok=True) if isinstance(value, float) else value)
    assert (found.status, found.causes, found.metric, found.ticker) == (status, causes, name, ticker)
    assert found.steps["of"].unique().tolist() == [ticker]
    assert found.as_of == DAY


def test_subsidiaries_and_the_name_are_of_the_company(explained):
    assert (explained("P", "cash_usd").name, explained("P", "cash_usd").subsidiaries) == ("Parent", ("S",))
    assert (explained("S", "cash_usd").name, explained("S", "cash_usd").subsidiaries) == ("Sub", ())


def test_the_others_stand_beside_a_figure_that_rests_on_their_line_alone(explained):
    assert explained("P", "premium_to_line", on_line=True).others.index.tolist() == ["X", "P"]
    assert explained("P", "cash_usd").others.empty


def test_facts_of_lists_of_their_own_come_after_the_screen_s(explained):
    explained("P", "cash_usd")
    assert explained.seen["facts"] is FACTS
    explained("P", "cash_usd", more=FACTS.assign(item="phase: X"))
    assert explained.seen["facts"]["item"].tolist() == ["cash", "cash", "phase: X", "phase: X"]
    assert explained.seen["facts"].index.tolist() == [0, 1, 2, 3]
