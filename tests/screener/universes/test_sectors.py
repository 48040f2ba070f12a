"""Sector packs and views: groups by lists or by a metric, what a sector has not, and rows of another universe."""

from __future__ import annotations

import pandas as pd
import pytest
from click.testing import CliRunner

import screener
from screener import universes
from screener.cli import cli
from screener.coverage import unavailable
from screener.errors import UniverseError
from screener.gathering import InputData
from screener.run_config import resolve_config
from tests import landlords
from valuation.groups import BITCOIN, MINERS, PIVOT

AS_OF = "2026-10-05"


@pytest.fixture(scope="module")
def neoclouds():
    return screener.run("neoclouds", AS_OF, source="bundled")


@pytest.fixture(scope="module")
def whole():
    return screener.run("miners", AS_OF, source="bundled")


def written(tmp_path, settings="", **options):
    return landlords.write(tmp_path / "mine", settings=settings, **options)


def told(path):
    return [str(problem) for problem in universes.check(path)]


def test_a_view_has_its_parent_s_figures_company_by_company(neoclouds, whole):
    both = [ticker for ticker in neoclouds.table.index if ticker in whole.table.index]
    assert set(both) == set(neoclouds.table.index)
    for metric in ("enterprise_value_usd", "secured_mw", "ev_per_mw_secured", "backlog_usd", "ai_share_contracted"):
        pd.testing.assert_series_equal(neoclouds.table.loc[both, metric], whole.table.loc[both, metric])
    assert neoclouds.universe == "neoclouds"
    assert neoclouds.manifest["input_sha256"].keys() >= {"contracts.csv", "universe.toml", "miners/universe.toml"}


def test_its_groups_are_its_own_and_its_subsidiaries_come_along_outside_the_statistics(neoclouds):
    group = neoclouds.table["group"]
    assert set(group.index[group == PIVOT]) == {"CRWV", "HIVE", "IREN", "NBIS"}
    landlords_of_it = {"APLD", "BTDR", "CIFR", "CLSK", "CORZ", "GLXY", "HUT", "RIOT", "WULF"}
    assert set(group.index[group == BITCOIN]) == landlords_of_it
    assert neoclouds.status.loc["BTBT", "group"] == "missing"
    assert neoclouds.causes.loc["BTBT", "group"] == "in none of the listed groups"
    assert dict(neoclouds.table["excluded"][lambda x: x != ""]) == {
        "ABTC": "consolidated by HUT", "WYFI": "consolidated by BTBT",
        "GLXY": "enterprise value not meaningful (broker or lender)",
    }  # fmt: skip
    row = neoclouds.gap.headline
    medians = neoclouds.table[neoclouds.gap.members["ev_per_mw_secured"]].groupby("group")["ev_per_mw_secured"].median()
    assert (row["pivot_value"], row["bitcoin_value"]) == pytest.approx((medians[PIVOT], medians[BITCOIN]))


def test_the_classification_follows_from_the_kinds_of_the_contracts():
    """Members as listed against the rows: nobody who leases buildings is a GPU cloud, and nobody else is a landlord."""
    miners, view = universes.load("miners"), universes.load("neoclouds")
    rows = miners.contracts.assign(mw=lambda r: (r["critical_it_mw"] * r["owner_share_pct"] / 100).fillna(0.0))
    mw = rows.pivot_table(index="ticker", columns="kind", values="mw", aggfunc="sum").fillna(0.0)
    leased = mw[["colocation_lease", "jv_lease"]].sum(axis=1)
    rule = dict(view.sector.rules[0].members)
    assert all(mw["gpu_cloud"][t] < leased[t] for t, group in rule.items() if group == BITCOIN)
    clouds = [t for t, group in rule.items() if group == PIVOT and t in mw.index]
    kinds = miners.contracts[miners.contracts["ticker"].isin(clouds)].groupby("ticker")["kind"].unique()
    assert {tuple(found) for found in kinds} == {("gpu_cloud",)}


