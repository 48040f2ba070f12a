"""A last close ten times too high, end to end: through a universe's CSV, the ledger and a source, in every output."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

from screener import universes
from screener.alerts import rules
from screener.cli import cli
from screener.config.alerts import AlertSettings
from screener.errors import HeldBack
from screener.gathering import InputData
from screener.ledger import Ledger, Told
from screener.pipeline import require_complete
from screener.run_config import resolve_config
from screener.screen import screens
from tests.screener.sources.test_yahoo_run import SESSION, fresh, issues, read, row

__all__ = ["fresh"]
DAY = "2026-10-05"


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A folder like the bundled universe, of which one test changes a cell; the working directory beside it."""
    folder = tmp_path / "copy"
    shutil.copytree(universes.find("miners"), folder, ignore=shutil.ignore_patterns("__*"))
    monkeypatch.chdir(tmp_path)
    return folder


def spoil(folder, file: str, line: str, wrong: str) -> int:
    """Put another line in the place of one; its number."""
    lines = (folder / file).read_text().splitlines()
    at = lines.index(line)
    lines[at] = wrong
    (folder / file).write_text("\n".join(lines) + "\n")
    return at + 1


def run(folder, *more: str):
    arguments = ["run", "--universe", str(folder), "--source", "bundled", "--as-of", DAY, "--quiet", *more]
    return CliRunner().invoke(cli, arguments, catch_exceptions=True)


def test_a_wrong_close_of_a_csv_stops_nothing_and_stands_nowhere(copy, tmp_path, monkeypatch):
    clean = next(screens(resolve_config("miners"), InputData.of(universes.load("miners")), [pd.Timestamp(DAY)]))
    at = spoil(copy, "prices.csv", f"{DAY},RIOT,19.32", f"{DAY},RIOT,193.2")
    done = run(copy, "--format", "json,xlsx,html")
    assert done.exit_code == 0, done.output
    out = json.loads(next((tmp_path / "screens").glob("*.json")).read_text())
    assert row(out, "RIOT")["price_usd"] == 19.73  # of 2 October
    assert out["manifest"]["late_prices"] == clean.manifest["late_prices"]  # three days old: not late
    # RIOT's close fell by 2% in the three days: so little may the premium of AI revenue move.
    assert clean.regression.premium == pytest.approx(1.65, abs=0.005)
    assert out["regression"]["premium"] == pytest.approx(clean.regression.premium, rel=0.03)
    severity, detail = issues(out, "RIOT")["price_usd held back"]
    assert severity == "error"
    assert detail.startswith(f"prices.csv:{at}: 193.20 on {DAY} after 19.73 on 2026-10-02, 9.79 times")
    assert "a source in the column confirmed" in detail
    (told,) = out["manifest"]["held_back"]
    assert (told["ticker"], told["title"], told["reason"]) == ("RIOT", "close", detail)

    line = "1 figure is held back as out of proportion (RIOT close): the figure before it is used, or none"
    book = openpyxl.load_workbook(next((tmp_path / "screens").glob("*.xlsx")))
    cells = {name: [str(c) for r in book[name].values for c in r if c] for name in ("Brief", "Summary", "Quality")}
    assert any(line in one for one in cells["Brief"])
    assert any(line in one for one in cells["Summary"])
    assert any(f"prices.csv:{at}" in one for one in cells["Quality"])
    page = next((tmp_path / "screens").glob("*.html")).read_text()
    assert line in page
    assert f"prices.csv:{at}" in page


def test_strict_stops_with_2_and_names_the_override_which_lets_it_pass(copy):
    spoil(copy, "prices.csv", f"{DAY},RIOT,19.32", f"{DAY},RIOT,193.2")
    done = run(copy, "--format", "json", "--strict")
    assert isinstance(done.exception, HeldBack)
    assert done.exception.exit_code == 2
    assert "1 figure held back\nRIOT price_usd: prices.csv:" in str(done.exception)
    assert (
        "a row of prices.csv, of the universe or its overlay, with this close and a source in the column confirmed"
        in str(done.exception)
    )
    lines = (copy / "prices.csv").read_text().splitlines()
    lines = [
        f"{one},{'confirmed' if at == 0 else 'https://exchange.example' if 'RIOT,193.2' in one else ''}"
        for at, one in enumerate(lines)
    ]
    (copy / "prices.csv").write_text("\n".join(lines) + "\n")
    data = InputData.of(universes.load(copy))
    screen = next(screens(resolve_config(str(copy)), data, [pd.Timestamp(DAY)]))
    assert screen.table.at["RIOT", "price_usd"] == 193.2
    assert screen.manifest["held_back"] == []
    (used,) = screen.issues.loc[screen.issues["what"] == "price_usd large step", "detail"]
    assert "confirmed by a person: https://exchange.example; used" in used


