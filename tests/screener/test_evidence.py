"""What evidence says of a figure, on the words of the bundled rows."""

from __future__ import annotations

import pytest

from screener import universes
from screener.evidence import cash_includes_restricted, includes_hosted, says_cash_includes


@pytest.mark.parametrize(
    ("evidence", "value_usd", "expected"),
    [
        ("$261.2 million incl. restricted cash", 261.2e6, True),
        ("INCLUDES restricted: cash, equivalents and restricted cash $3.1 billion", 3.1e9, True),
        ("cash 2,762,129,000 (may incl. restricted/escrow)", 2_762_129_000, True),
        ("cash 7,030,714,000: clearly incl. restricted/escrowed project-bond proceeds", 7_030_714_000, True),
        ("cash, cash equivalents and restricted cash of 12.0", 12.0, True),
        ("~261M cash (297.7M incl. restricted)", 261e6, False),
        ("Q1-26 10-Q: cash 205.7M + 76.9M restricted", 205.7e6, False),
        ("unrestricted cash 255.4m", 255.4e6, False),
        ("EDGAR companyfacts extract: cash 118.4M FY2025 (consolidated incl WYFI 114.4M)", 118.4e6, False),
        ("cash + digital assets 778.6m (combined)", 778.6e6, False),
        ("cash and marketable securities $4.2bn (includes securities)", 4.2e9, False),
        ("", 1.0, False),
    ],
)
def test_cash_says_whether_it_includes_restricted_cash(evidence, value_usd, expected):
    assert cash_includes_restricted(evidence, value_usd) is expected


def test_restricted_cash_says_whether_the_row_of_cash_includes_it():
    assert says_cash_includes("zero ON PURPOSE: the 585.4 cash row may include restricted; the 3/31 row")
    assert says_cash_includes("zero ON PURPOSE: the 4,059m cash row of this date already includes the escrow")
    assert not says_cash_includes("derived 120.9 cash incl. restricted less 41.6")
    assert not says_cash_includes("10-Q: restricted 60,244 + 80,593")


def test_the_rows_of_the_bundled_universe_that_include_restricted_cash_are_these():
    facts = universes.load("miners").facts
    cash = facts[facts["item"] == "cash"]
    told = [cash_includes_restricted(str(e), v) for e, v in zip(cash["evidence"], cash["value"], strict=True)]
    found = {
        (row.ticker, f"{row.period_end:%Y-%m-%d}", f"{row.published_on:%Y-%m-%d}") for row in cash[told].itertuples()
    }
    # Read by eye in financials.csv: every row of cash whose evidence says so, and no other.
    assert found == {
        ("APLD", "2025-02-28", "2025-04-14"), ("CIFR", "2026-06-30", "2026-08-04"), ("CLSK", "2026-06-30", "2026-08-06"),
        ("HUT", "2026-06-30", "2026-08-04"), ("IREN", "2026-06-30", "2026-08-27"), ("MARA", "2026-06-30", "2026-08-06"),
        ("RIOT", "2026-06-30", "2026-08-10"), ("WULF", "2026-03-31", "2026-04-14"), ("WULF", "2026-06-30", "2026-08-05"),
    }  # fmt: skip


def test_operating_power_says_whether_hosted_power_is_inside():
    assert includes_hosted("sum of sites marked operational; includes hosted and UAE 250 JV")
    assert includes_hosted("~1.1 GW across the fleet, 57-58 EH/s (mid-2025)")
    assert not includes_hosted("815 under management (10-Q comparative) less gas generation 310 less partner 140")
    facts = universes.load("miners").facts
    operating = facts[facts["item"] == "mw_operating"]
    told = operating["evidence"].fillna("").map(includes_hosted)
    assert set(operating.loc[told, "ticker"]) == {"MARA"}
