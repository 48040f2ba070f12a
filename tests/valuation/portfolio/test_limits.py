"""Limits: only those that somebody set are judged, an unknown figure passes none, and a breach that stands is told."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from tests.valuation.portfolio.made import DAY, NAN, holdings, quotes, row
from valuation.portfolio.limits import LIMITS, measure
from valuation.portfolio.positions import value

CLOSES = quotes(AAA=20.0, BBB=8.0)
NOTHING = SimpleNamespace(
    counterparties=pd.DataFrame({"share": []}), totals=pd.Series({"bitcoin": NAN}), companies=pd.DataFrame()
)
UNKNOWN_OPTION = row("O", "option", 1, NAN, 100.0, unit=100.0, underlying="BBB", right="call")


def judged(*rows, risk=None, **set_to):
    chosen = {name: replace(LIMITS[name], value=at) for name, at in set_to.items()}
    return measure(value(holdings(*rows), CLOSES, {}, DAY), NOTHING, risk, chosen, btc_usd=1.0)


def test_without_limits_nothing_is_judged():
    found = judged(row("AAA", "equity", 100), row("CASH", "cash", -1_900))  # twenty times its net value
    assert set(found["state"]) == {"not set"}
    assert found["limit"].isna().all()
    assert found.at["gross_exposure", "used"] == pytest.approx(20)
    assert list(found.index) == list(LIMITS)


@pytest.mark.parametrize(("limit", "state"), [(0.5, "within"), (0.499, "BREACH"), (0.501, "within")])
def test_a_limit_is_judged_at_its_boundary_and_stands_first(limit, state):
    found = judged(row("AAA", "equity", 50), row("CASH", "cash", 1_000), gross_exposure=limit)
    assert found.index[0] == "gross_exposure"
    assert found.at["gross_exposure", "state"] == state
    assert set(found["state"][1:]) == {"not set"}


@pytest.mark.parametrize(("least", "state"), [(0.5, "within"), (0.51, "BREACH")])
def test_the_least_cash(least, state):
    assert (
        judged(row("AAA", "equity", 50), row("CASH", "cash", 1_000), least_cash=least).at["least_cash", "state"]
        == state
    )


@pytest.mark.parametrize(
    ("name", "limit", "state"),
    [
        ("gross_exposure", 0.9, "unknown"),  # 2,000 and the option's over 3,100
        ("gross_exposure", 0.6, "BREACH"),  # whatever the option exposes to
        ("net_exposure", 0.6, "unknown"),  # a short would bring it down
        ("largest_long", 0.6, "BREACH"),  # AAA, which the option does not move
        ("largest_long", 0.7, "unknown"),
        ("least_cash", 0.3, "within"),  # no matter of exposure
    ],
)
def test_an_unknown_exposure_leaves_a_limit_unknown_but_for_what_it_cannot_undo(name, limit, state):
    found = judged(row("AAA", "equity", 100), UNKNOWN_OPTION, row("CASH", "cash", 1_000), **{name: limit})
    assert found.at[name, "state"] == state
    if name != "least_cash":
        assert found.at[name, "detail"].endswith("without O")


def test_a_breach_of_the_name_that_the_unknown_option_is_on_is_unknown():
    found = judged(row("BBB", "equity", 250), UNKNOWN_OPTION, row("CASH", "cash", 1_000), largest_long=0.5)
    assert found.at["largest_long", "state"] == "unknown"


@pytest.mark.parametrize(
    ("rows", "limit", "state"),
    [
        # Net 4,300: BBB, which the option is on, at 0.47, and AAA at 0.28.
        (
            (row("AAA", "equity", 60), row("BBB", "equity", 250), row("CASH", "cash", 1_000)),
            {"largest_long": 0.4},
            "unknown",
        ),
        (
            (row("AAA", "equity", 60), row("BBB", "equity", 250), row("CASH", "cash", 1_000)),
            {"largest_long": 0.2},
            "BREACH",
        ),
        # Net 4,000: AAA is at the limit, which is no breach.
        (
            (row("AAA", "equity", 50), row("BBB", "equity", 250), row("CASH", "cash", 900)),
            {"largest_long": 0.25},
            "unknown",
        ),
        # Net 2,100: AAA short at 0.95, which the option does not move.
        ((row("AAA", "equity", -100), row("CASH", "cash", 4_000)), {"largest_short": 0.5}, "BREACH"),
        ((row("BBB", "equity", -250), row("CASH", "cash", 4_000)), {"largest_short": 0.5}, "unknown"),
    ],
)
def test_a_breach_stands_where_another_name_is_above_the_limit(rows, limit, state):
    found = judged(*rows, UNKNOWN_OPTION, **limit)
    assert found.at[next(iter(limit)), "state"] == state


def test_daily_returns_do_not_pass_a_limit_on_a_week():
    losses = pd.DataFrame({"var": [0.05], "es": [0.06]}, index=[0.95])
    for periods, state in (("weekly", "within"), ("daily", "unknown")):
        risk = SimpleNamespace(periods=periods, losses=losses, betas=(), volatility=0.5, left_out={}, covered=1.0)
        found = judged(row("AAA", "equity", 100), risk=risk, var_95=0.1, es_95=0.1)
        assert set(found.loc[["var_95", "es_95"], "state"]) == {state}


def used(*rows: tuple, through: SimpleNamespace = NOTHING, risk: SimpleNamespace | None = None) -> pd.DataFrame:
    return measure(value(holdings(*rows), CLOSES, {}, DAY), through, risk, {}, btc_usd=100.0)[["used", "detail"]]


MIXED = (row("AAA", "equity", 100), row("BBB", "equity", -50), row("BBB", "equity", -10, account="IRA"),
         row("ZZZ", "equity", 10, NAN, 5.0), row("QQQ", "equity", 1), row("QQR", "fund", 1),
         row("YYY", "equity", -2, NAN, 5.0), row("CASH", "cash", 1_000))  # fmt: skip


def test_the_use_of_each_figure_by_hand():
    # Net 2,000 - 480 + 50 - 10 + 1,000 = 2,560; gross 2,540; QQQ and QQR have no price.
    through = SimpleNamespace(counterparties=pd.DataFrame({"share": [0.3, 0.5, NAN]}, index=["X", "Y", "Z"]),
                              totals=pd.Series({"bitcoin": 3.0}), companies=pd.DataFrame(index=["AAA"]))  # fmt: skip
    losses = pd.DataFrame({"var": [0.05, 0.9], "es": [0.06, 0.8]}, index=[0.95, 0.99])
    betas = (SimpleNamespace(factor="market", beta=9.0), SimpleNamespace(factor="bitcoin", beta=0.8))
    risk = SimpleNamespace(
        periods="weekly", losses=losses, betas=betas, volatility=0.5, left_out={"ZZZ": "x"}, covered=0.97
    )
    found = used(*MIXED, through=through, risk=risk)
    without = "without QQQ, QQR"
    assert found["used"].to_dict() == pytest.approx({
        "largest_long": 2_000 / 2_560, "largest_short": 480 / 2_560, "gross_exposure": 2_540 / 2_560,
        "net_exposure": 1_560 / 2_560, "least_cash": 1_000 / 2_560, "unpriced": 2, "proxy_priced": 60 / 2_540,
        "largest_counterparty": 0.5, "bitcoin_exposure": 300 / 2_560, "beta_bitcoin": 0.8, "volatility": 0.5,
        "var_95": 0.05, "es_95": 0.06,
    })  # fmt: skip
    assert found["detail"].to_dict() == {
        "largest_long": f"AAA; {without}", "largest_short": f"BBB; {without}", "gross_exposure": without,
        "net_exposure": without, "least_cash": "", "unpriced": "QQQ, QQR", "proxy_priced": "ZZZ, YYY",
        "largest_counterparty": "Y", "bitcoin_exposure": "", "beta_bitcoin": "", "volatility": "",
        "var_95": "covers 97% of gross exposure", "es_95": "covers 97% of gross exposure",
    }  # fmt: skip


def test_what_is_not_there_is_none_and_what_is_not_measured_is_unknown():
    flat = used(row("AAA", "equity", 10), row("AAA", "equity", -10, account="IRA"), row("CASH", "cash", 0.5))
    assert flat.loc[["largest_long", "largest_short"], "detail"].tolist() == ["", ""]
    assert flat.loc[["largest_long", "largest_short", "bitcoin_exposure"], "used"].tolist() == [0.0, 0.0, 0.0]
    assert flat.at["gross_exposure", "used"] == 800.0  # 400 over half a dollar
    assert flat.at["largest_counterparty", "detail"] == "no backlog"
    assert flat.loc[["largest_counterparty", "beta_bitcoin", "volatility", "var_95", "es_95"], "used"].isna().all()
    tiny = used(row("AAA", "equity", 0.02), row("ZZZ", "equity", 0.1, NAN, 5.0), row("CASH", "cash", 9))
    assert tiny.at["proxy_priced", "used"] == pytest.approx(0.5 / 0.9)
    cash = used(row("CASH", "cash", 100))
    assert cash.at["proxy_priced", "used"] == 0.0
    none = used(row("AAA", "equity", 10), row("CASH", "cash", -200))
    assert none.loc[["gross_exposure", "largest_long", "bitcoin_exposure"], "used"].isna().all()


def test_no_net_value_passes_no_limit():
    found = judged(row("AAA", "equity", -10), gross_exposure=2.0, least_cash=0.0)
    assert set(found.loc[["gross_exposure", "least_cash"], "state"]) == {"unknown"}
