"""`screener portfolio` on the bundled miners: values by hand, a split and a CAD line, scenarios, limits, live sources."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

from screener import pipeline, portfolio, scenarios, universes
from screener.cli import cli
from screener.errors import HoldingsError, NotKnown, ScreenerError, Unreachable
from screener.loading import load_inputs
from screener.portfolio import Settings
from screener.run_config import resolve_config
from screener.screen import value_dates
from screener.sources import registry
from screener.sources.fetched import CLOSE_COLUMNS, FACT_COLUMNS, SPLIT_COLUMNS, Fetched, stack
from screener.sources.yahoo.source import YAHOO
from valuation.nav.analysis import ScenarioResult
from valuation.portfolio.limits import LIMITS

HERE = Path(__file__).parents[1] / "holdings"
OCTOBER = pd.Timestamp("2026-10-05")
BUNDLED = Settings(fx={"CAD": 0.72})


def report(paths, as_of, settings, source="bundled"):
    config = resolve_config("miners")
    data = load_inputs(config.universe, as_of, source)
    return portfolio.report(config, data, portfolio.read(paths), as_of, settings)


def raw_close(day: str, ticker: str) -> float:
    """A close as the file has it; no code of the program."""
    with open(universes.HOME / "miners" / "prices.csv", encoding="utf-8") as file:
        return next(float(r["close_usd"]) for r in csv.DictReader(file) if (r["date"], r["ticker"]) == (day, ticker))


def saved(tmp_path: Path, text: str, name: str = "mine.csv") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


MIXED = """Positions as of 2026-06-30
Account,Symbol,Quantity,Average Cost,Currency
Main,RIOT,600,10,USD
Main,RIOT,400,16.25,USD
Main,CLSK,-500,11,USD
Main,HUT.TO,200,55.10,CAD
Main,CANG,3000,1.5,USD
Main,XYZQ,50,10,USD
Main,BITF,100,2,USD
Main,SPY,10,500,USD
Main,CASH,25000,,USD
Main,CASH,10000,,CAD
"""


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    path = saved(tmp_path_factory.mktemp("mixed"), MIXED)
    return report([path], pd.Timestamp("2026-07-24"), BUNDLED)


def test_long_short_cash_cad_unknown_and_split_by_hand(mixed):
    rows = mixed.portfolio.positions.set_index(["ticker", "currency"])
    day = "2026-07-24"
    riot, clsk, hut, cang, keel, spy = (raw_close(day, t) for t in ("RIOT", "CLSK", "HUT", "CANG", "KEEL", "SPY"))
    worth = {
        ("RIOT", "USD"): (1000, 1000 * riot, 12_500),
        ("CLSK", "USD"): (-500, -500 * clsk, -5_500),
        ("HUT.TO", "CAD"): (200, 200 * hut, 200 * 55.10 * 0.72),
        ("CANG", "USD"): (300, 300 * cang, 4_500),  # 1 for 10 on 2026-07-21
        ("BITF", "USD"): (100, 100 * keel, 200),
        ("SPY", "USD"): (10, 10 * spy, 5_000),
        ("XYZQ", "USD"): (50, np.nan, 500),
        ("CASH", "USD"): (25_000, 25_000, np.nan),
        ("CASH", "CAD"): (10_000, 7_200, np.nan),
    }
    assert set(rows.index) == set(worth)
    net = sum(value for _, value, _ in worth.values() if not np.isnan(value))
    for key, (quantity, value, cost) in worth.items():
        row = rows.loc[key]
        assert row["quantity"] == pytest.approx(quantity), key
        assert row["value_usd"] == pytest.approx(value, nan_ok=True), key
        assert row["cost_usd"] == pytest.approx(cost, nan_ok=True), key
        assert row["weight"] == pytest.approx(value / net, nan_ok=True), key
    assert mixed.portfolio.net == pytest.approx(net)
    assert rows.loc[("HUT.TO", "CAD"), "status"] == "proxy"
    assert rows.loc[("BITF", "USD"), "company"] == "KEEL"
    told = " ".join(mixed.notes)
    assert "CANG: one share of the file is 0.1 on the basis of the price (split)" in told
    assert "BITF is KEEL today" in told
    assert "No close known of XYZQ" in told
    assert "Quantities are of 2026-06-30, prices of 2026-07-24" in told


def test_a_file_of_after_the_split_is_brought_back(tmp_path):
    path = saved(tmp_path, "Symbol,Quantity\nCANG,300\n")
    settings = replace(BUNDLED, holdings_date=pd.Timestamp("2026-08-01"))
    found = report([path], pd.Timestamp("2026-07-17"), settings).portfolio.positions.iloc[0]
    assert found["quantity"] == pytest.approx(3000)
    assert found["value_usd"] == pytest.approx(3000 * raw_close("2026-07-17", "CANG"))


def test_the_part_of_riot_by_hand(tmp_path):
    """371,807,186 shares and 594.4m of notes that convert at 14.86, 1,800 MW secured, 16,925 coins on 2026-01-16."""
    path = saved(tmp_path, "Symbol,Quantity\nRIOT,1000\n")
    through = report([path], pd.Timestamp("2026-01-16"), BUNDLED).look_through
    part = 1000 / (371_807_186 + 594.4e6 / 14.86)
    row = through.companies.loc["RIOT"]
    assert row["share"] == pytest.approx(part)
    assert row["secured_mw"] == pytest.approx(part * 1800)
    assert row["bitcoin"] == pytest.approx(part * 16_925)
    assert list(through.counterparties.index) == ["AMD"]  # one tenant under all spellings


@pytest.fixture(scope="module")
def october():
    return report([HERE / "fidelity.csv", HERE / "interactive_brokers.csv"], OCTOBER, BUNDLED)


def test_risk_from_the_raw_closes(october):
    """Volatility, value at risk and beta from the price file, without the program's returns."""
    prices = pd.read_csv(universes.HOME / "miners" / "prices.csv", parse_dates=["date"])
    wide = prices.pivot(index="date", columns="ticker", values="close_usd").sort_index()
    weekly = wide[wide.index.day_of_week >= 3].loc[:"2026-10-02"].iloc[-105:]
    values = october.portfolio.by_name()
    names = [n for n in values.index if n in weekly]
    assert len(names) == 7
    returns = weekly[names].pct_change(fill_method=None).iloc[1:]
    mine = returns @ (values[names] / october.portfolio.net)
    found = october.risk
    assert found.n == 104
    assert found.volatility == pytest.approx(mine.std(ddof=1) * np.sqrt(52))
    assert found.losses.at[0.95, "var"] == pytest.approx(-np.quantile(mine, 0.05, method="inverted_cdf"))
    market = weekly["WGMI"].pct_change(fill_method=None).iloc[1:]
    slope = np.polyfit(market, mine, 1)[0]
    assert next(b.beta for b in found.betas if b.factor == "miners (WGMI)") == pytest.approx(slope)
    assert found.periods == "weekly"
    # The call on IREN counts at its delta; the one on CORZ is past its expiry.
    assert set(found.left_out) == {"CORZ260116C00020000", "BRK.B"}


