"""Files that tools of the field read wrong, from public bug reports: each is read right, or refused with what to do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from screener.cli import cli
from screener.errors import HoldingsError
from screener.holdings import Choices, read
from valuation.portfolio.positions import value

CASES = Path(__file__).parent / "cases"
DAY = pd.Timestamp("2026-10-05")
FX = {"GBP": 1.3, "EUR": 1.15}
NO_QUOTES = pd.DataFrame(columns=["company", "name", "price_usd", "status", "cause"])


@dataclass(frozen=True)
class Refused:
    """Words of the message that a file is refused with."""

    words: str


# File, what it is worth in USD by ticker at its own prices (None without a price), or why it is refused.
FILES = [
    ("gbp-pence.csv", {"VOD.L": 942.5}),
    ("three-decimals.csv", Refused("--decimal . or --decimal ,")),
    ("unquoted-thousands.csv", Refused("a thousands comma without quotes shifts the columns")),
    ("bond-percent-of-par.csv", {"565788AL8": 9850, "RIOT": 1932}),
    ("btc-is-an-etf-too.csv", {"BTC": 3720, "RIOT": 1932}),
    ("total-in-a-fund-name.csv", {"VTI": 30_000, "VBTLX": 9700, "RIOT": 1932}),
    ("transactions-are-no-holdings.csv", Refused("Charles Schwab transactions: a history of trades")),
    (
        "option-with-the-underlyings-symbol.csv",
        {"IREN270115P00038000": -2030, "IREN270115C00060000": 240, "RIOT": 1932},
    ),
    ("occ-symbol-padded.csv", {"CORZ": 11_620, "IREN270115C00060000": -240}),
    ("futures-at-notional.csv", {"RIOT": 1932, "MBTV6": 0, "CASH": 50_000}),
    ("worthless-position.csv", {"BLIAQ": 0, "VTI": 3000}),
    ("short-profit.csv", dict.fromkeys(["XYA", "XYB", "XYC", "XYD"], -1200)),
    ("ticker-NA.csv", {"NA": 500, "TRUE": 20, "NULL": 3, "NAN": 1}),
    ("broker-vanguard.csv", {"RIOT": 9620, "CASH": 2500.55, "CLSK": 3342.5}),
    ("broker-robinhood_activity.csv", Refused("Robinhood account activity: a history of trades")),
    ("broker-fid_hist.csv", Refused("Fidelity account history: a history of trades")),
    ("broker-schwab_tx.csv", Refused("Charles Schwab transactions: a history of trades")),
    ("broker-trading212.csv", Refused("Trading 212 history: a history of trades")),
    ("broker-trading212_pie.csv", Refused("--currency CODE")),
    ("broker-etrade.csv", {"IREN": 5782, "KEEL": 8850, "CASH": 1234.56}),
    ("broker-degiro.csv", {"IREN": 5782, "HUT": 2982.5, "CASH": 1234 * 1.15}),
    ("broker-degiro_en.csv", {"IREN": 5782, "HUT": 2982.5, "CASH": 1234 * 1.15}),
    ("broker-revolut.csv", {"WULF": 2770, "HIVE": 2255.5}),
    ("broker-ibkr_flex.csv", {"APLD": 14_960, "RIOT": 11_544, "MARA260320C00015000": 425}),
    ("broker-a.csv", {"IREN": None}),
    ("broker-simple_alias.csv", {"BITF": None, "IREN": None, "XYZQ": None}),
]


@pytest.mark.parametrize(("file", "expected"), FILES, ids=[file for file, _ in FILES])
def test_a_file_is_worth_what_it_says_or_is_refused(file, expected):
    if isinstance(expected, Refused):
        with pytest.raises(HoldingsError) as error:
            read([CASES / file])
        assert expected.words in str(error.value)
        return
    holdings = read([CASES / file])
    assert holdings.left_out == ()
    positions = value(holdings.frame, NO_QUOTES, FX, holdings.date or DAY).positions.set_index("ticker")["value_usd"]
    found = {ticker: None if pd.isna(worth) else worth for ticker, worth in positions.items()}
    assert found == {ticker: worth if worth is None else pytest.approx(worth) for ticker, worth in expected.items()}


def test_every_file_of_the_cases_is_tried():
    tried = {file for file, _ in FILES} | {"tsv-thousands.tsv", "equal-lots.csv", "1904-dates.xlsx"}
    assert {path.name for path in CASES.iterdir()} == tried | {f"day-{i}.csv" for i in range(6)}


@pytest.mark.parametrize("spelling", range(6))
def test_a_day_in_each_spelling_is_seen(spelling):
    path = CASES / f"day-{spelling}.csv"
    if spelling == 1:  # 7/1/2026
        with pytest.raises(HoldingsError, match="1 July 2026 or 7 January 2026: --date-order mdy or --date-order dmy"):
            read([path])
        assert read([path], Choices(date_order="dmy")).date == pd.Timestamp("2026-01-07")
    assert read([path], Choices(date_order="mdy")).date == pd.Timestamp("2026-07-01")


def test_serials_of_a_workbook_that_counts_from_1904():
    assert read([CASES / "1904-dates.xlsx"]).date == pd.Timestamp("2026-07-01")


def test_thousands_commas_between_tabs_and_equal_lots():
    row = read([CASES / "tsv-thousands.tsv"]).frame.iloc[0]
    assert (row["ticker"], row["quantity"], row["cost"]) == ("IREN", 1000, 180_500)
    with pytest.raises(HoldingsError, match="--allow-duplicates adds equal lines as lots"):
        read([CASES / "equal-lots.csv"])
    assert read([CASES / "equal-lots.csv"], allow_duplicates=True).frame["quantity"].sum() == 8


def test_the_pie_loads_with_its_currency():
    frame = read([CASES / "broker-trading212_pie.csv"], Choices(currency="EUR")).frame
    assert list(frame[["ticker", "quantity", "cost", "value", "currency"]].itertuples(index=False, name=None)) == [
        ("IREN", 26, 1000, 1500, "EUR"),
        ("CIFR", 37, 500, 700, "EUR"),
    ]


def test_profit_is_unknown_where_a_file_has_no_cost():
    assert read([CASES / "broker-a.csv"]).frame["cost"].isna().all()


def test_the_command_says_how_a_file_was_read_and_applies_a_split_since(tmp_path):
    """1,000 CANG of 1 July are 100 since the 1-for-10 of 21 July 2026."""
    out = tmp_path / "p.json"
    arguments = ["portfolio", "value", str(CASES / "day-2.csv"), "--as-of", "2026-10-05", "--source", "bundled"]
    done = CliRunner().invoke(cli, [*arguments, "--out", str(out)])
    assert done.exit_code == 0, done.output
    found = json.loads(out.read_text())
    assert [(p["ticker"], p["quantity"]) for p in found["positions"]] == [("CANG", 100.0)]
    assert any(
        "day-2.csv read as a table with a symbol and a quantity: 1 position of 2026-07-01" in n for n in found["notes"]
    )
