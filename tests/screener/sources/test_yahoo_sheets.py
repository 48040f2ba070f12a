"""Balance sheets of Yahoo by hand: whose they are, which lines make which figure, and what is told of what is missing."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from screener.sources.fetched import FACT_COLUMNS, Failure
from screener.sources.http import Refused
from screener.sources.yahoo import statements
from screener.sources.yahoo.statements import Sheets

TODAY = pd.Timestamp("2026-10-06")
CASH, DEBT, LEASES = "CashAndCashEquivalents", "TotalDebt", "CapitalLeaseObligations"
SHARES, RESTRICTED = "OrdinarySharesNumber", "RestrictedCash"
NO_SPLITS = pd.Series(dtype=float, index=pd.DatetimeIndex([]))


def lines(**periods: dict[str, float]) -> pd.DataFrame:
    """Lines by period, named as q20260630, in the order given."""
    frame = pd.DataFrame(periods, dtype=float)
    frame.columns = pd.DatetimeIndex([f"{name[1:5]}-{name[5:7]}-{name[7:]}" for name in periods])
    return frame


def asked(sheet: pd.DataFrame | None, **info: object) -> Sheets:
    about = {"symbol": "RIOT", "financialCurrency": "USD", "currency": "USD", "enterpriseValue": 6.1e9} | info
    ticker = SimpleNamespace(
        get_balance_sheet=lambda freq: sheet if freq == "quarterly" else None, get_info=lambda: about
    )
    return statements.ask(SimpleNamespace(Ticker=lambda symbol: ticker), "RIOT")


def test_sheets_stand_newest_first_with_the_provider_s_enterprise_value():
    told = lines(q20260331={CASH: 1.0}, q20260630={CASH: 2.0}, q20251231={CASH: 3.0})
    told.columns = told.columns + pd.Timedelta(hours=5)
    found = asked(told)
    assert found.lines.columns.tolist() == [pd.Timestamp(day) for day in ("2026-06-30", "2026-03-31", "2025-12-31")]
    assert found.lines.loc[CASH].tolist() == [2.0, 1.0, 3.0]
    assert (found.symbol, found.enterprise_value_usd) == ("RIOT", 6.1e9)


@pytest.mark.parametrize(
    ("info", "value"),
    [({"enterpriseValue": 5}, 5.0), ({"enterpriseValue": None}, np.nan), ({"enterpriseValue": "6"}, np.nan),
     ({"currency": "CAD"}, np.nan), ({"currency": None}, np.nan)],
)  # fmt: skip
def test_an_enterprise_value_in_another_currency_is_unknown(info, value):
    assert asked(lines(q20260630={CASH: 2.0}), **info).enterprise_value_usd == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize(
    ("sheet", "info", "kind", "message"),
    [
        (None, {}, "empty", "no quarterly balance sheet"),
        (pd.DataFrame(), {}, "empty", "no quarterly balance sheet"),
        (lines(q20260630={CASH: 2.0}), {"symbol": "MARA"}, "bad_answer", "the figures of MARA in place of RIOT: not used"),
        (lines(q20260630={CASH: 2.0}), {"financialCurrency": "CNY"}, "bad_answer",
         "reported in CNY, not in USD: not converted, not used"),
        (lines(q20260630={CASH: 2.0}), {"financialCurrency": None}, "bad_answer",
         "Yahoo does not say in which currency: not converted, not used"),
    ],
)  # fmt: skip
def test_what_is_no_sheet_in_dollars_of_the_company_is_refused(sheet, info, kind, message):
    with pytest.raises(Refused) as refused:
        asked(sheet, **info)
    assert (refused.value.kind, refused.value.message) == (kind, message)


@pytest.mark.parametrize("symbol", ["riot", None, ""])
def test_a_symbol_in_small_letters_or_none_is_the_company_s(symbol):
    assert asked(lines(q20260630={CASH: 2.0}), symbol=symbol).symbol == "RIOT"


def facts(sheet: pd.DataFrame, splits: pd.Series | None = NO_SPLITS) -> tuple[list[tuple], list[tuple]]:
    rows, failures = statements.facts(Sheets("RIOT", sheet), splits, TODAY)
    assert list(rows.columns) == FACT_COLUMNS
    assert {(row.ticker, row.published_on, row.confidence, row.source_url) for row in rows.itertuples()} <= {
        ("RIOT", TODAY, "medium", "https://finance.yahoo.com/quote/RIOT/balance-sheet")
    }
    assert all(failure == Failure("RIOT", failure.what, failure.kind, failure.message) for failure in failures)
    told = [(row.item, f"{row.period_end:%m-%d}", row.value, row.unit, row.evidence) for row in rows.itertuples()]
    return told, [(failure.what, failure.kind, failure.message) for failure in failures]


def test_the_figures_of_a_whole_sheet():
    whole = {CASH: 500.0, DEBT: 900.0, LEASES: 120.0, RESTRICTED: 70.0, SHARES: 1000.0}
    assert facts(lines(q20260630=whole)) == ([
        ("cash", "06-30", 500.0, "usd", "Yahoo's CashAndCashEquivalents"),
        ("debt_total", "06-30", 780.0, "usd", "Yahoo's TotalDebt (carrying value) less CapitalLeaseObligations 120"),
        ("restricted_cash", "06-30", 70.0, "usd", "Yahoo's RestrictedCash"),
        ("shares_outstanding", "06-30", 1000.0, "shares", "Yahoo's OrdinarySharesNumber"),
    ], [])  # fmt: skip
    without = facts(lines(q20260630=whole | {LEASES: np.nan, RESTRICTED: np.nan}))[0]
    assert [row[:3] for row in without] == [("cash", "06-30", 500.0), ("debt_total", "06-30", 900.0),
                                            ("shares_outstanding", "06-30", 1000.0)]  # fmt: skip
    assert without[1][4] == "Yahoo's TotalDebt (carrying value); no line for leases"


BOTH = {CASH: 500.0, DEBT: 900.0, SHARES: 1000.0}


@pytest.mark.parametrize(
    ("newest", "items", "told"),
    [
        ({CASH: 500.0, SHARES: 10.0}, ["shares_outstanding"],
         [("statements", "the sheet of 2026-06-30 has no TotalDebt; cash and debt are used together or not at all")]),
        ({DEBT: 500.0, RESTRICTED: 9.0, SHARES: 10.0}, ["shares_outstanding"],
         [("statements", "the sheet of 2026-06-30 has no CashAndCashEquivalents; cash and debt are used together or not at "
           "all")]),
        ({SHARES: 10.0}, ["shares_outstanding"],
         [("statements", "the sheet of 2026-06-30 has no CashAndCashEquivalents and TotalDebt; cash and debt are used "
           "together or not at all")]),
        ({CASH: 500.0, DEBT: 900.0}, ["cash", "debt_total"],
         [("shares_outstanding", "the sheet of 2026-06-30 has no OrdinarySharesNumber")]),
    ],
)  # fmt: skip
def test_what_the_newest_sheet_lacks_is_told_and_of_older_ones_not(newest, items, told):
    rows, failures = facts(lines(q20260630=newest | dict.fromkeys(set(BOTH) - set(newest), np.nan), q20260331=BOTH))
    assert [row[0] for row in rows if row[1] == "06-30"] == items
    assert [row[0] for row in rows if row[1] == "03-31"] == ["cash", "debt_total", "shares_outstanding"]
    assert failures == [(what, "partial", message) for what, message in told]
    rows, failures = facts(lines(q20260630=BOTH, q20260331=newest | dict.fromkeys(set(BOTH) - set(newest), np.nan)))
    assert failures == []
    assert [row[0] for row in rows if row[1] == "03-31"] == items


def test_a_count_counts_from_the_last_split_on():
    splits = pd.Series([2.0, 0.1], index=pd.to_datetime(["2026-05-01", "2026-06-30"]))
    sheet = lines(q20260930=BOTH, q20260630=BOTH, q20260331=BOTH)
    rows, failures = facts(sheet, splits)
    assert [row[1] for row in rows if row[0] == "shares_outstanding"] == ["09-30", "06-30"]
    assert failures == []
    before = facts(lines(q20260331=BOTH), splits)
    assert before[1] == [("shares_outstanding", "partial",
                          "the count of 2026-03-31 is from before the split of 2026-06-30: basis unknown")]  # fmt: skip
    unknown = facts(lines(q20260331=BOTH), None)
    assert unknown[1] == [
        ("shares_outstanding", "partial", "the count of 2026-03-31 is not used: the splits since are not known")
    ]
    assert [row[0] for row in unknown[0]] == ["cash", "debt_total"]


def test_a_period_counts_from_its_last_day_and_one_to_come_is_refused():
    rows, failures = facts(lines(q20261007=BOTH, q20261006=BOTH))
    assert {row[1] for row in rows} == {"10-06"}
    assert failures == [("statements", "bad_answer", "a period that ends on 2026-10-07")]
    # The newest sheet is one to come: of the older one nothing is told.
    assert facts(lines(q20261007=BOTH, q20260630={CASH: 1.0, DEBT: np.nan, SHARES: np.nan}))[1] == failures