def test_scenarios_by_hand(october):
    held = october.portfolio.positions
    by = {(s.name, s.method): s for s in october.scenarios}
    fall = by["bitcoin", "beta"].positions
    riot = held.index[held["ticker"] == "RIOT"][0]
    beta = october.risk.names.at["RIOT", "beta_bitcoin"]
    assert fall.at[riot, "pnl_usd"] == pytest.approx(held.at[riot, "value_usd"] * beta * -0.3)
    assert fall.loc[held["kind"] == "cash", "pnl_usd"].eq(0).all()

    # By net asset value each company's price moves as in `screener scenario run` with bitcoin at 0.7; shorts gain.
    fall = by["bitcoin", "net asset value"].positions
    expected = engine("bitcoin-30").table["price_change"]
    for ticker in ("RIOT", "MARA", "IREN"):
        at = held.index[held["ticker"] == ticker][0]
        assert fall.at[at, "change"] == pytest.approx(expected[ticker])
        assert fall.at[at, "pnl_usd"] == pytest.approx(held.at[at, "value_usd"] * expected[ticker])
        assert -1 < expected[ticker] < 0

    diluted = october.companies.table.at["RIOT", "diluted_shares"]
    # One group's median goes to the other's.
    levels = october.companies.gap.headline
    ratio = levels["pivot_value"] / levels["bitcoin_value"]
    assert f"Gap of {ratio:.2f}x (ratio of medians) closes" in by["gap-closes-down", "revaluation"].title
    down, up = by["gap-closes-down", "revaluation"].positions, by["gap-closes-up", "revaluation"].positions
    lost = october.companies.table.at["RIOT", "enterprise_value_usd"] * (1 - 1 / ratio)
    price = down.at[riot, "price_after"]
    # Above 14.86 the notes stay shares and share the loss; below it they are debt again, 594.4m, and lose no more.
    notes = 594.4e6
    worth = price * diluted if price > 14.86 else price * (diluted - notes / 14.86) + notes
    assert worth == pytest.approx(19.32 * diluted - lost)
    assert up.at[riot, "pnl_usd"] == 0
    mara = held.index[held["ticker"] == "MARA"][0]
    assert down.at[mara, "pnl_usd"] == 0
    assert up.at[mara, "pnl_usd"] < 0  # short


