"""One path for data: what a run computes once, and that every command states what the run states."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from screener import pipeline, point_in_time, scenarios, universes
from screener.cli import cli
from screener.gathering import InputData
from screener.loading import load_inputs
from screener.run_config import resolve_config
from screener.sources import registry
from screener.sources.fetched import CLOSE_COLUMNS, FACT_COLUMNS, SPLIT_COLUMNS, Asked, Fetched, stack
from screener.sources.source import Source
from screener.studies import gap_history, quarterly_panel, revenue_mix
from valuation.fundamentals import company_metrics

JANUARY = pd.Timestamp("2026-01-16")
AUTUMN = pd.Timestamp("2026-11-12")  # a Thursday, five weeks after the last reviewed close


def typed(*arguments: str) -> str:
    done = CliRunner().invoke(cli, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def written(path) -> dict:
    return json.loads(path.read_text())


@pytest.fixture
def calls(monkeypatch) -> Counter[str]:
    """How often dates are looked up and companies valued."""
    counted: Counter[str] = Counter()
    for module, name in ((point_in_time, "as_of_view"), (company_metrics, "value")):
        real = getattr(module, name)

        def noted(*arguments, _real=real, _name=name, **options):
            counted[_name] += 1
            return _real(*arguments, **options)

        monkeypatch.setattr(module, name, noted)
    return counted


def test_a_run_with_everything_looks_up_and_values_once(calls):
    every = [scenarios.load(name) for name in scenarios.names()]
    report = pipeline.run("miners", JANUARY, source="bundled", studies=True, nav=True, scenarios=every)
    assert (len(report.scenarios), len(report.studies.gap.history.frame)) == (len(every), 107)
    assert calls == {"as_of_view": 1, "value": 1}


@pytest.mark.parametrize("command", [
    ["gap", "--since", "2025-06-01"], ["regress"], ["nav"], ["backtest", "cheap-power"], ["mix"],
])  # fmt: skip
def test_a_command_looks_up_once(calls, command):
    typed(*command, "--source", "bundled", "--as-of", "2026-01-16")
    assert calls["as_of_view"] == 1
    assert calls["value"] <= 1


OTHERS = [
    [],
    ["--groups", "signed"],
    ["--groups", "trailing10", "--assumptions", "mine.toml"],
]


@pytest.mark.parametrize("others", OTHERS, ids=["plain", "groups", "groups and assumptions"])
def test_gap_states_the_gap_of_the_run(tmp_path, monkeypatch, others):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text("bootstrap_draws = 999\nnet_bitcoin = false\nmax_age_capacity_days = 90\n")
    options = ["--source", "bundled", "--as-of", "2026-01-16", "--quiet", *others]
    typed("run", *options, "--out", "run.json")
    typed("gap", *options, "--out", "gap.json")
    typed("regress", *options, "--no-panel", "--out", "line.json")
    run, gap = written(tmp_path / "run.json"), written(tmp_path / "gap.json")
    for name in ("ratio", "low", "high", "p_value", "n_pivot", "n_bitcoin", "median_pivot"):
        if name in run["gap"]["headline"]:
            assert gap["chosen"][name] == run["gap"]["headline"][name], name
    assert gap["gap"]["rows"] == run["gap"]["rows"] if "gap" in gap else True
    line = written(tmp_path / "line.json")
    assert line["primary"]["headline"]["p_value"] == run["regression"]["headline"]["p_value"]


def test_with_yahoo_gap_states_the_live_gap_of_the_run(live, tmp_path):
    day = pd.Timestamp.now().normalize() - pd.Timedelta(days=2)
    live.yahoo.closes_on(day, {"RIOT": 20.0, "BTC-USD": 90_000.0})
    for command in ("run", "gap"):
        done = live.screener(
            command, "--source", "yahoo", "--format", "json", "--out", f"{command}.json", "--quiet", cwd=tmp_path
        )
        assert (done.returncode, done.stderr) == (0, "")
    run, gap = written(tmp_path / "run.json"), written(tmp_path / "gap.json")
    assert run["manifest"]["price_source"] == "yahoo"
    assert gap["chosen"]["ratio"] == run["gap"]["headline"]["ratio"]
    bundled = pipeline.run("miners", pd.Timestamp.now().normalize(), source="bundled").gap.headline["ratio"]
    assert gap["chosen"]["ratio"] != bundled


# A source of a test's own: daily closes that go on from the last reviewed ones, each session 1% above the one before.
@pytest.fixture
def walk(monkeypatch):
    asked: list[str] = []
    universe = universes.load("miners")
    last = universe.prices.sort_values("date").groupby("ticker").tail(1).set_index("ticker")["close_usd"]
    last = pd.concat([last, pd.Series({"BTC-USD": 90_000.0, "ETH-USD": 4_000.0})])
    sessions = pd.bdate_range("2026-10-06", AUTUMN)

    def fetch(tickers, since, until, *, others=(), skip=(), pause=None, progress=None) -> Fetched:
        asked.extend([*tickers, *others])
        on = sessions[(sessions >= since) & (sessions <= until)]
        growth = 1.01 ** (1 + np.arange(len(sessions)))[sessions.isin(on)]
        rows = [
            pd.DataFrame({"date": on, "ticker": name, "close_usd": last[name] * growth})
            for name in [*tickers, *others] if name in last
        ]  # fmt: skip
        return Fetched(
            "walk", stack(rows, CLOSE_COLUMNS), stack([], FACT_COLUMNS), stack([], SPLIT_COLUMNS),
            retrieved_at=pd.Timestamp(until, tz="UTC") + pd.Timedelta(hours=22),
            asked=tuple(Asked(name, what, 1) for name in [*tickers, *others] for what in ("closes", "statements")),
        )  # fmt: skip

    source = Source(
        "walk", "Random Walk", "made-up closes", fetch, lambda seconds: True, page="https://walk.invalid/{}",
        packages=("rich",),
    )  # fmt: skip
    monkeypatch.setattr(registry, "LIVE", dict(registry.LIVE))
    registry.register(source)
    return asked


def test_a_source_registered_in_one_place_reaches_options_prices_and_manifest(walk, tmp_path, monkeypatch):
    monkeypatch.setattr(pd.Timestamp, "now", classmethod(lambda cls, tz=None: AUTUMN.tz_localize(tz)))
    for command in ("run", "gap", "screen", "weekly", "backfill", "nav"):
        text = " ".join(CliRunner().invoke(cli, [command, "--help"]).output.split())
        assert "bundled|ledger|yahoo|walk" in text.replace(" ", "")
        assert "made-up closes" in text
    path = tmp_path / "run.json"
    output = typed("run", "--source", "walk", "--as-of", "2026-11-12", "--out", str(path))
    assert "Prices: walk" in output
    out = written(path)
    assert out["manifest"]["price_source"] == "walk"
    assert "rich" in out["manifest"]["packages"]
    assert "yfinance" not in out["manifest"]["packages"]
    riot = next(row for row in out["table"] if row["ticker"] == "RIOT")
    prices = universes.load("miners").prices
    reviewed = prices.loc[prices["ticker"] == "RIOT"].sort_values("date")["close_usd"].iloc[-1]
    assert riot["price_usd"] == pytest.approx(reviewed * 1.01 ** len(pd.bdate_range("2026-10-06", AUTUMN)))
    assert {"SPY", "WGMI", "BTC-USD"} <= set(walk)
    facts = pipeline.run("miners", AUTUMN, source="walk").facts
    assert facts.query("ticker == 'RIOT' and item == 'price_usd'")["source_url"].item() == "https://walk.invalid/RIOT"


def test_an_unknown_source_is_a_usage_error_that_names_the_known_ones():
    done = CliRunner().invoke(cli, ["mix", "--source", "pigeons"])
    assert done.exit_code == 2
    assert "'auto', 'bundled', 'ledger', 'yahoo'" in done.output


@pytest.mark.long
def test_with_a_live_source_the_weeks_go_on_after_the_last_reviewed_close(walk):
    config = resolve_config("miners")
    config = replace(config, assumptions=replace(config.assumptions, bootstrap_draws=99))
    data = load_inputs(config.universe, AUTUMN, "walk")
    fridays = ["2026-10-09", "2026-10-16", "2026-10-23", "2026-10-30", "2026-11-06"]  # the running week has no end
    since = pd.Timestamp("2026-09-25")
    weeks = data.weeks(since, AUTUMN)
    assert [f"{day:%F}" for day in weeks] == ["2026-09-25", "2026-10-02", "2026-10-05", *fridays]
    history = gap_history(config, data, since, AUTUMN)
    assert list(history.frame.index) == list(weeks)
    own = gap_history(config, InputData.of(config.universe), since, AUTUMN)
    pd.testing.assert_frame_equal(history.frame.loc[:"2026-10-05"], own.frame)
    report = pipeline.run(config.universe, AUTUMN, source="walk", assumptions=config.assumptions, studies=True)
    assert report.studies.gap.history.frame.index[-1] == pd.Timestamp("2026-11-06")
    assert report.studies.events.last_close == pd.Timestamp("2026-11-12")
    panel = quarterly_panel(config, data, AUTUMN)
    assert panel.index.get_level_values("as_of").max() == pd.Timestamp("2026-09-30")
    assert revenue_mix(config, data, AUTUMN).mixed.equals(report.studies.mix.mixed)


def test_auto_takes_the_first_source_that_answers_and_says_why_it_took_none(walk, monkeypatch, tmp_path):
    universe = universes.load("miners")
    monkeypatch.setitem(registry.LIVE, "yahoo", replace(registry.LIVE["yahoo"], reachable=lambda seconds: False))
    assert load_inputs(universe, AUTUMN, "auto").source == "walk"
    monkeypatch.setitem(registry.LIVE, "walk", replace(registry.LIVE["walk"], reachable=lambda seconds: False))
    monkeypatch.setenv("SCREENER_LEDGER", str(tmp_path / "another.sqlite"))
    data = load_inputs(universe, AUTUMN, "auto")
    assert data.source == "bundled"
    assert data.fell_back == "Yahoo gave no answer within 5 seconds; Random Walk gave no answer within 5 seconds"


COMMANDS = [
    "run", "gap", "regress", "mix", "events", "contracts", "mining", "nav", "screen", "backtest", "scenario run",
    "portfolio value", "portfolio risk", "portfolio scenario",
]  # fmt: skip
SHARED = {"universe", "as_of", "source", "groups", "assumptions", "out", "wanted", "quiet", "verbose", "strict"}


@pytest.mark.parametrize("name", [*COMMANDS, "weekly", "backfill"])
def test_every_command_that_screens_has_the_same_options(name):
    command = cli
    for part in name.split():
        command = command.commands[part]
    options = {option.name: option for option in command.params}
    needed = {"universe", "source", "groups", "assumptions"} if name in ("weekly", "backfill") else SHARED
    assert needed <= set(options)
    assert options["source"].default == "auto"


def test_strict_quiet_and_verbose_mean_the_same_everywhere(tmp_path):
    done = CliRunner().invoke(cli, ["mix", "--source", "bundled", "--as-of", "2026-01-16", "--quiet", "--strict"])
    assert done.output == ""
    assert done.exception.exit_code == 4  # MARA's MW are stale on that day
    done = typed("gap", "--source", "bundled", "--as-of", "2026-01-16", "--quiet", "--out", str(tmp_path / "gap.json"))
    assert done == f"{tmp_path / 'gap.json'}\n"
    assert "note: " in typed("events", "--source", "bundled", "--as-of", "2026-01-16", "--verbose")


@pytest.mark.parametrize("command", [
    ["gap"], ["regress", "--no-panel"], ["mix"], ["events"], ["nav"], ["screen", "cheap-power"],
    ["backtest", "cheap-power"],
])  # fmt: skip
def test_where_bundled_data_stand_in_the_page_says_why(command, monkeypatch):
    monkeypatch.setitem(registry.LIVE, "yahoo", replace(registry.LIVE["yahoo"], reachable=lambda seconds: False))
    text = " ".join(typed(*command, "--as-of", "2026-01-16").split())
    assert "Fell back to bundled prices: Yahoo gave no answer within 5 seconds" in text


@pytest.mark.long
def test_a_backfill_goes_on_with_the_live_source_where_the_reviewed_closes_end(walk, tmp_path):
    from screener.jobs import backfill
    from screener.store import Store

    config = resolve_config("miners")
    config = replace(config, assumptions=replace(config.assumptions, bootstrap_draws=99))
    parts = backfill.parts(config, "walk", pd.Timestamp("2026-09-25"), AUTUMN, "week")
    assert [data.source for data, _ in parts] == ["bundled", "walk"]
    assert [f"{day:%F}" for _, dates in parts for day in dates] == [
        "2026-09-25", "2026-10-02", "2026-10-09", "2026-10-16", "2026-10-23", "2026-10-30", "2026-11-06", "2026-11-12",
    ]  # fmt: skip
    now = AUTUMN.to_pydatetime().replace(tzinfo=UTC)
    with Store.open(str(tmp_path / "history.sqlite"), now) as store:
        first = [backfill.fill(store, config, data, dates, now) for data, dates in parts]
        again = [
            backfill.fill(store, config, data, dates, now)
            for data, dates in backfill.parts(config, "walk", pd.Timestamp("2026-09-25"), AUTUMN, "week")
        ]
    assert [done.added for done in first] == [2, 6]
    assert [(done.added, done.present) for done in again] == [(0, 2), (0, 6)]
    bundled = backfill.parts(config, "bundled", pd.Timestamp("2026-09-25"), None, "week")
    assert [(data.source, dates[-1]) for data, dates in bundled] == [("bundled", pd.Timestamp("2026-10-05"))]
