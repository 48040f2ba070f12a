"""`screener screen` and `screener metrics` as a user types them."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from screener.cli import cli
from screener.errors import ScreenerError
from tests.screener import january as by_hand

JANUARY = ["--source", "bundled", "--as-of", "2026-01-16"]


def typed(*arguments: str):
    return CliRunner().invoke(cli, arguments)


def test_alone_lists_the_bundled_screens():
    done = typed("screen")
    assert done.exit_code == 0
    for name in ("cheap-power", "contracted-backlog", "pivot-laggards", "residual-value", "credit-quality"):
        assert f"{name}: " in done.output
    assert 'where group == "bitcoin"' in done.output


def test_a_bundled_screen_fits_80_columns_and_says_who_is_unknown():
    done = typed("screen", "cheap-power", *JANUARY)
    assert done.exit_code == 0
    assert max(map(len, done.output.splitlines())) <= 80
    assert "Not classified (missing input)" in done.output
    assert "in, " in done.output
    assert "unknown of n = 17." in done.output
    assert "Outside the statistics, not screened: WYFI, ABTC, CRWV, GLXY, NBIS." in " ".join(done.output.split())


def test_the_rule_of_the_issue_by_options():
    rule = "ev_per_mw_secured < 4 and ai_share_contracted >= 0.3 and not stale"
    done = typed(
        "screen", "--where", rule, "--columns", "ticker, ev_per_mw_secured, backlog_usd / secured_mw", *JANUARY
    )
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert sum(line.startswith("HUT ") for line in lines) == 1
    assert "not stale" in done.output


def test_top_sort_and_weights_by_options():
    done = typed("screen", "--weights", "ev_per_mw_secured=2, secured_mw=1", "--top", "3", "--sort=-price_usd",
                 "--columns", "price_usd", *JANUARY)  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "3 in, " in done.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["screen", "cheep"], "neither a TOML file nor one of cheap-power"),
        (["screen", "--where", "ev_per_mw_secure < 4"], "nearest: ev_per_mw_secured"),
        (["screen", "--top", "3"], "the best 3 by what?"),
        (["screen", "--weights", "secured_mw=x"], "write metric=number"),
        (["metrics", "ev_per_mw"], "nearest: ev_per_mw_"),
    ],
)
def test_bad_input_is_told_and_exits_2(arguments, told):
    done = typed(*arguments)
    assert isinstance(done.exception, ScreenerError)
    assert done.exception.exit_code == 2
    assert told in str(done.exception)


def test_a_file_that_is_neither_csv_nor_json_is_refused():
    done = typed("screen", "cheap-power", "--format", "pdf", *JANUARY)
    assert done.exit_code == 2
    assert "give one or more of json, csv" in done.output


def test_the_answer_is_written_with_statuses_and_the_unknown(tmp_path):
    for suffix in ("csv", "json"):
        done = typed("screen", "cheap-power", "--out", str(tmp_path / f"found.{suffix}"), *JANUARY)
        assert done.exit_code == 0, done.exception
    frame = pd.read_csv(tmp_path / "found.csv", index_col="ticker")
    content = json.loads((tmp_path / "found.json").read_text())
    rows = {row["ticker"]: row for row in content["in"]}
    assert set(frame.index) == set(rows)
    # BTBT's 108 MW are known, and less than 200.
    assert {row["ticker"] for row in content["unknown"]} == {"CANG", "GREE"}
    unknown = pd.read_csv(tmp_path / "found_unknown.csv", index_col="ticker")
    assert "secured_mw unknown" in unknown.at["CANG", "why"]
    assert rows["RIOT"]["ev_per_mw_secured"] == pytest.approx(by_hand.RIOT)
    assert content["where"] == "ev_per_mw_secured < 4 and secured_mw >= 200"
    assert frame.at["CLSK", "ev_per_mw_secured_status"] == "proxy"


def test_metrics_lists_all_and_explains_one():
    from screener.rules.check import FUNCTIONS
    from valuation.metrics import METRICS

    everything = typed("metrics")
    assert everything.exit_code == 0
    assert max(map(len, everything.output.splitlines())) <= 80
    assert [n for n in METRICS if n not in everything.output] == []
    assert [n for n in FUNCTIONS if f"{n}()" not in everything.output] == []
    one = typed("metrics", "ev_per_mw_secured", "rank")
    assert "less is better for a buyer" in one.output
    assert "from the universe: debt_total, other_debt_carrying, transactions, instruments" in one.output
    assert "rank: Rank on that date" in one.output