def test_a_gap_that_closes_is_the_scenario_of_the_companies(october):
    """`portfolio scenario gap-closes-down` and `scenario run gap-closes` are one engine and give one answer."""
    held = october.portfolio.positions
    found = next(s for s in october.scenarios if s.name == "gap-closes-down").positions
    expected = engine("gap-closes").table["price_change"]
    mine = held[(held["kind"] == "equity") & held["company"].isin(expected.index)]
    assert {"RIOT", "WULF", "IREN"} <= set(mine["company"])
    assert mine["company"].map(expected).lt(-0.1).sum() > 2
    for at, company in mine["company"].items():
        assert found.at[at, "change"] == pytest.approx(expected[company], nan_ok=True), company


@cache
def engine(name: str) -> ScenarioResult:
    """What `screener scenario run` gives on the same day."""
    config = resolve_config("miners")
    data = load_inputs(config.universe, OCTOBER, "bundled")
    analysis = pipeline.analyse_nav(config, data, value_dates(config, data, OCTOBER))
    return scenarios.compare(analysis, scenarios.load(name))


def test_a_tenant_that_defaults_is_the_scenario_of_net_asset_values(october):
    found = next(s for s in october.scenarios if s.name == "tenant")
    assert found.title == "Fluidstack defaults"  # the largest backlog looked through
    held, expected = october.portfolio.positions, engine("fluidstack-defaults").table
    wulf = held.index[held["ticker"] == "WULF"][0]
    row = expected.loc["WULF"]
    # Google backs a part of WULF's leases: its net asset value falls and stays positive, and the price with it.
    assert 0 < row["nav_after"] < row["nav_before"]
    assert found.positions.at[wulf, "change"] == pytest.approx(row["nav_after"] / row["nav_before"] - 1)
    iren = held.index[held["ticker"] == "IREN"][0]
    assert found.positions.at[iren, "pnl_usd"] == 0


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.long) if at > 1 else n for at, n in enumerate(scenarios.names())]
)
def test_every_scenario_moves_positions_as_it_moves_companies(name, tmp_path):
    path = saved(tmp_path, "Symbol,Quantity\nHUT,10\nCORZ,-5\nWULF,7\nMARA,3\nIREN,2\nBTC-USD,0.1\n")
    scenario, expected = scenarios.load(name), engine(name).table
    found = report([path], OCTOBER, replace(BUNDLED, scenarios=(scenario,)))
    result, held = found.scenarios[-1], found.portfolio.positions
    assert (result.name, result.title) == (scenario.name, scenario.title)
    for at, row in held.iterrows():
        change = scenario.bitcoin - 1 if row["ticker"] == "BTC-USD" else expected.at[row["ticker"], "price_change"]
        assert result.positions.at[at, "change"] == pytest.approx(change, abs=1e-12), row["ticker"]
        assert result.positions.at[at, "pnl_usd"] == pytest.approx(row["value_usd"] * change, abs=1e-9)


