"""`screener run --source yahoo|auto` in a process of its own, the client unmodified, against the local Yahoo."""

from __future__ import annotations

import json
import re
import socket
import time
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from exports.tables.machine import in_words
from exports.tables.screen import screen_page
from screener.loading import load_inputs
from screener.run_config import resolve_config
from screener.screen import screen_on, value_dates
from screener.sources import registry
from screener.store import Store, keep
from screener.universes import Universe
from tests import answers
from tests.loopback.yahoo import EVERY
from valuation.assumptions import Assumptions

TODAY = pd.Timestamp.now().normalize()
SESSION = TODAY - pd.Timedelta(days=2)  # over in New York wherever this runs
QUARTER = TODAY - pd.Timedelta(days=40)  # of a sheet newer than every one of the universe
RED = "\x1b[1;31m"


def read(folder, kind: str = "json"):
    (path,) = (folder / "screens").glob(f"miners_*.{kind}")
    return json.loads(path.read_text()) if kind == "json" else openpyxl.load_workbook(path, rich_text=True)


def row(out: dict, ticker: str, part: str = "table") -> dict:
    return next(line for line in out[part] if line["ticker"] == ticker)


def issues(out: dict, ticker: str) -> dict[str, tuple[str, str]]:
    return {line["what"]: (line["severity"], line["detail"]) for line in out["issues"] if line["ticker"] == ticker}


