"""Kinds of rows and contracts: every spelling of an option, funds against coins, bonds, futures, pence, identifiers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from screener.errors import HoldingsError
from screener.holdings import Choices, read
from screener.holdings.contracts import contract_of
from screener.holdings.days import days_of
from screener.holdings.identifiers import is_debt_cusip, is_isin, tickers_by_isin
from screener.holdings.symbols import spelled

NAN = float("nan")


def rows(tmp_path, text: str, **choices: object) -> pd.DataFrame:
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return read([path], Choices(**choices)).frame


@pytest.mark.parametrize(
    ("symbol", "name", "expected"),
    [
        ("IREN  270115C00060000", "", "IREN270115C00060000"),
        ("IREN270115C00060000", "", "IREN270115C00060000"),
        ("-IREN270115C60", "", "IREN270115C00060000"),
        (".IREN270115C60", "", "IREN270115C00060000"),
        ("-IREN270115P7.5", "", "IREN270115P00007500"),
        ("IREN 01/15/2027 60.00 C", "", "IREN270115C00060000"),
        ("IREN 15JAN27 60 C", "", "IREN270115C00060000"),
        ("IREN 15JAN27 60.5 P", "", "IREN270115P00060500"),
        ("IREN15Jan27C60.00", "", "IREN270115C00060000"),
        ("IREN Jan 15 '27 $60 Call", "", "IREN270115C00060000"),
        ("IREN $60 Call 1/15/2027", "", "IREN270115C00060000"),
        ("IREN C60.00 15JAN27", "", "IREN270115C00060000"),
        ("IREN_011527C60", "", "IREN270115C00060000"),
        ("IREN#A1527D600000", "", "IREN270115C00060000"),
        ("IREN#M1527D600000", "", "IREN270115P00060000"),
        ("BRK.B 15JAN27 500 C", "", "BRK.B270115C00500000"),
        ("SPX 15JAN27 6,000 C", "", "SPX270115C06000000"),
        ("IREN", "IREN 1/15/2027 Call $60.00", "IREN270115C00060000"),
        ("IREN", "CALL IREN LIMITED $60 EXP 01/15/27", "IREN270115C00060000"),
        ("IREN", "IREN JAN 15 2027 $60 CALL", "IREN270115C00060000"),
        ("IREN", "PUT (IREN) IREN LIMITED JAN 15 27 $60 (100 SHS)", "IREN270115P00060000"),
        ("IREN1", "IREN1 15JAN27 60 C", "IREN1270115C00060000"),
        ("IREN", "IREN LIMITED ORD SHS", None),
        ("ELY", "CALLAWAY GOLF CO 2027", None),
        ("PUTNAM", "PUTNAM FUND 2030", None),
        ("BRK.B", "", None),
    ],
)
def test_a_contract_in_every_spelling(symbol, name, expected):
    found = contract_of(symbol, name)
    assert (found.symbol if found else None) == expected


def test_an_adjusted_root_names_its_share_and_is_told(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("Symbol,Quantity,Price,Multiplier\nIREN1  270115C00060000,2,1.5,10\n")
    found = read([path])
    row = found.frame.iloc[0]
    assert (row["underlying"], row["unit"], row["price"]) == ("IREN", 10, 15)
    assert any("IREN1270115C00060000: adjusted contracts" in note for note in found.notes)


KINDS = [
    ("Symbol,Name,Quantity,Price", "BTC,Grayscale Bitcoin Mini Trust ETF,100,37.2", ("BTC", "fund", 1)),
    ("Symbol,Name,Quantity,Price", "BTC,Bitcoin,0.1,85000", ("BTC-USD", "coin", 1)),
    ("Symbol,Quantity,Price", "BTC,100,37.2", ("BTC", "fund", 1)),
    ("Symbol,Quantity,Price", "BTC,0.1,85000", ("BTC-USD", "coin", 1)),
    ("Symbol,Quantity,Cost", "BTC,100,3000", ("BTC", "fund", 1)),
    ("Symbol,Type,Quantity", "BTC,Crypto,100", ("BTC-USD", "coin", 1)),
    ("Symbol,Type,Quantity", "BTC,ETF,100", ("BTC", "fund", 1)),
    ("Symbol,Quantity", "BTC-USD,2", ("BTC-USD", "coin", 1)),
    ("Symbol,Quantity", "BTC/USD,2", ("BTC-USD", "coin", 1)),
    ("Symbol,Quantity", "XBTUSD,2", ("BTC-USD", "coin", 1)),
    ("Symbol,Quantity,Price", "ETH,10,25", ("ETH", "fund", 1)),
    ("Symbol,Quantity,Price", "ETH,10,3900", ("ETH-USD", "coin", 1)),
    ("Symbol,Name,Quantity,Price", "SOL,Emeren Group,10,2", ("SOL", "equity", 1)),
    ("Symbol,Name,Quantity,Price", "SOL,Solana,10,150", ("SOL-USD", "coin", 1)),
    (
        "Symbol,Security Type,Quantity,Price",
        "MARA 0 03/01/30,Fixed Income,10000,98.5",
        ("MARA 0 03/01/30", "bond", 0.01),
    ),
    ("Symbol,Name,Quantity,Price", "565788AL8,MARA HLDGS INC,10000,98.5", ("565788AL8", "bond", 0.01)),
    ("Symbol,Name,Quantity,Price", "TLT,ISHARES 20+ YEAR TREASURY BOND ETF,10,90", ("TLT", "fund", 1)),
    ("Symbol,Name,Quantity,Price", "GREEL,GREENIDGE 8.50% SENIOR NOTES DUE 10/31/2026,10,20", ("GREEL", "bond", 1)),
    ("Symbol,Asset Class,Quantity,Price", "MBTV6,Futures,2,85000", ("MBTV6", "future", 0.1)),
    ("Symbol,Quantity,Price", "/MBTV26,2,85000", ("/MBTV26", "future", 0.1)),
    ("Symbol,Name,Quantity,Price", "FF,FUTURE FUEL CORP,10,4", ("FF", "equity", 1)),
    ("Symbol,Name,Quantity,Price", "BITO,PROSHARES BITCOIN FUTURES ETF,10,20", ("BITO", "fund", 1)),
    ("Symbol,Asset Class,Quantity,Price", "TSLA,CFD,10,400", ("TSLA", "cfd", 1)),
    ("Symbol,Name,Quantity,Price", "CCV,CASH CONVERTERS INTL,10,", ("CCV", "equity", 1)),
    ("Symbol,Name,Quantity,Price", "SPAXX,FIDELITY GOVERNMENT MONEY MARKET,10,1", ("CASH", "cash", 1)),
    ("Symbol,Type,Quantity,Price", "WULF,Cash,10,14.79", ("WULF", "equity", 1)),
    ("Name,ISIN,Quantity,Price,Currency", "MARA HLDGS,US565788AL88,10000,98.5,USD", ("US565788AL88", "bond", 0.01)),
    ("Symbol,Name,Quantity,Price", ",IREN 1/15/2027 Call $60.00,2,1.2", ("IREN270115C00060000", "option", 100)),
    (
        "Symbol,Put/Call,Strike,Expiration,Quantity,Price",
        "IREN,P,38,2027-01-15,-10,2",
        ("IREN270115P00038000", "option", 100),
    ),
    (
        "Symbol,Type,Strike,Expiration,Quantity,Price",
        "IREN,Call,60,01/15/2027,2,1.2",
        ("IREN270115C00060000", "option", 100),
    ),
]


@pytest.mark.parametrize(("header", "row", "expected"), KINDS)
def test_the_kind_of_a_row(tmp_path, header, row, expected):
    found = rows(tmp_path, f"{header}\n{row}\n").iloc[0]
    assert (found["ticker"], found["kind"], found["unit"]) == expected


def test_bitcoin_or_the_trust_is_decided_by_the_user_where_nothing_tells_them_apart(tmp_path):
    with pytest.raises(HoldingsError, match="--kind BTC=coin or --kind BTC=fund"):
        rows(tmp_path, "Symbol,Quantity\nBTC,2\n")
    assert rows(tmp_path, "Symbol,Quantity\nBTC,2\n", kinds={"BTC": "coin"})["ticker"].iloc[0] == "BTC-USD"
    assert rows(tmp_path, "Symbol,Quantity\nBTC,2\n", kinds={"BTC": "fund"})["ticker"].iloc[0] == "BTC"


def test_two_contracts_without_strikes_do_not_become_one(tmp_path):
    frame = rows(tmp_path, "Symbol,Security Type,Name,Quantity\nIREN,Option,near,2\nIREN,Option,far,-1\n")
    assert frame["ticker"].nunique() == 2
    assert set(frame["kind"]) == {"option"}


MONEY = [
    # header, row, currency, price of one, value, cost
    ("Symbol,Quantity,Price,Currency", "VOD.L,1000,72.5,GBp", ("GBP", 0.725, NAN, NAN)),
    ("Symbol,Quantity,Price,Currency", "VOD.L,1000,72.5,GBX", ("GBP", 0.725, NAN, NAN)),
    ("Symbol,Quantity,Price,Currency", "VOD.L,1000,0.725,GBP", ("GBP", 0.725, NAN, NAN)),
    ("Symbol,Quantity,Price", "VOD.L,1000,72.5p", ("GBP", 0.725, NAN, NAN)),
    ("Symbol,Quantity,Price,Value,Currency", "VOD.L,1000,72.5,725,GBX", ("GBP", 0.725, 725, NAN)),
    ("Symbol,Quantity,Price,Value,Currency", "VOD.L,1000,72.5,72500,GBX", ("GBP", 0.725, 725, NAN)),
    ("Symbol,Quantity,Price,Value,Cost,Currency", "VOD.L,1000,72.5,725,700,GBX", ("GBP", 0.725, 725, 700)),
    ("Symbol,Quantity,Price,Value,Average Cost,Currency", "VOD.L,1000,72.5,725,70,GBX", ("GBP", 0.725, 725, 700)),
    ("Symbol,Quantity,Price,Currency", "NPN.JO,10,500000,ZAc", ("ZAR", 5000, NAN, NAN)),
    ("Symbol,Quantity,Price,Currency", "TEVA.TA,10,6400,ILA", ("ILS", 64, NAN, NAN)),
    ("Symbol,Quantity,Price,Currency", "X,10,1950,USX", ("USD", 19.5, NAN, NAN)),
    ("Symbol,Quantity,Price", "HUT.TO,10,123.9", ("CAD", 123.9, NAN, NAN)),
    ("Symbol,Quantity,Price", "SAP.DE,10,200", ("EUR", 200, NAN, NAN)),
    ("Symbol,Quantity,Price", "BHP.AX,10,40", ("AUD", 40, NAN, NAN)),
    ("Symbol,Quantity,Price", "TSX:HUT,10,123.9", ("CAD", 123.9, NAN, NAN)),
    ("Symbol,Quantity,Price", "RIOT,10,C$27.10", ("CAD", 27.1, NAN, NAN)),
    ("Symbol,Quantity,Price", "RIOT,10,EUR 16.50", ("EUR", 16.5, NAN, NAN)),
    ("Symbol,Quantity,Price", "RIOT,10,19.32", ("USD", 19.32, NAN, NAN)),
]


@pytest.mark.parametrize(("header", "row", "expected"), MONEY)
def test_currencies_and_their_hundredths(tmp_path, header, row, expected):
    found = rows(tmp_path, f"{header}\n{row}\n").iloc[0]
    assert found["currency"] == expected[0]
    assert tuple(found[["price", "value", "cost"]]) == pytest.approx(expected[1:], nan_ok=True)


@pytest.mark.parametrize(("ticker", "codes"), [("VOD.L", "GBX|GBP"), ("NPN.JO", "ZAC|ZAR"), ("TEVA.TA", "ILA|ILS")])
def test_hundredths_or_not_is_decided_by_the_user_where_the_file_does_not_say(tmp_path, ticker, codes):
    part, main = codes.split("|")
    text = f"Symbol,Quantity,Price\n{ticker},10,725\n"
    with pytest.raises(HoldingsError, match=f"--currency {part} or --currency {main}"):
        rows(tmp_path, text)
    assert rows(tmp_path, text, currency=part)["price"].iloc[0] == pytest.approx(7.25)
    assert rows(tmp_path, text, currency=main)["price"].iloc[0] == 725
    # Without any figure of money nothing is in doubt.
    assert rows(tmp_path, f"Symbol,Quantity\n{ticker},10\n")["currency"].iloc[0] == main


def test_identifiers(tmp_path):
    assert all(is_isin(code) for code in tickers_by_isin())
    assert not is_isin("US7672921051")
    assert is_debt_cusip("565788AL8")
    assert not is_debt_cusip("767292105")
    frame = rows(
        tmp_path, "ISIN,Name,Quantity,Price,Currency\nUS7672921050,Riot,10,19.32,USD\nDE0007164600,SAP,5,200,EUR\n"
    )
    assert list(frame["ticker"]) == ["RIOT", "DE0007164600"]
    # IREN of Milan is another company than IREN of Nasdaq.
    frame = rows(tmp_path, "Symbol,ISIN,Quantity,Price,Currency\nIREN,IT0003027817,10,2.50,EUR\n")
    assert list(frame["ticker"]) == ["IT0003027817"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("brk/b", "BRK.B"), ("BRK B", "BRK.B"), ("NASDAQ:RIOT", "RIOT"), ("RIOT US Equity", "RIOT"), ("RIOT.US", "RIOT"),
        ("LON:VOD", "VOD.L"), ("VOD LN Equity", "VOD.L"), ("HUT.TO", "HUT.TO"), ("NA", "NA"),
    ],
)  # fmt: skip
def test_a_ticker_in_one_spelling(text, expected):
    assert spelled(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("as of 04:05 PM ET, 2026/10/05", "2026-10-05"), ("Date downloaded Oct-05-2026 4:32 p.m ET", "2026-10-05"),
        ("7/1/2026", "2026-07-01 or 2026-01-07"), ("13/7/2026", "2026-07-13"), ("07/31/2026", "2026-07-31"),
        ("1 July 2026", "2026-07-01"), ("01-Jul-2026", "2026-07-01"), ("01.07.2026", "2026-07-01"), ("1.7.26", "2026-07-01"),
        ("20260701", "2026-07-01"), ("21-Sep-26", "2026-09-21"), ("July 1st, 2026", "2026-07-01"),
        ("1. Juli 2026", "2026-07-01"), ("1er juillet 2026", "2026-07-01"),
        ("1 de julio de 2026", "2026-07-01"), ("2026-01-16T10:00", "2026-01-16"),
        ("7/7/2026", "2026-07-07"), ("31.02.2026", ""), ("account 12345678", ""), ("version 1.2.3", ""),
    ],
)  # fmt: skip
def test_a_day_in_every_spelling(text, expected):
    found = days_of(text)
    assert " ".join(f"{d.day}" + (f" or {d.other}" if d.other else "") for d in found) == expected


def test_a_future_is_worth_nothing_and_a_cfd_its_profit(tmp_path):
    text = (
        "Symbol,Asset Class,Quantity,Multiplier,Price,Value,Unrealized P/L\n"
        "MBTV6,Futures,-5,0.1,85000,-42500,-1500\nTSLA,CFD,10,1,400,4000,-125.5\nNVDA,CFD,10,1,180,1800,\n"
    )
    frame = rows(tmp_path, text).set_index("ticker")
    assert tuple(frame.loc["MBTV6", ["value", "notional"]]) == (0, -42500)
    assert tuple(frame.loc["TSLA", ["value", "notional"]]) == (-125.5, 4000)
    assert np.isnan(frame.at["NVDA", "value"])
    assert frame["cost"].isna().all()