def test_where_google_covers_a_default_of_fluidstack_moves_nothing():
    """HUT's lease is backed in full; and nowhere does a price fall to zero while the net asset value is positive."""
    table = engine("fluidstack-defaults").table
    assert table.at["HUT", "price_change"] == 0
    for name in scenarios.names():
        table = engine(name).table
        assert (table.loc[table["nav_after"] > 0, "price_change"].dropna() > -1).all(), name
    corz = engine("coreweave-defaults").table.loc["CORZ"]
    assert corz["price_change"] == pytest.approx(corz["nav_after"] / corz["nav_before"] - 1)
    assert corz["nav_after"] > 0 > corz["price_change"]


def test_an_unknown_tenant_lists_the_known(october):
    with pytest.raises(NotKnown, match=r"counterparties: .*CoreWeave"):
        report([HERE / "schwab.csv"], OCTOBER, replace(BUNDLED, tenant="Nobody"))


def test_limits_by_hand(october):
    limits, held = october.limits, october.portfolio
    assert limits.at["gross_exposure", "used"] == pytest.approx(held.gross_exposure / held.net)
    assert limits.at["largest_long", "used"] == pytest.approx(2000 * 15.48 / held.net)
    assert (limits.at["largest_long", "detail"], limits.at["largest_short", "detail"]) == tuple(
        f"{name}; without CORZ260116C00020000" for name in ("CIFR", "MARA")
    )
    assert limits.at["least_cash", "used"] == pytest.approx((12250.25 + 31760.74 + 9250.5 * 0.72) / held.net)
    assert limits.at["var_95", "used"] == october.risk.losses.at[0.95, "var"]
    assert set(limits["state"]) == {"not set"}


def test_a_committees_limits(tmp_path):
    path = saved(tmp_path, "[limits]\nlargest_long = 0.1\nvolatility = false\n", "limits.toml")
    settings = replace(BUNDLED, limits=portfolio.load_limits(path))
    limits = report([HERE / "fidelity.csv"], OCTOBER, settings).limits
    assert limits.at["largest_long", "state"] == "BREACH"
    assert set(limits["state"].drop("largest_long")) == {"not set"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[limits]\nlargest_log = 0.1\n", "largest_log '0.1': expected one of largest_long"),
        ('[limits]\nlargest_long = "x"\n', "expected a number, or false for no limit"),
        ("[limits]\nlargest_long = true\n", "expected a number"),
        ("largest_long = 0.1\n", r"expected one section, \[limits\]"),
        ("[limits\n", "valid TOML in UTF-8"),
    ],
)
def test_a_wrong_limits_file_is_told(tmp_path, text, told):
    with pytest.raises(HoldingsError, match=told):
        portfolio.load_limits(saved(tmp_path, text, "limits.toml"))


def test_the_same_files_give_the_same_run(october):
    again = report([HERE / "fidelity.csv", HERE / "interactive_brokers.csv"], OCTOBER, BUNDLED)
    assert again.manifest == october.manifest


# Currencies and names that need a live source: a stand-in for Yahoo that answers from a table.
def yahoo(monkeypatch, prices: dict[str, float], *, asked: list[str] | None = None):
    days = pd.bdate_range("2025-06-02", OCTOBER)

    def daily_closes(symbols, since, until, **_):
        if asked is not None:
            asked.extend(symbols)
        known = [s for s in symbols if s in prices]
        if not known:
            raise Unreachable("Yahoo has nothing")
        on = days[(days >= since) & (days <= until)]
        rows = [pd.DataFrame({"date": on, "ticker": s, "close_usd": prices[s]}) for s in known]
        empty = pd.DataFrame()
        return Fetched("yahoo", pd.concat(rows, ignore_index=True), empty, empty)

    stand_in(monkeypatch, daily_closes)


