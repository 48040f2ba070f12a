"""A portfolio of every kind on the bundled miners: values, exposures, what moved, volumes, limits and its page."""

from __future__ import annotations

import json
from dataclasses import replace

import lxml.html
import numpy as np
import pandas as pd
import pytest

from exports.html.portfolio import write_portfolio
from exports.tables.machine import write_object
from exports.tables.portfolio import risk_page, scenario_page, value_page
from exports.tables.portfolio.brief import brief, caveats
from exports.tables.portfolio.words import dollars, power
from screener import portfolio
from screener.errors import Unreachable
from screener.loading import load_inputs
from screener.portfolio import Settings
from screener.portfolio.history import traded
from screener.run_config import resolve_config
from screener.sources import registry
from screener.sources.yahoo.source import YAHOO
from tests.exports.html.documents import faults
from tests.screener.portfolio.made import EVERY_KIND, holdings
from valuation.portfolio.limits import LIMITS
from valuation.portfolio.options import delta

OCTOBER = pd.Timestamp("2026-10-05")
SET = {"largest_long": 0.25, "gross_exposure": 1.2, "var_95": 0.2}


@pytest.fixture(scope="module")
def data():
    return load_inputs(resolve_config("miners").universe, OCTOBER, "bundled")


@pytest.fixture(scope="module")
def found(data):
    limits = {name: replace(LIMITS[name], value=level) for name, level in SET.items()}
    settings = Settings(fx={"CAD": 0.72}, limits=limits)
    return portfolio.report(resolve_config("miners"), data, holdings(), OCTOBER, settings)


def test_the_net_value_by_hand(found):
    """Closes of 5 October 2026 as in prices.csv; SPY's last is 765.72, bitcoin stands at 84,518."""
    shares = 60_000 * 19.32 + 25_000 * 40.48 + 70_000 * 14.79 - 40_000 * 11.17 + 300 * 765.72
    others = 2.5 * 84_518 + 62_400 - 15_200 + 1_000 + 2_400 + 98_500 + 250_000 - 40_000 * 0.72
    assert found.portfolio.net == pytest.approx(shares + others)
    assert set(found.portfolio.unpriced["ticker"]) == {"CORZ 260116C00020000", "XYZQ"}
    assert found.portfolio.pnl_known == (11, 14)


def test_exposures_by_hand(found):
    rows = found.portfolio.positions.set_index("ticker")
    call = rows.loc["IREN 270115C00045000"]
    years = 102 / 365  # to 15 January 2027
    assert call["delta"] == pytest.approx(delta(40.48, 45, years, call["implied_volatility"], "call"))
    assert call["exposure_usd"] == pytest.approx(120 * 100 * call["delta"] * 40.48)
    by_name = found.portfolio.by_name()
    assert by_name["IREN"] == pytest.approx(25_000 * 40.48 + call["exposure_usd"])
    assert by_name["BTC-USD"] == pytest.approx(2.5 * 84_518 - 42_500)
    assert by_name["CLSK"] == pytest.approx(62_400)
    assert rows.at["RIOT 270115P00018000", "exposure_usd"] > 0  # puts that were sold
    assert found.risk.names.loc["IREN", "weight"] == pytest.approx(by_name["IREN"] / found.portfolio.net)
    assert {"CIFR 270115C00010000", "CORZ 260116C00020000", "XYZQ", "565788AL8"} <= set(found.risk.left_out)


def test_what_moved_since_the_last_weekly_close(found, data):
    assert found.moves.since == pd.Timestamp("2026-10-02")
    held = found.portfolio.positions
    closes = data.closes[data.closes["date"] == "2026-10-02"].set_index("ticker")["close_usd"]
    at = held.index[held["ticker"] == "WULF"][0]
    assert found.moves.positions.at[at, "pnl_usd"] == pytest.approx(70_000 * (14.79 - closes["WULF"]))
    at = held.index[held["ticker"] == "CLSK CFD"][0]
    assert found.moves.positions.at[at, "pnl_usd"] == pytest.approx(62_400 * (1 - closes["CLSK"] / 12.48))
    assert found.moves.known == (9, 14)


def test_a_split_within_the_week_is_no_move(data):
    """CANG went 1 for 10 on 21 July 2026: 300 new shares were 3,000 old ones a week before."""
    cang = ("Main", "CANG", "equity", "Cango", 300, 4_500, np.nan, 1, np.nan, "USD", "", "", np.nan, pd.NaT, np.nan)
    found = portfolio.report(resolve_config("miners"), data, holdings([cang]), pd.Timestamp("2026-07-24"), Settings())
    closes = data.closes[data.closes["ticker"] == "CANG"].set_index("date")["close_usd"]
    expected = closes["2026-07-24"] / (10 * closes["2026-07-17"]) - 1
    assert found.moves.since == pd.Timestamp("2026-07-17")
    assert found.moves.positions.iloc[0]["change"] == pytest.approx(expected)
    assert abs(expected) < 0.5


def test_only_what_somebody_set_is_judged(found):
    assert list(found.limits.index[:3]) == list(SET)
    assert list(found.limits["state"][:3]) == ["BREACH", "BREACH", "within"]
    assert set(found.limits["state"][3:]) == {"not set"}
    assert found.manifest["limits"] == SET


