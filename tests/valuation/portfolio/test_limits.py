"""Use of each limit of a small portfolio by hand, and each state at its boundary."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.portfolio.test_positions import DAY, NAN, holdings, quotes
from valuation.portfolio.limits import BREACH, DEFAULTS, LEAST, MOST, PASS, UNKNOWN, Limit, measure
from valuation.portfolio.look_through import LookThrough
from valuation.portfolio.positions import Portfolio, value
from valuation.portfolio.risk import Beta, Risk

ROWS = holdings(
    ("M", "AAA", "equity", 300, 1, NAN, NAN, "USD"), ("M", "BBB", "equity", 500, 1, NAN, NAN, "USD"),
    ("M", "SSS", "equity", -100, -1, NAN, NAN, "USD"), ("M", "TTT", "equity", -10, -1, NAN, NAN, "USD"),
    ("M", "FFF", "equity", 50, 1, 1.0, NAN, "USD"), ("M", "UUU", "equity", 9, 1, NAN, NAN, "USD"),
    ("M", "CASH", "cash", 260, NAN, NAN, NAN, "USD"),
)  # fmt: skip
QUOTES = quotes(AAA=("AAA", 1.0, "ok"), BBB=("BBB", 1.0, "ok"), SSS=("SSS", 1.0, "ok"), TTT=("TTT", 1.0, "ok"))


def through(share: dict[str, float], coins: float = 2.0) -> LookThrough:
    parties = pd.DataFrame({"share": pd.Series(share, dtype=float)})
    empty = pd.DataFrame()
    return LookThrough(empty, empty, parties, pd.Series({"bitcoin": coins}), NAN, NAN, NAN, ())


def risk() -> Risk:
    losses = pd.DataFrame({"var": [0.11, 0.2], "es": [0.15, 0.3]}, index=[0.95, 0.99])
    betas = (Beta("market", 0.7, 0.1, 0.5, 100), Beta("bitcoin", 1.4, 0.1, 0.5, 100))
    none = pd.DataFrame()
    return Risk(pd.Series(dtype=float), none, none, 0.6, losses, none, betas, {}, 1.0, {}, "weekly", 52, 4, 9, 0)


def used(portfolio: Portfolio | None = None, beside: Risk | None = None, **parts: LookThrough) -> pd.DataFrame:
    portfolio = portfolio or value(ROWS, QUOTES, {}, DAY)
    return measure(
        portfolio, parts.get("look", through({"X": 0.3, "Y": 0.6, "Z": np.nan})), beside, DEFAULTS, btc_usd=100.0
    )


def test_use_of_every_limit_by_hand():
    # Longs 850, shorts 110, cash 260: net 1,000.
    found = used(beside=risk())
    assert found["used"].to_dict() == pytest.approx({
        "largest_long": 0.5, "largest_short": 0.1, "gross_exposure": 0.96, "net_exposure": 0.74, "least_cash": 0.26,
        "unpriced": 1.0, "proxy_priced": 50 / 960, "largest_counterparty": 0.6, "bitcoin_exposure": 0.2, "beta_bitcoin": 1.4,
        "volatility": 0.6, "var_95": 0.11, "es_95": 0.15,
    })  # fmt: skip
    assert found["detail"][found["detail"] != ""].to_dict() == {
        "largest_long": "BBB", "largest_short": "SSS", "unpriced": "UUU", "proxy_priced": "FFF", "largest_counterparty": "Y",
    }  # fmt: skip
    assert found["state"].to_dict() == dict.fromkeys(DEFAULTS, PASS) | {
        "largest_long": BREACH, "unpriced": BREACH, "largest_counterparty": BREACH,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "limit", "room", "state"),
    [(MOST, 0.27, 0.01, PASS), (MOST, 0.26, 0.0, PASS), (MOST, 0.25, -0.01, BREACH), (LEAST, 0.25, 0.01, PASS),
     (LEAST, 0.26, 0.0, PASS), (LEAST, 0.27, -0.01, BREACH)],
)  # fmt: skip
def test_a_limit_holds_to_its_boundary(kind, limit, room, state):
    one = {"least_cash": Limit("least_cash", "Cash", kind, limit)}
    row = measure(value(ROWS, QUOTES, {}, DAY), through({}), None, one, btc_usd=1.0).loc["least_cash"]
    assert row["room"] == pytest.approx(room, abs=1e-12)
    assert row["state"] == state


def test_what_is_unknown_is_in_no_state_and_nothing_held_is_none():
    found = used()
    assert found.index[found["state"] == UNKNOWN].tolist() == ["beta_bitcoin", "volatility", "var_95", "es_95"]
    assert used(beside=replace(risk(), betas=risk().betas[:1])).at["beta_bitcoin", "state"] == UNKNOWN
    found = used(look=through({}, coins=np.nan))
    assert (found.at["largest_counterparty", "state"], found.at["largest_counterparty", "detail"]) == (
        UNKNOWN,
        "no backlog",
    )
    assert found.at["bitcoin_exposure", "used"] == 0.0
    cash = used(value(ROWS.tail(1), QUOTES, {}, DAY))
    assert cash.loc[["largest_long", "largest_short", "gross_exposure", "proxy_priced"], "used"].tolist() == [0.0] * 4
    assert cash.at["least_cash", "used"] == 1.0
    short = used(value(ROWS[ROWS["ticker"] == "SSS"], QUOTES, {}, DAY))
    assert short.loc[["gross_exposure", "net_exposure", "least_cash"], "state"].tolist() == [UNKNOWN] * 3


def test_the_defaults_are_these():
    assert {name: (limit.kind, limit.value) for name, limit in DEFAULTS.items()} == {
        "largest_long": (MOST, 0.25), "largest_short": (MOST, 0.10), "gross_exposure": (MOST, 1.5),
        "net_exposure": (MOST, 1.0), "least_cash": (LEAST, 0.0), "unpriced": (MOST, 0), "proxy_priced": (MOST, 0.10),
        "largest_counterparty": (MOST, 0.5), "bitcoin_exposure": (MOST, 0.3), "beta_bitcoin": (MOST, 1.5),
        "volatility": (MOST, 1.0), "var_95": (MOST, 0.15), "es_95": (MOST, 0.2),
    }  # fmt: skip