def test_the_overlay_of_the_parent_is_the_view_s(tmp_path, monkeypatch):
    monkeypatch.setenv("SCREENER_OVERLAYS", str(tmp_path))
    (tmp_path / "miners").mkdir()
    header = "ticker,item,period_end,published_on,value,unit,source_url,evidence,confidence\n"
    row = "IREN,cash,2026-06-30,2026-08-28,123456789,usd,https://example.com,read,high\n"
    (tmp_path / "miners" / "financials.csv").write_text(header + row)
    assert 123456789 in universes.load("neoclouds").facts.query("ticker == 'IREN' and item == 'cash'")["value"].tolist()


def test_a_view_may_be_made_of_a_folder_and_says_what_is_wrong(tmp_path):
    parent = written(tmp_path)
    view = tmp_path / "view"
    view.mkdir()
    text = 'title = "Two"\nfrom = "../mine"\ntickers = ["ALAN", "DOCK"]\n'
    text += '[groups]\nmetric = "leased_share"\nthreshold = 0.3\n'
    (view / "universe.toml").write_text(text)
    loaded = universes.load(view)
    assert (list(loaded.companies["ticker"]), loaded.view_of) == (["ALAN", "DOCK"], "mine")
    assert set(loaded.prices["ticker"]) == {"ALAN", "DOCK", "SPY"}  # the parent's benchmark
    assert set(loaded.contracts["ticker"]) == {"ALAN", "DOCK"}
    (view / "universe.toml").write_text(text.replace('"DOCK"', '"DOKC"'))
    assert told(view) == ["universe.toml:3: tickers 'DOKC': expected a ticker of mine; did you mean DOCK?"]
    (view / "universe.toml").write_text(text.replace("../mine", "../mien"))
    with pytest.raises(UniverseError, match="expected one of miners, neoclouds, or a folder relative"):
        universes.load(view)
    (view / "universe.toml").write_text(text.replace("../mine", "neoclouds"))
    with pytest.raises(UniverseError, match="a universe with rows of its own, not a view"):
        universes.load(view)
    assert parent.is_dir()


def test_miners_have_the_miners_words_and_no_company_without_coins():
    loaded = universes.load("miners")
    assert (loaded.sector, loaded.none_of, loaded.view_of) == (MINERS, (), "")


@pytest.mark.parametrize("stated", [landlords.STATED, ""])
def test_without_coins_no_bitcoin_price_is_needed(tmp_path, stated):
    """By hand: shares x close + debt - cash of the last balance sheet; nothing is known of bitcoin."""
    path = written(tmp_path, stated=stated)
    report = screener.run(universes.load(path), landlords.AS_OF, source="bundled", nav=True)
    close = universes.load(path).prices.groupby("ticker")["close_usd"].last()
    for ticker, (shares, cash, debt, secured, _, _) in landlords.FIGURES.items():
        ev = shares * 1e6 * close[ticker] + (debt + 40) * 1e6 - (cash - 16) * 1e6
        assert report.table.loc[ticker, "enterprise_value_usd"] == pytest.approx(ev)
        assert report.table.loc[ticker, "ev_per_mw_secured"] == pytest.approx(ev / 1e6 / secured)
        assert report.status.loc[ticker, "bitcoin_usd"] == "ok"
        assert report.table.loc[ticker, "ntm_revenue_usd"] > 0
    assert report.nav.nav.status["nav_dcf_usd"].isin(("ok", "proxy")).all()
    said = [line for line in unavailable(universes.load(path)) if line.startswith(("coins", "mining"))]
    why = "coins = false in [sector]" if stated else "no row states any; coins = true in [sector] if one may"
    assert said[1] == f"coins of the EV bridge and of NAV: no company holds coins ({why})"


def test_a_company_that_is_silent_beside_others_that_state_zero_stays_unknown_and_is_told(tmp_path):
    path = written(tmp_path, stated="")
    row = "{},btc_held,2025-09-30,2025-11-07,0,btc,https://example.com/10q,10-Q,high\n"
    with (path / "financials.csv").open("a") as file:
        file.writelines(row.format(ticker) for ticker in list(landlords.NAMES)[:5])
    loaded = universes.load(path)
    report = screener.run(loaded, landlords.AS_OF, source="bundled")
    state = report.status["enterprise_value_usd"]
    assert (state["FARM"], set(state.drop("FARM"))) == ("missing", {"ok"})
    assert any("FARM" in line and "btc_held" in line and "coins = false" in line for line in unavailable(loaded))