def test_the_brief_says_what_is_in_the_figures_and_what_is_not(found):
    told = {line.name: f"{line.title}. {line.text}" for line in brief(found)}
    assert told["value"].startswith("Net value $3,571,011. Long $3,811,811, short -$462,000, cash $221,200.")
    assert (
        "Profit and loss +$1,355,311, of 11 of 14 positions; of the others value or cost is unknown." in told["value"]
    )
    assert "secured power 546.3 kW" in told["look_through"]
    assert "95% block-bootstrap interval" in told["risk"]
    assert told["liquidity"] == "Days to liquidate. Not known: the source gives no volumes (--source yahoo does)."
    assert told["limits"].startswith("2 of 3 limits in breach. Largest long exposure to one name (IREN; without CIFR")
    beside = " ".join(caveats(found))
    for words in ("Without a price, excluded from all totals: CORZ 260116C00020000 and XYZQ.",
                  "CIFR 270115C00010000 (its price of $1.00 is below its exercise value of $5.48)", "Black-Scholes",
                  "At a stale close: SPY"):  # fmt: skip
        assert words in beside


def test_the_unit_of_power_fits():
    assert [power(mw) for mw in (4.8, 0.0265, 1.0, -0.5, -2, float("nan"))] == [
        "4.8 MW", "26.5 kW", "1.0 MW", "-500.0 kW", "-2.0 MW", "n/a",
    ]  # fmt: skip
    assert [dollars(usd, "+") for usd in (1234.4, -1234.4, 45_678_901, float("nan"))] == [
        "+$1,234",
        "-$1,234",
        "+$46m",
        "n/a",
    ]


def test_a_large_fund_owns_megawatts(data):
    rows = [(*row[:4], row[4] * 100, *row[5:]) for row in EVERY_KIND[:4]]
    large = portfolio.report(resolve_config("miners"), data, holdings(rows), OCTOBER, Settings())
    told = " ".join(f"{line.title}. {line.text}" for line in brief(large))
    assert "secured power 54.6 MW" in told
    assert "kW" not in told


def test_the_page_is_one_strict_file_with_every_part(found, tmp_path):
    path = tmp_path / "p.html"
    write_portfolio(found, path)
    text = path.read_text()
    assert faults(text) == []
    root = lxml.html.fromstring(text)
    parts = [one.get("id") for one in root.xpath("//main/section | //main/details")]
    order = [
        "portfolio",
        "positions",
        "moves",
        "look-through",
        "risk",
        "liquidity",
        "scenarios",
        "limits",
        "record",
        "glossary",
    ]
    assert [part for part in parts if not part.startswith("scenario-")] == order
    opening = text.partition("<table")[0]
    assert "Net value $3,571,011." in opening
    assert "2 of 3 limits in breach" in opening
    assert "src=" not in text
    shown = " ".join(root.text_content().split())
    for words in (
        "Guaranteed backlog by guarantor",
        "Implied volatility",
        "546.3 kW",
        "harmonic",
        "not set",
        "stationary bootstrap",
    ):
        assert words in shown, words


def test_a_scenario_asked_for_stands_first_and_open(found, tmp_path):
    chosen = tuple(one for one in found.scenarios if one.name == "tenant")
    path = tmp_path / "p.html"
    write_portfolio(found, path, chosen)
    root = lxml.html.fromstring(path.read_text())
    first, second = root.xpath("//*[@id='scenario-1' or @id='scenario-2']")
    assert (first.tag, second.tag) == ("section", "details")
    assert chosen[0].title in first.text_content()


def test_the_keys_of_json_stay_and_new_ones_are_there(found, tmp_path):
    for page in (value_page(found), risk_page(found), scenario_page(found, found.scenarios)):
        write_object(page.content, tmp_path / "p.json")
        out = json.loads((tmp_path / "p.json").read_text())
        assert {"manifest", "prices", "notes", "net_usd", "long_usd", "short_usd", "cash_usd", "pnl_usd", "fx", "positions",
                "look_through", "risk", "scenarios", "limits"} <= set(out)  # fmt: skip
    assert out["exposure"]["gross_usd"] == pytest.approx(found.portfolio.gross_exposure)
    assert out["pnl_positions"] == {"known": 11, "of": 14}
    assert out["look_through"]["ev_per_mw_weighted"] == pytest.approx(found.look_through.ev_per_mw_weighted)
    assert out["look_through"]["means"][1]["figure"] == "p_nav"
    assert out["look_through"]["guarantors"][0]["guarantor"] == "unnamed, investment grade"
    assert out["moves"]["since"].startswith("2026-10-02")
    assert "not known" in out["liquidity"]["note"]


def test_volumes_come_from_a_source_that_has_them(found, data, monkeypatch):
    days = pd.bdate_range("2026-09-21", OCTOBER)

    def volumes(symbols, since, until):
        on = days[(days >= since) & (days <= until)]
        rows = [pd.DataFrame({"date": on, "ticker": s, "volume": 10_000.0 * (1 + np.arange(len(on)) % 2)}) for s in symbols
                if s != "SPY"]  # fmt: skip
        return pd.concat(rows, ignore_index=True)

    monkeypatch.setitem(registry.LIVE, "yahoo", replace(YAHOO, daily_volumes=volumes))
    got, note = traded(found.portfolio, replace(data, source="yahoo"), OCTOBER)
    assert note == ""
    assert got.sessions == 11
    average = 10_000 * (6 * 1 + 5 * 2) / 11
    assert got.names.at["WULF", "days"] == pytest.approx(70_000 / (0.2 * average))
    assert set(got.unknown) == {"SPY"}

    def nothing(*_):
        raise Unreachable("Yahoo cannot be reached", source="yahoo")

    monkeypatch.setitem(registry.LIVE, "yahoo", replace(YAHOO, daily_volumes=nothing))
    got, note = traded(found.portfolio, replace(data, source="yahoo"), OCTOBER)
    assert got is None
    assert note == "not known: Yahoo cannot be reached"