def stand_in(monkeypatch, daily_closes) -> None:
    def nothing(*_, **__):
        return Fetched("yahoo", *(stack([], names) for names in (CLOSE_COLUMNS, FACT_COLUMNS, SPLIT_COLUMNS)))

    monkeypatch.setitem(
        registry.LIVE, "yahoo", replace(YAHOO, fetch=nothing, daily_closes=daily_closes, daily_volumes=None)
    )


def test_rates_and_unknown_names_come_from_yahoo(monkeypatch):
    asked: list[str] = []
    yahoo(monkeypatch, {"CADUSD=X": 0.71, "BRK-B": 500.0}, asked=asked)
    found = report([HERE / "interactive_brokers.csv"], OCTOBER, Settings(), "yahoo")
    assert found.fx.at["CAD", "usd"] == 0.71
    assert found.fx.at["CAD", "source"] == "Yahoo, close of 2026-10-05"
    rows = found.portfolio.positions.set_index("ticker")
    assert rows.at["BRK.B", "value_usd"] == 1500
    assert rows.at["BRK.B", "status"] == "ok"
    assert "CADUSD=X" in asked


def test_a_rate_given_is_not_asked_for(monkeypatch):
    asked: list[str] = []
    yahoo(monkeypatch, {"CADUSD=X": 0.71, "BRK-B": 500.0}, asked=asked)
    settings = Settings(fx={"CAD": 0.5})
    found = report([HERE / "interactive_brokers.csv"], OCTOBER, settings, "yahoo")
    assert found.fx.at["CAD", "usd"] == 0.5
    assert "CADUSD=X" not in asked


def test_a_rate_that_yahoo_does_not_have_is_told(monkeypatch):
    yahoo(monkeypatch, {"BRK-B": 500.0})
    with pytest.raises(HoldingsError, match="no exchange rate for CAD: Yahoo gave none"):
        report([HERE / "interactive_brokers.csv"], OCTOBER, Settings(), "yahoo")


def test_daily_returns_are_named_so(monkeypatch):
    rng = np.random.default_rng(0)
    days = pd.bdate_range("2025-06-02", OCTOBER)
    symbols = ["RIOT", "IREN", "CLSK", "WULF", "BTC-USD", "SPY", "WGMI", "CRWV", "NBIS"]
    table = pd.DataFrame(np.exp(np.cumsum(rng.normal(0, 0.03, (len(days), len(symbols))), axis=0)), days, symbols)

    def daily(asked, since, until, **_):
        long = table.loc[since:until, [s for s in asked if s in table]].rename_axis("date").reset_index()
        long = long.melt("date", var_name="ticker", value_name="close_usd")
        return Fetched("yahoo", long, pd.DataFrame(), pd.DataFrame())

    stand_in(monkeypatch, daily)
    settings = Settings(frequency="daily", weeks=52)
    found = report([HERE / "fidelity.csv"], OCTOBER, settings, "yahoo").risk
    assert (found.periods, found.per_year) == ("daily", 252)
    assert found.n == pytest.approx(260, abs=3)
    assert found.volatility == pytest.approx(found.returns.std() * np.sqrt(252))


def test_daily_returns_need_yahoo():
    limits = {name: replace(LIMITS[name], value=0.5) for name in ("var_95", "volatility")}
    found = report([HERE / "fidelity.csv"], OCTOBER, replace(BUNDLED, frequency="daily", limits=limits))
    assert found.risk is None
    assert found.risk_note == "daily closes need a live source (--source yahoo); weekly ones are bundled"
    assert set(found.limits.loc[["var_95", "volatility"], "state"]) == {"unknown"}


