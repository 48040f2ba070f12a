"""The study of the gap and its history on hand-made companies: what is chosen, counted, left out and drawn."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

from tests.valuation.hand_made import SHARES, VALUES, table
from valuation.assumptions import Assumptions, Bridge
from valuation.gap.estimate import measure
from valuation.gap.history import GapHistory, through_time
from valuation.gap.specification import Specification
from valuation.gap.specification_curve import VARIED, CrossSections
from valuation.gap.study import GapStudy, decomposed, run
from valuation.groups import RULES
from valuation.regression.ols import primary

NAN = np.nan
DAY = pd.Timestamp("2026-01-16")
FEW = replace(Assumptions(), bootstrap_draws=99)
PARTIES = pd.DataFrame({"party": ["Cloud", "Cloud"], "role": "tenant", "ticker": ["A", "B"]})


def sections(companies: pd.DataFrame, hidden: tuple[str, ...] = ("", "DEF", "JKLI")) -> CrossSections:
    """Specifications of the headline's rule and denominator under three switches, some companies hidden in each."""
    shown = np.array([[name not in without for name in companies.index] for without in hidden])
    labels = pd.DataFrame({"as_of": DAY, "denominator": "secured", "rule": "share20"}, index=range(len(hidden)))
    labels = labels.assign(**{name: getattr(Bridge(), name) for name in VARIED})
    labels["net_bitcoin"], labels["if_converted"] = (
        [True, False, False][: len(hidden)],
        [True, True, False][: len(hidden)],
    )
    value = np.where(shown, companies["enterprise_value_usd"] / 1e6, NAN)
    pivot = np.where(shown, companies["group"] == "pivot", False).astype(bool)
    return CrossSections(labels, value, np.where(shown, 1000.0, NAN), pivot, companies.index)


def study(definition: Specification | None = None, share: dict = SHARES, **more: Any) -> GapStudy:
    companies, status, causes = table(VALUES, share)
    gap = measure(companies, status, causes, RULES["share20"], FEW)
    return run(DAY, gap, companies, FEW, sections(companies), definition or Specification(), **more)


@pytest.fixture(scope="module")
def found():
    return study(parties=PARTIES)


def test_the_headline_and_a_ratio_of_two(found):
    # Halved, two of the AI group equal two miners: every assignment of the midranks.
    ranks = rankdata([*(v / 2 for v in list(VALUES.values())[:6]), *list(VALUES.values())[6:]])
    sums = np.array([sum(chosen) for chosen in combinations(ranks, 6)])
    assert found.p_claimed == pytest.approx(2 * (sums >= ranks[:6].sum()).mean())
    assert found.chosen[["metric", "statistic"]].tolist() == ["ev_per_mw_secured", "hodges_lehmann"]
    assert found.declared["ratio"] == pytest.approx(found.chosen["ratio"])
    assert found.tenants.frame["excluded"].tolist() == ["A, B"]
    assert found.lead.leads == "gap"
    assert np.isnan(found.tenants.line)
    assert (found.joint.draws, found.joint.specifications) == (999, 8)
    assert found.summary.notes[-1].startswith("Hodges-Lehmann estimate")


def test_specifications_with_three_in_each_group_count_as_distinct(found):
    # The second leaves three AI-group companies, the third two miners.
    assert found.n_distinct == 2 * 4
    assert study().tenants.frame.empty


def test_another_statistic_has_its_own_sensitivity():
    other = study(Specification(denominator="operating", statistic="aggregate"))
    assert other.chosen[["metric", "statistic"]].tolist() == ["ev_per_mw_operating", "aggregate"]
    assert other.tested[["metric", "statistic"]].tolist() == ["ev_per_mw_operating", "hodges_lehmann"]
    companies = table(VALUES, SHARES)[0].drop("C")
    sums = companies.groupby("group")[["enterprise_value_usd", "operating_mw"]].sum()
    each = sums["enterprise_value_usd"] / sums["operating_mw"]
    assert other.sensitivity["C"] == pytest.approx(each["pivot"] / each["bitcoin"])


def test_the_typical_ratio_of_another_denominator_by_hand():
    other = study(Specification(denominator="operating"), parties=PARTIES)
    companies = table(VALUES, SHARES)[0]
    each = companies["enterprise_value_usd"] / companies["operating_mw"]

    def ratio(names: str) -> float:
        pairs = [np.log(each[a] / each[b]) for a in "ABCDEF" if a in names for b in "GHIJKL"]
        return float(np.exp(np.median(pairs)))

    assert other.chosen["ratio"] == pytest.approx(ratio("ABCDEF"))
    assert other.sensitivity["C"] == pytest.approx(ratio("ABDEF"))
    assert other.tenants.frame["ratio"].tolist() == pytest.approx([ratio("CDEF")])
    ranks = rankdata(np.r_[each[list("ABCDEF")] / 2, each[list("GHIJKL")]])
    sums = np.array([sum(chosen) for chosen in combinations(ranks, 6)])
    assert other.p_claimed == pytest.approx(
        min(1.0, 2 * min((sums >= ranks[:6].sum()).mean(), (sums <= ranks[:6].sum()).mean()))
    )


