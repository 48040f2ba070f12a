"""What the indicators say on the last date of made-up series: with and without each part of a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.findings import Finding
from valuation.indicators.findings import (
    bn,
    gw,
    of_contracts,
    of_hashrate,
    of_power,
    of_prices,
    of_revenue,
    year_before,
)

NAN = np.nan
LAST = pd.Timestamp("2026-10-02")
BEFORE = pd.Timestamp("2025-10-02")  # 365 days


def series(*rows: dict, on: tuple = (BEFORE, LAST)) -> pd.DataFrame:
    return pd.DataFrame(list(rows), index=pd.DatetimeIndex(list(on)[-len(rows) :]))


def told(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(one.text, one.kind) for one in findings]


def test_sizes_in_words():
    assert (gw(24_551.0), bn(66.04e9), gw(NAN), bn(NAN)) == ("24.6 GW", "$66.0bn", "n/a", "n/a")


@pytest.mark.parametrize(("days", "found"), [(364, None), (365, 1), (372, 1)])
def test_a_year_before_is_365_days_or_the_week_before_that(days, found):
    frame = pd.DataFrame({"x": [0, 1, 2, 3]}, index=[LAST - pd.Timedelta(days=d) for d in (days + 7, days, 100, 0)])
    if found is None:
        frame = frame.iloc[1:]
        assert year_before(frame) is None
    else:
        assert year_before(frame)["x"] == found


REVENUE = {"bitcoin_share": 0.6, "ai_share": 0.3, "companies": 5, "coverage": 0.8, "quarter_from": "2026Q1",
           "quarter_to": "2026Q2", "crossover": pd.NaT, "crossover_companies": NAN, "ai_above_mining": 1,
           "reporting": 7}  # fmt: skip
REVENUE_SAYS = ("Bitcoin is 60% and AI 30% of the recurring revenue of 5 miners in their latest known quarters (2026Q1 to "
                "2026Q2)")  # fmt: skip
COVERAGE = ("The shares cover 80% of the revenue reported: 2 of 7 companies did not report both parts. Companies enter as "
            "they report, so the series is not a constant sample.")  # fmt: skip


def test_revenue_with_a_year_before_and_a_crossover():
    then = REVENUE | {"bitcoin_share": 0.9, "ai_share": 0.05, "companies": 1}
    now = REVENUE | {"crossover": "2026Q1", "crossover_companies": 3.0}
    assert told(of_revenue(series(then, now))) == [
        (f"{REVENUE_SAYS}; a year before, 90% and 5% (1 miner).", "can"),
        ("2026Q1 is the first calendar quarter in which AI revenue exceeds mining revenue, over the 3 companies that have "
         "reported both so far. 1 miner of 5 earned more from AI in the latest quarter.", "can"),
        (COVERAGE, "cannot"),
    ]  # fmt: skip


@pytest.mark.parametrize("rows", [(REVENUE,), (REVENUE | {"bitcoin_share": NAN}, REVENUE)])
def test_revenue_without_a_year_before_or_a_crossover(rows):
    found = told(of_revenue(series(*rows)))
    assert found[0][0] == f"{REVENUE_SAYS}."
    assert found[1][0].startswith("In no calendar quarter known so far")


def test_revenue_that_cannot_be_estimated():
    found = told(of_revenue(series(REVENUE | {"bitcoin_share": NAN, "companies": 1})))
    assert found == [("Revenue mix: estimate not available (1 company with both parts).", "cannot")]


CONTRACTS = {"contracts": 3, "companies": 2, "tenants": 1, "value_usd": 41e9, "it_mw": 1_100.0, "delivered_share": 0.2,
             "in_service_mw": 220.0, "largest_tenant": "T", "largest_tenant_share": 0.64, "without_value": 0,
             "without_mw": 0}  # fmt: skip
SIGNED = "2 miners have 3 AI contracts in force with 1 tenant: $41.0bn and 1,100 MW of critical IT at the owner's share"


def test_contracts_with_each_part():
    then = CONTRACTS | {"contracts": 1, "value_usd": 2e9}
    now = CONTRACTS | {"without_value": 1, "without_mw": 2}
    assert told(of_contracts(SimpleNamespace(sector=series(then, now)))) == [
        (f"{SIGNED}; a year before, 1 contract with $2.0bn.", "can"),
        ("220 MW, 20% of the contracted critical IT MW, are in service; T is the largest tenant with 64% of the MW.", "can"),
        ("The sums exclude what was not announced: the value of 1 contract and the MW of 2 contracts.", "cannot"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"largest_tenant": ""}, [f"{SIGNED}.", "220 MW, 20% of the contracted critical IT MW, are in service."]),
        ({"delivered_share": NAN}, [f"{SIGNED}."]),
        ({"delivered_share": NAN, "without_mw": 1},
         [f"{SIGNED}.", "The sums exclude what was not announced: the value of 0 contracts and the MW of 1 contract."]),
        ({"delivered_share": NAN, "without_value": 1},
         [f"{SIGNED}.", "The sums exclude what was not announced: the value of 1 contract and the MW of 0 contracts."]),
        ({"contracts": 0}, ["No AI contract of the miners is in force."]),
    ],
)  # fmt: skip
def test_contracts_without_some(change, said):
    found = of_contracts(SimpleNamespace(sector=series(CONTRACTS | change)))
    assert [one.text for one in found] == said


POWER = {"secured_mw": 10_000.0, "companies": 4, "ai_in_service_mw": 1_000.0, "ai_leased_mw": 2_000.0, "mining_mw": 3_000.0,
         "unused_mw": 2_500.0, "use_unknown_mw": 1_500.0, "pipeline_mw": 700.0, "mined_until_conversion_mw": 0.0,
         "without_power": 0, "without_use": 0}  # fmt: skip


def power(**change: float) -> list[tuple[str, str]]:
    return told(of_power(SimpleNamespace(sector=series(POWER | change))))


def test_power_by_use():
    (only,) = power()
    assert only[0].startswith("Of 10.0 GW gross that 4 miners have secured: 1.0 GW ")
    assert only[0].endswith("Another 0.7 GW is pipeline without approval.")
    assert " and 1.5 GW " in only[0]
    mined = ("0.4 GW of the mining runs on power that is already leased to AI tenants and ends when their halls are in "
             "service.", "can")  # fmt: skip
    assert power(mined_until_conversion_mw=400.0) == [only, mined]
    assert power(mined_until_conversion_mw=0.5)[1][0].startswith("0.0 GW of the mining")
    unknown = ("Secured power is unknown for {}, its use for {} more. Companies enter as their figures are published, so "
               "growth of the sum is not growth of the sector.")  # fmt: skip
    assert power(without_power=1) == [only, (unknown.format("1 company", 0), "cannot")]
    assert power(without_use=2) == [only, (unknown.format("0 companies", 2), "cannot")]
    assert power(secured_mw=NAN)[0][1] == "cannot"


def test_hashrate_and_what_has_left():
    row = {"share": 0.25, "network_eh": 1_100.0, "network_on": LAST, "left_eh": 33.0, "left_share": 0.03, "reduced": 1,
           "companies": 9, "hashrate_eh": 275.4}  # fmt: skip
    assert told(of_hashrate(series(row))) == [
        ("9 listed miners run 275 EH/s, 25% of the network's 1,100 (week of 2 October 2026). 33 EH/s, 3% of the network, "
         "have left: the difference to each company's highest hashrate so far; 1 company runs at least a tenth less than at "
         "the highest.", "can"),
    ]  # fmt: skip
    assert of_hashrate(series(row | {"share": NAN}))[0].kind == "cannot"


PRICES = {"ratio_equal": 2.5, "ratio_value": 3.1, "ratio_hindsight": 6.0, "ai_volatility": 0.9, "mining_volatility": 0.8,
          "ai_beta_bitcoin": 1.234, "mining_beta_bitcoin": 1.5, "ai_weeks": 52.0, "n_ai": 3, "n_mining": 3}  # fmt: skip


def prices(*rows: dict) -> list[tuple[str, str]]:
    return told(of_prices(SimpleNamespace(frame=series(*rows))))


def test_prices_of_the_groups():
    found = prices(PRICES | {"ratio_equal": NAN}, PRICES)
    assert found == [
        ("Since 2 October 2026 the equal-weighted price index of the AI group, with the members of each week, has outgrown "
         "that of the mining group by a factor of 2.5x; weighted by equity value, by 3.1x.", "can"),
        ("With today's members all along the factor would be 6.0x: this is hindsight, since companies are in the AI group "
         "today because they signed.", "cannot"),
        ("Volatility is 90% a year in the AI group and 80% in the mining group, beta to bitcoin 1.23 and 1.50 (52 weeks).",
         "can"),
    ]  # fmt: skip
    assert prices(PRICES | {"ratio_equal": 1.0}, PRICES)[0][0].startswith("Since 2 October 2025 ")
    assert prices(PRICES | {"ratio_hindsight": NAN})[1][0].startswith(
        "With today's members the ratio cannot be estimated"
    )
    small = "Small sample on the last date: {}; single companies move the index."
    assert prices(PRICES | {"n_ai": 2})[3] == (small.format("2 in the AI group"), "cannot")
    both = "2 in the AI group and 1 in the mining group"
    assert prices(PRICES | {"n_ai": 2, "n_mining": 1})[3][0] == small.format(both)
    assert prices(PRICES | {"ratio_equal": NAN})[0][1] == "cannot"
