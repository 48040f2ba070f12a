"""Which company a symbol stands for on a day, under which symbol a company is asked for, and runs across a rename."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import screener
from screener import universes
from screener.cli import cli
from screener.renames import Renames, in_tickers_of, joined, later_symbols, under_tickers, with_older
from screener.sources.fetched import (
    CLOSE_COLUMNS,
    FACT_COLUMNS,
    PROVIDER_COLUMNS,
    SPLIT_COLUMNS,
    Asked,
    Failure,
    Fetched,
    stack,
)
from screener.store import Store
from tests import landlords
from valuation.comparison.changes import Snapshot, compare

CHANGES = [("BITF", "KEEL", "2026-04-01"), ("GREE", "VIP", "2026-07-24"), ("GRYP", "ABTC", "2025-09-03")]


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def renames(tickers, changes=CHANGES, former=(), closes=()) -> Renames:
    companies = pd.DataFrame({"ticker": tickers})
    companies["former_tickers"] = companies["ticker"].map(dict(former))
    rows = pd.DataFrame(changes, columns=["old", "new", "first_day_under_new"])
    rows["first_day_under_new"] = pd.to_datetime(rows["first_day_under_new"])
    told = pd.DataFrame(closes, columns=["date", "ticker"])
    told["date"] = pd.to_datetime(told["date"])
    return Renames.of(companies, rows, told)


@pytest.mark.parametrize(
    ("symbol", "on", "company"),
    [
        ("KEEL", "2025-01-02", "KEEL"),  # the universe's own ticker on every day
        ("BITF", "2026-03-31", "KEEL"),
        ("BITF", "2026-10-05", "KEEL"),  # an old list, and nobody else bears it
        ("VIP", "2026-07-23", ""),  # somebody else's by then
        ("VIP", "2026-07-24", "GREE"),
        ("GREE", "2026-10-05", "GREE"),
        ("GRYP", "2025-09-02", "ABTC"),
        ("MARA", "2026-01-02", ""),
    ],
)
def test_the_day_decides_whose_a_symbol_is(symbol, on, company):
    assert renames(["KEEL", "GREE", "ABTC"]).company(symbol, day(on)).ticker == company


def test_a_symbol_that_somebody_else_took_later_is_not_the_old_company():
    closes = [("2026-03-30", "BITF"), ("2026-04-03", "BITF"), ("2026-06-19", "BITF")]
    found = renames(["KEEL"], closes=closes)
    assert found.company("BITF", day("2026-06-18")).ticker == "KEEL"
    meant = found.company("BITF", day("2026-06-19"))
    assert (meant.ticker, meant.note) == (
        "", "BITF was KEEL to 2026-03-31; somebody else trades under it since 2026-06-19",
    )  # fmt: skip
    # On a day before the change the list means the old company, whoever came later.
    assert found.company("BITF", day("2026-01-02")).ticker == "KEEL"


def test_a_symbol_that_changed_hands_within_the_table_is_each_company_s_in_its_time():
    changes = [("OLD", "ONE", "2024-01-02"), ("TWO", "OLD", "2025-01-02")]
    found = renames(["ONE", "TWO"], changes)
    assert [found.company("OLD", day(d)).ticker for d in ("2023-06-01", "2025-06-01")] == ["ONE", "TWO"]


def test_chains_and_returns_are_followed_by_their_days():
    changes = [("A", "B", "2022-01-03"), ("B", "C", "2023-01-03"), ("C", "A", "2024-01-03")]
    found = renames(["C"], changes)
    assert [found.company("A", day(d)).ticker for d in ("2021-06-01", "2024-06-01")] == ["C", "C"]
    assert found.company("B", day("2022-06-01")).ticker == "C"
    assert found.asked(["C"], day("2024-06-01")) == {"A": "C"}
    assert found.asked(["C"], day("2023-06-01")) == {"C": "C"}


def test_former_tickers_without_a_day_and_hints():
    found = renames(["DGXX", "KEEL", "GREE"], former=[("DGXX", "DGHI; DIGI")])
    assert found.company("DIGI", day("2026-01-02")).ticker == "DGXX"
    assert found.hint("DGHI") == "; DGHI is DGXX today: ask for DGXX"
    assert found.hint("BITF") == "; BITF is KEEL since 2026-04-01"
    assert found.hint("VIP") == "; VIP was GREE until 2026-07-24: ask for GREE"
    assert found.hint("NVDA") == ""


def test_a_renamed_company_is_asked_for_under_its_symbol_of_today_and_kept_under_the_universe_s():
    asked = renames(["KEEL", "GREE"]).asked(["KEEL", "GREE"], day("2026-11-30"))
    assert asked == {"KEEL": "KEEL", "VIP": "GREE"}
    assert renames(["KEEL", "GREE"]).asked(["GREE"], day("2026-07-23")) == {"GREE": "GREE"}
    told = Fetched(
        "yahoo",
        closes=pd.DataFrame([[day("2026-10-02"), "VIP", 2.0], [day("2026-10-02"), "KEEL", 3.0]], columns=CLOSE_COLUMNS),
        facts=stack([], FACT_COLUMNS), splits=stack([], SPLIT_COLUMNS),
        failures=(Failure("VIP", "statements", "empty", "no balance sheet"),),
        provider=pd.DataFrame([["VIP", 1e8]], columns=PROVIDER_COLUMNS), asked=(Asked("VIP", "closes", 1),),
    )  # fmt: skip
    back = under_tickers(told, asked)
    assert list(back.closes["ticker"]) == ["GREE", "KEEL"]
    assert list(back.provider["ticker"]) == ["GREE"]
    assert str(back.failures[0]) == "GREE: statements: empty: no balance sheet (asked for as VIP)"
    assert back.asked[0].symbol == "GREE"


@settings(max_examples=60, deadline=None)
@given(st.permutations("ABCDEF"), st.integers(1, 5), st.integers(0, 5), st.integers(0, 2000))
def test_on_every_day_a_chain_gives_one_symbol_one_company(symbols, length, own, offset):
    """A company that goes through distinct symbols: on each day exactly the symbol in force stands for it, by itself."""
    chain = symbols[: length + 1]
    days = [day("2020-01-01") + pd.Timedelta(days=400 * (k + 1)) for k in range(length)]
    changes = [(chain[k], chain[k + 1], f"{days[k]:%Y-%m-%d}") for k in range(length)]
    ticker = chain[min(own, length)]
    found, on = renames([ticker], changes), day("2020-01-01") + pd.Timedelta(days=offset)
    in_force = chain[sum(one <= on for one in days)]
    assert found.company(in_force, on).ticker == ticker
    assert found.asked([ticker], day("2030-01-01")) == {chain[-1]: ticker}
    for later in chain[chain.index(in_force) + 1 :]:
        assert found.company(later, on).ticker == ("" if later != ticker else ticker)


def answer(rows, failures=()) -> Fetched:
    return Fetched(
        "yahoo", closes=stack([pd.DataFrame(rows, columns=CLOSE_COLUMNS)], CLOSE_COLUMNS), facts=stack([], FACT_COLUMNS),
        splits=stack([], SPLIT_COLUMNS), failures=tuple(failures),
    )  # fmt: skip


@pytest.mark.parametrize(("last", "taken"), [("2026-07-31", True), ("2026-10-02", False)])
def test_an_old_symbol_stands_in_only_where_nobody_trades_on_under_it(last, taken):
    named = renames(["GREE", "KEEL"])
    new = answer(
        [[day("2026-10-02"), "KEEL", 3.0]], [Failure("GREE", "closes", "empty", "no close (asked for as VIP)")]
    )
    both = with_older(new, answer([[day(last), "GREE", 1.5]]), named)
    assert set(both.closes["ticker"]) == ({"GREE", "KEEL"} if taken else {"KEEL"})
    assert [one.symbol for one in both.failures] == ([] if taken else ["GREE"])


def test_a_company_renamed_between_two_runs_is_one(tmp_path):
    path = landlords.write(tmp_path / "halls")
    (path / "renames.csv").write_text("old,new,first_day_under_new\nOLDF,FARM,2026-01-12\n")
    loaded = universes.load(path)
    before, after = (Snapshot.of(screener.run(loaded, on, source="bundled")) for on in ("2026-01-09", landlords.AS_OF))
    by_ticker = ("names", "table", "status", "causes", "bridge")
    old = {name: getattr(before, name).rename(index={"FARM": "OLDF"}) for name in by_ticker}
    rows = {
        name: getattr(before, name).replace({"ticker": {"FARM": "OLDF"}}) for name in ("contracts", "facts", "issues")
    }
    was = replace(before, **old, **rows)
    named = Renames.of_universe(loaded)
    assert set(compare(was, after).attribution.frame.index) == set(after.table.index) - {"FARM"}
    again = in_tickers_of(was, after, named)
    pd.testing.assert_frame_equal(again.table, before.table, check_index_type=False)
    pd.testing.assert_frame_equal(again.contracts, before.contracts, check_dtype=False)
    assert set(compare(again, after).attribution.frame.index) == set(after.table.index)


def test_a_history_that_goes_on_under_another_symbol_is_one_company(tmp_path):
    """Stored as OLDF on 9 January, as FARM on the 16th: one column of the export, one page and file of the site."""
    path, history, out = landlords.write(tmp_path / "halls"), tmp_path / "history.db", tmp_path / "out"
    now = {name: (path / name).read_text() for name in sorted(one.name for one in path.iterdir())}

    def screened(on: str) -> None:
        book = str(tmp_path / "book.xlsx")
        done = CliRunner().invoke(
            cli, ["run", "--universe", str(path), "--source", "bundled", "--as-of", on, "--store",
                  "--database", str(history), "--out", book], catch_exceptions=False)  # fmt: skip
        assert done.exit_code == 0, done.output

    for name, text in now.items():
        (path / name).write_text(text.replace("FARM", "OLDF"))
    screened("2026-01-09")
    for name, text in now.items():
        (path / name).write_text(text)
    (path / "renames.csv").write_text("old,new,first_day_under_new\nOLDF,FARM,2026-01-12\n")
    screened(landlords.AS_OF)
    for command in (["history", "export", "--out", str(tmp_path / "weekly.csv")], ["site", str(out)]):
        done = CliRunner().invoke(
            cli, [*command, "--universe", str(path), "--database", str(history)], catch_exceptions=False
        )
        assert done.exit_code == 0, done.output
    done = CliRunner().invoke(
        cli, ["diff", "--universe", str(path), "--database", str(history)], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    assert "OLDF" not in done.output.replace("OLDF-TELE-1", "the lease")
    weekly = pd.read_csv(tmp_path / "weekly.csv", index_col="as_of")
    assert list(weekly.columns) == sorted(landlords.NAMES)
    assert weekly["FARM"].notna().all()
    with Store.open(history, datetime(2026, 1, 17, tzinfo=UTC), create=False) as store:
        first = store.snapshot("2026-01-09", "halls").table
    assert weekly.at["2026-01-09", "FARM"] == pytest.approx(first.at["OLDF", "ev_per_mw_secured"])
    told = pd.read_csv(out / "data" / "companies" / "FARM.csv", index_col="as_of")
    assert list(told.index) == ["2026-01-09", landlords.AS_OF]
    assert told["ev_per_mw_secured"].tolist() == pytest.approx(weekly["FARM"].tolist())
    # The page of the first week keeps its link: the page under the former symbol is the company's.
    assert "companies/OLDF.html" in (out / "weeks" / "2026-01-09.html").read_text()
    assert (out / "companies" / "OLDF.html").read_text() == (out / "companies" / "FARM.html").read_text()


def test_a_symbol_that_was_left_goes_under_the_later_one_and_one_that_ended_stays():
    days = pd.DatetimeIndex(["2026-03-27", "2026-04-03", "2026-04-10"])
    weekly = pd.DataFrame({"BITF": [1.0, 2.0, None], "DEAD": [5.0, None, None], "KEEL": [None, 3.0, 4.0]}, days)
    seen = {name: weekly[name].last_valid_index() for name in weekly}
    later = later_symbols(seen, renames(["KEEL"]))
    assert later == {"BITF": "KEEL"}
    one = joined(weekly, later)
    assert list(one.columns) == ["DEAD", "KEEL"]
    assert one["KEEL"].tolist() == [1.0, 3.0, 4.0]  # where both stand, the later symbol's
    assert later_symbols(seen, Renames()) == {}
    assert later_symbols({"BITF": days[2], "KEEL": days[0]}, renames(["KEEL"])) == {}  # nothing goes on under KEEL