def test_the_real_client_gives_rates_and_names_outside_the_universe(live, tmp_path):
    """yfinance unmodified against the local Yahoo, the command in a process of its own."""
    day = pd.Timestamp.now().normalize() - pd.Timedelta(days=2)
    live.yahoo.closes_on(day)
    week = pd.date_range(day - pd.Timedelta(days=400), day)
    live.yahoo.traded["CADUSD=X"] = pd.Series(0.71, index=week)
    live.yahoo.traded["BRK-B"] = pd.Series(np.linspace(450, 500, len(week)), index=week)
    path = saved(tmp_path, "Symbol,Quantity,Currency,Cost\nBRK B,3,USD,1230\nHUT.TO,10,CAD,551\nRIOT,5,USD,50\n")
    done = live.screener("portfolio", "value", str(path), "--source", "yahoo", "--format", "json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    (found,) = (tmp_path / "screens").glob("portfolio_*.json")
    out = json.loads(found.read_text())
    rows = {row["ticker"]: row for row in out["positions"]}
    assert rows["BRK.B"]["value_usd"] == pytest.approx(1500)
    assert rows["HUT.TO"]["cost_usd"] == pytest.approx(551 * 0.71)
    assert out["fx"][1]["source"] == f"Yahoo, close of {day:%Y-%m-%d}"
    # The local Yahoo trades 1,000,000 shares of everything a day.
    days = {row["name"]: row["days"] for row in out["liquidity"]["names"]}
    assert days == pytest.approx({"BRK.B": 3 / 2e5, "HUT": 10 / 2e5, "RIOT": 5 / 2e5})
    assert "BRK.B" in {row["name"] for row in out["risk"]["names"]}


def test_a_quote_in_another_currency_is_not_taken_for_dollars(live, tmp_path):
    live.yahoo.closes_on(pd.Timestamp.now().normalize() - pd.Timedelta(days=2))
    live.yahoo.traded["SHOP.TO"] = live.yahoo.traded["RIOT"]
    live.yahoo.quoted_in["SHOP.TO"] = "CAD"
    path = saved(tmp_path, "Symbol,Quantity,Currency\nSHOP.TO,3,CAD\nRIOT,5,USD\n")
    done = live.screener("portfolio", "value", str(path), "--source", "yahoo", "--fx", "CAD=0.7", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Without a price, excluded from all totals: SHOP.TO." in done.stdout


def typed(*arguments: str):
    return CliRunner().invoke(cli, ["portfolio", *arguments, "--as-of", "2026-10-05", "--source", "bundled"])


def fits(output: str) -> bool:
    return max(len(line) for line in output.splitlines() if not line.startswith("Written")) <= 80


def test_value_on_the_page(tmp_path):
    out = tmp_path / "positions.csv"
    done = typed(
        "value",
        str(HERE / "fidelity.csv"),
        str(HERE / "interactive_brokers.csv"),
        "--fx",
        "CAD=0.72",
        "--out",
        str(out),
    )
    assert done.exit_code == 0, done.exception
    assert fits(done.output)
    text = " ".join(done.output.split())
    for words in ("Net value $157,505", "Exchange rates: CAD 0.7200 USD (--fx)", "Backlog by counterparty",
                  "EV per secured MW", "Outside the universe, excluded from look-through: BRK.B",
                  "pending activity counts as cash"):  # fmt: skip
        assert words in text
    frame = pd.read_csv(out)
    assert frame["value_usd"].sum() == pytest.approx(157_504.845)
    assert "CORZ260116C00020000" in set(frame["ticker"])  # past its expiry, and in no total


@pytest.mark.parametrize(("paper", "number"), [((), 1), (("--paper", "a4"), 9)])
def test_the_workbook_is_for_the_paper_that_was_asked_for(tmp_path, paper, number):
    done = typed("value", str(HERE / "fidelity.csv"), *paper, "--out", str(tmp_path / "p.xlsx"))
    assert done.exit_code == 0, done.exception
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    assert {int(sheet.page_setup.paperSize) for sheet in book.worksheets if sheet.sheet_state == "visible"} == {
        number
    }  # Excel's numbers


def test_risk_on_the_page():
    done = typed("risk", str(HERE / "fidelity.csv"), str(HERE / "interactive_brokers.csv"), "--fx", "CAD=0.72")
    assert done.exit_code == 0, done.exception
    assert fits(done.output)
    text = " ".join(done.output.split())
    for words in ("104 weekly returns, 11 October 2024 to 2 October 2026, historical simulation", "Expected shortfall",
                  "Contribution", "Herfindahl", "Excluded from risk", "Largest counterparty", "n"):  # fmt: skip
        assert words in text


@pytest.mark.parametrize("name", ["bitcoin", "gap-closes-down", "gap-closes-up", "tenant"])
def test_scenarios_on_the_page(name):
    done = typed("scenario", name, str(HERE / "schwab.csv"))
    assert done.exit_code == 0, done.exception
    assert fits(done.output)
    assert "of net value" in " ".join(done.output.split())
    assert "Unknown, excluded from the total: " in done.output


@pytest.mark.long
def test_a_larger_shock_and_another_tenant():
    done = typed("scenario", "bitcoin", str(HERE / "schwab.csv"), "--shock", "-0.5")
    assert "Bitcoin -50%, by beta" in done.output
    done = typed("scenario", "tenant", str(HERE / "schwab.csv"), "--tenant", "coreweave")
    assert "CoreWeave defaults, by net asset value" in done.output


@pytest.mark.long
def test_any_scenario_file_runs_on_holdings(tmp_path):
    path = saved(tmp_path, 'title = "Mine"\n[market]\nbitcoin = 2.0\n', "mine.toml")
    for name, title in (
        ("one-year-late", "Every start slips by one year"),
        (str(path), "Mine"),
        ("gap-closes", "The gap"),
    ):
        done = typed("scenario", name, str(HERE / "schwab.csv"))
        assert done.exit_code == 0, done.exception
        assert fits(done.output)
        assert title in done.output
    assert "by revaluation" in done.output  # a closing gap moves prices and no value
    with pytest.raises(NotKnown, match="did you mean bitcoin-half"):
        raise typed("scenario", "bitcoin-hal", str(HERE / "schwab.csv")).exception


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["value", "{here}/interactive_brokers.csv"], "brokers.csv:22: currency 'CAD': expected a rate, as in --fx"),
        (["value", "{here}/fidelity.csv", "--fx", "CAD"], "expected CODE=USD per unit"),
        (["value", "{here}/fidelity.csv", "--fx", "CAD=-1"], "expected CODE=USD per unit"),
        (["value", "{here}/fidelity.csv", "--fx", "XXX=1"], "expected CODE=USD per unit"),
        (["value", "nothing.csv"], "no such file"),
        (["value", "{here}/fidelity.csv", "--limits", "nothing.toml"], "nothing.toml"),
    ],
)  # fmt: skip
def test_bad_input_is_told_and_exits_2(arguments, told):
    done = typed(*(a.format(here=HERE) for a in arguments))
    assert isinstance(done.exception, ScreenerError)
    assert done.exception.exit_code == 2
    assert told in str(done.exception)


@pytest.mark.long
def test_only_cash_and_only_strangers_are_portfolios_too(tmp_path):
    cash = report([saved(tmp_path, "Symbol,Quantity\nCASH,100\n")], OCTOBER, BUNDLED)
    assert (cash.portfolio.net, cash.risk, cash.risk_note) == (100, None, "nothing but cash is held")
    path = saved(tmp_path, "Symbol,Quantity,Price\nXYZQ,5,10\n")
    strangers = report([path], OCTOBER, BUNDLED)
    assert strangers.portfolio.net == 50
    assert strangers.look_through.companies.empty
    assert strangers.risk_note == "no position has a history of closes"
    for path_ in (path, saved(tmp_path, "Symbol,Quantity\nCASH,100\n", "cash.csv")):
        for command in (["value"], ["risk"], ["scenario", "bitcoin"]):
            done = typed(*command, str(path_))
            assert done.exit_code == 0, (command, done.exception)