def test_alerts_and_doctor_fail_on_what_is_held_back(copy, monkeypatch):
    spoil(copy, "prices.csv", f"{DAY},RIOT,19.32", f"{DAY},RIOT,193.2")
    from screener.jobs.doctor import FAILED, OK, _figures
    from valuation.comparison.changes import Snapshot

    now = datetime(2026, 10, 5, 23, tzinfo=UTC)
    check = _figures(str(copy), now)
    assert check.state == FAILED
    assert "1 figure held back: RIOT close; prices.csv:" in check.found
    assert _figures("miners", now).state == OK
    screen = next(screens(resolve_config(str(copy)), InputData.of(universes.load(copy)), [pd.Timestamp(DAY)]))
    (alert,) = [one for one in rules.met(AlertSettings(), Snapshot.of(screen), None) if one.rule == "held_back"]
    assert alert.ticker == "RIOT"
    assert str(alert).startswith("RIOT: close is held back: prices.csv:")
    with pytest.raises(HeldBack, match="RIOT price_usd"):
        require_complete(screen)


def test_an_older_figure_held_back_is_a_warning_and_stops_nothing(copy):
    spoil(copy, "prices.csv", "2026-09-18,RIOT,23.75", "2026-09-18,RIOT,237.5")
    screen = next(screens(resolve_config(str(copy)), InputData.of(universes.load(copy)), [pd.Timestamp(DAY)]))
    (severity,) = screen.issues.loc[screen.issues["what"] == "price_usd held back", "severity"]
    assert (severity, screen.manifest["held_back"], screen.held_line) == ("warning", [], "")


def test_a_sheet_in_thousands_is_held_back_and_the_one_before_stands(copy):
    mine = universes.load("miners").facts
    mine = mine[mine["ticker"].eq("RIOT") & mine["item"].eq("cash")].sort_values("published_on")
    before, last = mine.iloc[-2], mine.iloc[-1]
    text = (copy / "financials.csv").read_text().splitlines()
    line = text[int(last["line"]) - 1]
    spoil(copy, "financials.csv", line, line.replace(f",{last['value']:.0f},", f",{last['value'] / 1000:.0f},"))
    screen = next(screens(resolve_config(str(copy)), InputData.of(universes.load(copy)), [pd.Timestamp(DAY)]))
    used = screen.facts[(screen.facts["ticker"] == "RIOT") & (screen.facts["item"] == "cash")]
    assert used["value"].tolist() == [before["value"]]
    assert screen.manifest["held_back"][0]["reason"].startswith(f"financials.csv:{int(last['line'])}: ")


def test_a_wrong_close_of_yahoo_and_of_the_ledger_after_it(fresh, tmp_path):
    """Yahoo's last close of RIOT is ten times too high; the ledger keeps what was told, and a run on it is no other."""
    fresh.yahoo.traded["RIOT"].iloc[-1] = 200.0
    arguments = ("--format", "json", "--quiet")
    done = fresh.screener("run", "--source", "yahoo", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    out = read(tmp_path)
    assert row(out, "RIOT")["price_usd"] == 19.32
    severity, detail = issues(out, "RIOT")["price_usd held back"]
    assert severity == "error"
    assert f"yahoo: 200.00 on {SESSION:%Y-%m-%d} after 19.32 on 2026-10-05, 10.4 times" in detail
    again = fresh.screener("run", "--source", "ledger", *arguments, "--strict", cwd=tmp_path)
    assert again.returncode == 2
    assert again.stderr.startswith("screener: strict: 1 figure held back\nRIOT price_usd: yahoo: 200.00")


def test_two_words_of_the_ledger_on_the_last_day(monkeypatch, tmp_path):
    """A wrong week of the network in the ledger: the price of bitcoin of the week before stands."""
    frame = pd.DataFrame(
        [(pd.Timestamp("2026-10-16"), 845_000.0, 900.0, 1.3e14, 450.0)],
        columns=["date", "btc_usd", "hashrate_eh_per_s", "difficulty", "reward_and_fees_btc_per_day"],
    )
    with Ledger.open() as ledger:
        ledger.add(Told("mempool.space", network=frame), datetime(2026, 10, 17, tzinfo=UTC))
    from screener.loading import load_inputs

    universe = universes.load("miners")
    data = load_inputs(universe, "2026-10-17", "ledger")
    (held,) = data.held[~data.held["used"]].itertuples()
    assert (held.ticker, held.item, held.place) == ("BTC-USD", "btc_usd", "mempool.space")
    screen = next(screens(resolve_config(universe), data, [pd.Timestamp("2026-10-17")]))
    assert screen.btc_usd == 81_754.4