@pytest.fixture
def down(live):
    """Nothing listens where the proxy is said to be."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    return dict.fromkeys(("HTTPS_PROXY", "https_proxy"), f"http://127.0.0.1:{port}")


@pytest.fixture
def fresh(live):
    """Yahoo with a session of two days ago: RIOT, bitcoin and ether at prices of our own, the rest unchanged."""
    live.yahoo.traded["ETH-USD"] = pd.Series([4_100.0], index=[SESSION - pd.Timedelta(days=1)])
    live.yahoo.closes_on(SESSION, {"RIOT": 20.0, "BTC-USD": 90_000.0, "ETH-USD": 4_000.0})
    return live


def kept(universe: Universe, day: str, history: Path) -> dict:
    """Keep a run on bundled closes in a history; its figures as its JSON file has them."""
    config, on = resolve_config(universe, assumptions=Assumptions(bootstrap_draws=99)), pd.Timestamp(day)
    data = load_inputs(universe, on, "bundled")
    screen = screen_on(config, data, value_dates(config, data, on), on)
    moment = datetime.now(UTC)
    with Store.open(history, moment) as store, store.exclusive() as writer:
        keep(writer, universe, screen, data, "run", moment)
    return in_words(screen_page(screen).content)


def test_prices_and_a_newer_statement_arrive_are_marked_and_answer_five_questions(fresh, miners, tmp_path):
    quarter = f"{QUARTER:%Y-%m-%d}"
    fresh.yahoo.sheet("RIOT", quarter, cash=400e6, debt=900e6, leases=10e6, shares=390e6)
    fresh.yahoo.sheet("MARA", "2026-06-30", cash=1.0e9, debt=9.9e9, shares=387e6)
    fresh.yahoo.enterprise_value["RIOT"] = 9.0e9
    before = kept(miners, "2026-10-02", tmp_path / "history.sqlite")
    done = fresh.screener(
        "run",
        "--source",
        "yahoo",
        "--store",
        "--database",
        "history.sqlite",
        "--format",
        "json,xlsx,html",
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    out = read(tmp_path)
    wanted = answers.of_run(out, before)
    (workbook,), (page,) = ((tmp_path / "screens").glob(f"*.{kind}") for kind in ("xlsx", "html"))
    assert answers.missing(answers.on_first_sheet(workbook), wanted) == []
    assert answers.missing(answers.above_the_tables(page.read_text()), wanted) == []
    assert answers.missing(answers.above_the_companies(done.stdout), wanted) == []
    riot = row(out, "RIOT")
    assert riot["price_usd"] == 20.0
    # 594.4m of notes at 14.86 are in the money: 40.0m new shares, and 594.4m of the 890m (900 less leases) leave debt.
    # 2,176,952 RSUs of March count in full. Bitcoin held: 11,380 (11 August).
    shares = 390e6 + 594.4e6 / 14.86 + 2_176_952
    assert riot["diluted_shares"] == pytest.approx(shares)
    assert riot["equity_value_usd"] == pytest.approx(20 * shares)
    value = 20 * shares + (890e6 - 594.4e6) - 400e6 - 11_380 * 90_000
    assert riot["enterprise_value_usd"] == pytest.approx(value, rel=1e-4)
    manifest = out["manifest"]
    assert (manifest["price_source"], manifest["fell_back"]) == ("yahoo", "")
    assert manifest["price_date"] == f"{SESSION:%Y-%m-%d}"
    assert manifest["price_age_days"] == 2
    assert manifest["prices_from"] == {"yahoo": 22}
    assert manifest["late_prices"] == {"GREE": "2026-07-13"}  # no longer traded
    assert "yfinance" in manifest["packages"]
    assert manifest["btc_usd"] == 90_000.0
    assert issues(out, "RIOT")["cash from yahoo"] == ("note", f"newer than the universe: {quarter}")
    assert {"debt_total from yahoo", "shares_outstanding from yahoo"} <= set(issues(out, "RIOT"))
    # Ours is 7,515m: 1,024m of bitcoin is netted, 42.2m new shares at 20 cost 843.5m and free 594.4m of debt.
    _, check = issues(out, "RIOT")["enterprise value beside the provider's"]
    assert check == (
        "7,515 m USD, Yahoo 9,000: -1,485 = coins netted -1,024, convertibles and warrants +249, the rest -710"
    )
    severity, detail = issues(out, "MARA")["debt_total differs"]
    assert severity == "warning"
    assert re.search(r"2026-06-30: universe [\d,]+, Yahoo 9,900,000,000 \(.*% apart\)", detail)
    assert f"Prices: yahoo, last close {SESSION:%Y-%m-%d}, 2 days before" in " ".join(done.stdout.split())
    assert "; older: GREE 2026-07-13" in " ".join(done.stdout.split())

    book = read(tmp_path, "xlsx")
    assert "Prices: yahoo" in str(book["Summary"]["A1"].value)
    facts = pd.DataFrame(book["Data"].values).astype(str)
    mine = facts[(facts[0] == "RIOT") & (facts == "yahoo").any(axis=1)]
    assert {"price_usd", "cash", "debt_total", "shares_outstanding"} <= set(mine[1])
    assert {"btc_usd", "eth_usd"} <= set(facts[1])
    quality = "\n".join(str(cell) for line in book["Quality"].values for cell in line)
    assert "9,900,000,000" in quality
    assert fresh.proxy.requests


def test_one_symbol_failing_is_told_and_the_others_stand(fresh, tmp_path):
    fresh.yahoo.fail("MARA", "429")
    done = fresh.screener("run", "--source", "yahoo", "--format", "json,xlsx", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    out = read(tmp_path)
    assert issues(out, "MARA")["closes"] == ("error", "rate limited: too many requests")
    assert issues(out, "MARA")["statements"] == ("warning", "rate limited: too many requests")
    assert row(out, "RIOT")["price_usd"] == 20.0
    assert row(out, "RIOT", "status")["price_usd"] == "ok"
    # MARA's reviewed close stands in, and is marked as what it is: old.
    assert row(out, "MARA")["price_usd"] == 11.17
    assert row(out, "MARA", "status")["price_usd"] == "stale"
    assert out["manifest"]["late_prices"]["MARA"] == "2026-10-05"
    assert f"Prices: yahoo (21 of 22), last close {SESSION:%Y-%m-%d}" in " ".join(done.stdout.split())
    assert "older: GREE 2026-07-13, MARA 2026-10-05" in " ".join(done.stdout.split())
    first = read(tmp_path, "xlsx")["Summary"]["A1"].value
    assert "MARA 2026-10-05" in str(first)


def test_a_server_that_is_down_is_exit_3_and_one_line(live, down, tmp_path):
    done = live.screener("run", "--source", "yahoo", cwd=tmp_path, **down)
    assert done.returncode == 3
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("screener: Yahoo cannot be reached")
    assert "--source bundled" in line
    assert not (tmp_path / "screens").exists()


def test_auto_falls_back_marked_in_red_in_manifest_and_first_line(live, down, tmp_path):
    done = live.screener("run", "--format", "json,xlsx", cwd=tmp_path, FORCE_COLOR="1", **down)
    assert done.returncode == 0, done.stderr
    plain = " ".join(re.sub(r"\x1b\[[\d;]*m", "", done.stdout).split())
    age = (TODAY - pd.Timestamp("2026-10-05")).days
    assert f"Prices: bundled, last close 2026-10-05, {age} days before {TODAY:%Y-%m-%d}" in plain
    assert "Fell back to bundled prices: Yahoo gave no answer within 5 seconds" in plain
    assert f"{RED}Prices: bundled" in done.stdout
    assert f"{RED}Fell back" in done.stdout
    manifest = read(tmp_path)["manifest"]
    assert manifest["price_source"] == "bundled"
    assert manifest["fell_back"] == "Yahoo gave no answer within 5 seconds"
    assert manifest["price_age_days"] == age
    first = read(tmp_path, "xlsx")["Summary"]["A1"].value
    (warning,) = [block for block in first if "Prices: bundled" in str(block)]
    assert warning.font.color.rgb[-6:-4] in ("C0", "FF")
    assert warning.font.color.rgb[-4:] == "0000"


def test_auto_takes_yahoo_where_it_answers(fresh, tmp_path):
    done = fresh.screener("run", "--format", "json", "--quiet", cwd=tmp_path)
    assert done.returncode == 0
    assert read(tmp_path)["manifest"]["price_source"] == "yahoo"


def test_auto_decides_on_a_black_hole_within_five_seconds(live, tmp_path):
    assert registry.PROBE_SECONDS <= 5.0
    live.proxy.black_hole = True
    start = time.monotonic()
    done = live.screener("run", "--format", "json", "--quiet", cwd=tmp_path)
    assert done.returncode == 0
    assert read(tmp_path)["manifest"]["price_source"] == "bundled"
    # Five seconds and what the offline run takes on a busy machine; without the decision the connection hangs for ever.
    assert time.monotonic() - start < 120.0


@pytest.mark.parametrize(("source", "code"), [("yahoo", 3), ("auto", 0)])
def test_a_rate_limit_on_everything_is_named(live, source, code, tmp_path):
    live.yahoo.fail(EVERY, "429")
    done = live.screener("run", "--source", source, "--format", "json", cwd=tmp_path)
    assert done.returncode == code
    told = done.stderr if source == "yahoo" else read(tmp_path)["manifest"]["fell_back"]
    assert "Yahoo rate-limited the requests (HTTP 429): no close of any of 22 symbols" in told
    assert len(told.splitlines()) == 1


def test_a_past_date_takes_closes_alone(live, tmp_path):
    done = live.screener(
        "run", "--source", "yahoo", "--as-of", "2026-01-16", "--format", "json", "--strict", cwd=tmp_path
    )
    assert done.returncode == 4  # MARA's MW are stale on that day, whatever the source
    out = read(tmp_path)
    assert row(out, "RIOT")["price_usd"] == 19.24
    assert out["manifest"]["prices_from"] == {"yahoo": 22}
    assert not [line for line in out["issues"] if "from yahoo" in line["what"]]
    assert not [request for request in live.proxy.requests if "timeseries" in request.path]


def test_a_symbol_that_is_another_security_by_now_is_not_used(fresh, tmp_path):
    """Somebody else lists under HUT at 5 USD: the last reviewed close of HUT is 89.27."""
    fresh.yahoo.traded["HUT"] = pd.Series(5.0, index=[pd.Timestamp("2026-10-05"), SESSION])
    done = fresh.screener("run", "--source", "yahoo", "--format", "json", "--quiet", cwd=tmp_path)
    assert done.returncode == 0
    out = read(tmp_path)
    assert row(out, "HUT")["price_usd"] == 89.27
    severity, detail = issues(out, "HUT")["price_usd held back"]
    assert severity == "error"
    assert "5.00 on 2026-10-05 against 89.27 in the universe" in detail
