"""Figures behind formulas on made-up screens: the line of the others against statsmodels, the price of a subsidiary."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student
from statsmodels.regression.linear_model import OLS

from valuation.assumptions import Assumptions
from valuation.explanation.figures import _line, _quarters, _subsidiaries, others_on_the_line

NAN = np.nan
NAMES = ["line_intercept", "line_slope", "line_quantile", "line_error"]


def screen(value: list[float], share: list[float], **changes: dict[str, object]) -> SimpleNamespace:
    """Companies A, B, ... with EV per secured MW and contracted share, all in the statistics."""
    index = list("ABCDEFGH"[: len(value)])
    table = pd.DataFrame({"ev_per_mw_secured": value, "ai_share_contracted": share, "excluded": ""}, index=index)
    table = table.astype({"excluded": object})
    status = pd.DataFrame("ok", index=index, columns=["ev_per_mw_secured", "ai_share_contracted"])
    for ticker, reason in changes.get("excluded", {}).items():
        table.loc[ticker, "excluded"] = reason
    for (ticker, name), state in changes.get("status", {}).items():
        status.loc[ticker, name] = state
    return SimpleNamespace(table=table, status=status, assumptions=Assumptions(confidence_level=0.9))


VALUE, SHARE = [2.0, 3.5, 3.0, 6.0, 9.0, 5.0, 1.0, 4.0], [0.0, 0.1, 0.4, 0.6, 1.0, 0.7, 0.2, 0.3]


def test_the_line_through_the_others_is_that_of_statsmodels():
    made = screen(VALUE, SHARE, excluded={"G": "comparable"}, status={("H", "ai_share_contracted"): "missing",
                                                                      ("B", "ev_per_mw_secured"): "stale"})  # fmt: skip
    found = _line(made)
    assert found.columns.tolist() == NAMES
    for ticker in "ABCDEF":
        rest = [at for at, name in enumerate("ABCDEF") if name != ticker]
        fit = OLS(np.log(np.array(VALUE)[rest]), np.column_stack([np.ones(5), np.array(SHARE)[rest]])).fit()
        ahead = fit.get_prediction([[1.0, SHARE["ABCDEF".index(ticker)]]])
        assert found.loc[ticker].tolist() == pytest.approx([*fit.params, student.ppf(0.95, 3), ahead.se_obs[0]])
    # What is outside is measured against nothing.
    assert found.loc[["G", "H"]].isna().all(axis=None)


def test_the_others_need_six_companies_in_all_and_shares_that_differ():
    assert others_on_the_line(screen(VALUE[:6], SHARE[:6]), "C").index.tolist() == list("ABDEF")
    assert others_on_the_line(screen(VALUE[:6], SHARE[:6]), "C").columns.tolist() == [
        "ev_per_mw_secured", "ai_share_contracted",
    ]  # fmt: skip
    few = screen(VALUE[:5], SHARE[:5])
    assert others_on_the_line(few, "A").empty
    assert _line(few).isna().all(axis=None)
    assert _line(few).index.tolist() == list("ABCDE")
    flat = _line(screen(VALUE[:6], [0.3] * 5 + [0.9]))
    assert flat["line_slope"].notna().tolist() == [True] * 5 + [False]


def test_a_parent_has_the_price_and_the_shares_of_its_subsidiary():
    table = pd.DataFrame({"price_usd": [10.0, 4.0, 7.0], "diluted_shares": [100.0, 50.0, 30.0]}, index=["P", "S", "Q"])
    companies = pd.DataFrame({"consolidated_by": [None, "P", "ELSEWHERE"]}, index=["P", "S", "Q"])
    found = _subsidiaries(SimpleNamespace(table=table, companies=companies))
    assert found.columns.tolist() == ["subsidiary_price_usd", "subsidiary_diluted_shares"]
    assert found.loc["P"].tolist() == [4.0, 50.0]
    assert found.loc[["S", "Q"]].isna().all(axis=None)


def test_the_quarters_that_the_ai_shares_rest_on():
    ends = pd.to_datetime(["2024-12-31", "2025-03-31", "2025-06-30", "2025-09-30", "2025-12-31"])
    day = pd.Timestamp("2026-02-20")
    rows = pd.DataFrame({
        "as_of": day, "ticker": "A", "period_end": ends, "total_usd": [9.0, 10.0, 11.0, 12.0, 13.0],
        "mining_usd": [8.0, 8.0, 7.0, 6.0, NAN], "ai_hpc_usd": [1.0, 2.0, 4.0, 5.0, NAN],
        "ai_hpc_one_off_usd": [NAN, NAN, 1.5, NAN, NAN], "hosting_usd": [NAN, NAN, NAN, 1.0, NAN], "other_usd": NAN,
        "sga_cash_usd": NAN,
    })  # fmt: skip
    index = pd.MultiIndex.from_product([[day], ["A", "B"]], names=["as_of", "ticker"])
    found = _quarters(SimpleNamespace(index=index, quarters=rows))
    one = found.loc[(day, "A")]
    # The latest total is of December, without a breakdown; AI and the split are of September.
    names = ["latest_total_usd", "ai_quarter_usd", "split_mining_usd", "split_total_usd", "split_hosting_usd"]
    assert one[names].tolist() == [13.0, 5.0, 6.0, 12.0, 1.0]
    # Twelve months: March to December; nothing told is no one-off.
    assert one["year_total_usd"] == pytest.approx(46.0)
    assert one["year_one_off_usd"] == pytest.approx(1.5)
    assert found.loc[(day, "B")].isna().all()