def test_a_stated_sector_that_rows_contradict_is_a_problem(tmp_path):
    path = written(tmp_path)
    with (path / "financials.csv").open("a") as file:
        file.write("ALAN,btc_held,2025-09-30,2025-11-07,12,btc,https://example.com/10q,10-Q,high\n")
    assert told(path) == [
        "universe.toml:13: sector.coins 'false': expected true, or no row that states coins: "
        "financials.csv:182 has btc_held 12 of ALAN"
    ]


@pytest.mark.parametrize(
    ("groups", "problem"),
    [
        ('first = ["ALAN"]\nsecond = ["ALAN", "DOCK"]', "groups.second 'ALAN': expected each ticker in one group"),
        (
            'first = ["ALAM"]\nsecond = ["DOCK"]',
            "groups.first 'ALAM': expected a ticker of companies.csv; did you mean ALAN",
        ),
        ('first = ["ALAN"]', "expected second beside first"),
        ('rule = "share20"\nmetric = "leased_share"\nthreshold = 0.2', "expected one of rule, metric and first"),
        ('metric = "leased_share"', "expected a threshold beside the metric"),
        ('metric = "leased_shar"\nthreshold = 0.2', "did you mean leased_share?"),
    ],
)
def test_groups_that_cannot_be_are_problems_with_their_lines(tmp_path, groups, problem):
    path = written(tmp_path, settings=f'title = "Landlords"\n[groups]\n{groups}\n[benchmarks]\nmarket = "SPY"\n')
    found = told(path)
    assert len(found) == 1
    assert found[0].startswith("universe.toml:")
    assert problem in found[0]


def test_a_rule_by_a_metric_of_the_universe_s_own(tmp_path):
    path = written(
        tmp_path,
        settings='title = "Landlords"\n[groups]\nmetric = "leased_share"\nthreshold = 0.2\ntitle = "a fifth leased"\n'
        '[sector]\nfirst = "leased"\nsecond = "empty"\n[benchmarks]\nmarket = "SPY"\n',
    )
    report = screener.run(universes.load(path), landlords.AS_OF, source="bundled")
    leased = {t: sum(mw * 1.3 for _, owner, _, _, mw, _, _ in landlords.LEASES if owner == t) for t in landlords.NAMES}
    expected = {t: PIVOT if leased[t] / landlords.FIGURES[t][3] >= 0.2 else BITCOIN for t in landlords.NAMES}
    assert report.table["group"].to_dict() == expected
    with pytest.raises(
        UniverseError, match="group rule 'signed' is not known; known: own; the groups of mine are its own"
    ):
        resolve_config(universes.load(path), rule="signed")


def test_roles_miner_and_company_are_one(tmp_path):
    path = written(tmp_path)
    text = (path / "companies.csv").read_text()
    (path / "companies.csv").write_text(text.replace(",company,", ",miner,", 3))
    assert sorted(InputData.of(universes.load(path)).miners) == sorted(landlords.NAMES)


def test_a_folder_that_bears_a_bundled_name_is_told(tmp_path, monkeypatch):
    landlords.write(tmp_path / "miners")
    monkeypatch.chdir(tmp_path)
    assert universes.shadowed("miners").startswith(
        f"the bundled universe miners is used, not the folder {tmp_path}/miners"
    )
    assert (universes.shadowed("./miners"), universes.shadowed("neoclouds")) == ("", "")
    done = CliRunner().invoke(cli, ["nav", "--as-of", "2026-01-16", "--source", "bundled", "--draws", "10"])
    assert (done.exit_code, "note: the bundled universe miners is used" in done.stderr) == (0, True)
    assert "APLD" in done.stdout


def test_check_says_which_outputs_will_be_n_a_and_why(tmp_path):
    path = written(tmp_path)
    told = CliRunner().invoke(cli, ["universe", "check", str(path)])
    assert told.exit_code == 0
    assert told.output.splitlines() == [
        "n/a: regression: all 6 companies have the same ai_share_contracted: the slope is not identified",
        "n/a: claims: no row in claims.csv",
        "n/a: comparables: no row in comparables.csv and deals.csv",
        "n/a: mining, mix and scenarios of the network: no company mines (mining = false in [sector])",
        "n/a: coins of the EV bridge and of NAV: no company holds coins (coins = false in [sector])",
        "mine: no problems, 5 outputs n/a",
    ]