def test_where_the_line_leads_it_is_held_without_each_tenant():
    share = SHARES | dict.fromkeys("BC", 0.0)
    companies = table(VALUES, share)[0]
    line = primary(companies[["ev_per_mw_secured", "ai_share_contracted", "group"]])
    few = study(share=share, line=line, parties=PARTIES)
    assert few.lead.leads == "line"
    assert few.tenants.line == pytest.approx(np.exp(line.slope))
    many = study(line=line, parties=PARTIES)
    assert np.isnan(many.tenants.line)
    assert not np.isnan(many.lead.line.ratio)


def test_without_a_group_there_is_no_test_and_no_word_on_significance():
    nobody = study(share=dict.fromkeys(VALUES, 0.5))
    assert np.isnan(nobody.p_claimed)
    assert not any("significant" in one.text for one in nobody.findings)


def test_decompositions_count_the_companies_with_the_trait():
    companies = table(VALUES, SHARES)[0]
    companies.loc[["A", "B", "G"], "operating_mw"] = NAN
    rows = decomposed(companies, "ev_per_mw_secured", 0.95)
    assert rows.loc["operating_share", ["n_pivot", "n_bitcoin", "df"]].tolist() == [4, 5, 8]
    geometric = np.log(companies["ev_per_mw_secured"]).drop(["A", "B", "G"]).groupby(companies["group"]).mean()
    assert rows.at["operating_share", "difference"] == pytest.approx(geometric["pivot"] - geometric["bitcoin"])
    told = rows.loc["ln_secured_mw"]  # 1,000 MW each
    assert "collinear" in told["note"]
    assert np.isnan(told["difference"])
    assert (told["n_pivot"], told["n_bitcoin"]) == (6, 6)


def weeks(n: int, two: int = 0) -> tuple[CrossSections, dict[str, pd.DataFrame]]:
    """Walks of four against three companies; in the first `two` weeks a miner is missing."""
    dates, rng = pd.date_range("2024-01-05", periods=n, freq="7D"), np.random.default_rng(3)
    value = 1000 * np.exp(np.cumsum(rng.normal(0, 0.05, (n, 7)), axis=0) + np.r_[1.0, 1.2, 0.9, 1.1, 0, 0.1, -0.1])
    value[:two, 6] = NAN
    mw = np.where(np.isnan(value), NAN, 500.0)
    sampled = CrossSections(
        pd.DataFrame({"as_of": dates}), value, mw, np.tile(np.arange(7) < 4, (n, 1)), pd.Index(list("ABCDEFG"))
    )
    frame = pd.DataFrame(0.0, index=dates, columns=sampled.tickers)
    return sampled, {"priced": frame == 0.0, "contracted_usd": frame}


def test_a_history_of_few_weeks_has_no_trend_and_says_so():
    sampled, more = weeks(5, two=2)
    for draws, used in ((5000, 999), (99, 99)):
        out = through_time(sampled, "hodges_lehmann", replace(FEW, bootstrap_draws=draws), **more)
        assert out.draws == used
    assert out.checks is None
    assert "3 weeks with 3 companies in each group; a trend needs 30" in out.findings[0].text
    assert out.findings[0].figures == {"weeks": 3}
    assert len(out.findings) == len(out.sentences) + 1
    assert out.frame["ratio"].isna().tolist() == [True, True, False, False, False]
    assert out.frame["n_bitcoin"].tolist() == [2, 2, 3, 3, 3]
    assert out.summary.lines[0].startswith("3 of 5 weeks measured")
    assert len(out.summary.lines) == 2  # and what moved it
    alone = through_time(sampled.where(np.arange(5) < 3), "hodges_lehmann", FEW, **more)
    assert alone.change is None
    assert len(alone.summary.lines) == 1


def test_another_statistic_has_neither_interval_nor_band_and_no_ratio_of_two():
    sampled, more = weeks(32, two=1)
    typical, mean = (through_time(sampled, name, FEW, **more) for name in ("hodges_lehmann", "geometric_mean"))
    assert (
        typical.frame.loc[typical.frame.index[1:], ["low", "p_value", "band_low", "band_high"]].notna().all(axis=None)
    )
    path = typical.checks.path["hodges_lehmann"]
    assert typical.frame["ratio"].iloc[1:].tolist() == pytest.approx(np.exp(path).tolist())
    assert np.log(typical.frame["band_high"].iloc[1:]).tolist() == pytest.approx(
        typical.checks.band["high_bootstrap"].tolist()
    )
    assert mean.frame[["low", "high", "p_value", "level_reached", "band_low", "band_high"]].isna().all(axis=None)
    assert np.isnan(mean.frame["ratio"].iloc[0])
    logs = np.log(sampled.value[1:])
    expected = np.exp(logs[:, :4].mean(axis=1) - logs[:, 4:].mean(axis=1))
    assert mean.frame["ratio"].iloc[1:].tolist() == pytest.approx(expected.tolist())


def test_the_summary_of_a_history_shows_the_last_week_of_each_quarter():
    sampled, more = weeks(30)
    out = through_time(sampled, "hodges_lehmann", FEW, **more)
    dates = pd.date_range("2022-01-07", periods=223, freq="7D", name="as_of")  # 17 quarters and some weeks
    long = replace(out, frame=pd.DataFrame(1.0, index=dates, columns=out.frame.columns))
    (shown,) = long.summary.tables
    assert (len(shown.frame), shown.left_out) == (16, 2)
    assert str(shown.frame.index[0])[:10] == "2022-03-25"
    none: GapHistory = replace(out, frame=out.frame.assign(ratio=NAN))
    assert none.summary.tables[0].frame.empty
