"""The gap and the line without the companies of each tenant, against plain computations on the companies that remain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from tests.valuation.hand_made import SHARES, VALUES, table
from valuation.findings import CAN, CANNOT
from valuation.gap.dependence import CORRELATIONS, DESIGNS, RANK_SUM, WILD, dependence, rates, shocks
from valuation.gap.tenants import COLUMNS, LeaveOneTenantOut, leave_one_tenant_out
from valuation.regression.ols import primary

MULTIPLES = pd.Series(VALUES)
IS_PIVOT = pd.Series(SHARES) >= 0.2


def parties(**served: str) -> pd.DataFrame:
    rows = [(party, "tenant", ticker) for party, tickers in served.items() for ticker in tickers]
    return pd.DataFrame(rows, columns=["party", "role", "ticker"])


def by_hand(excluded: str) -> float:
    kept = {k: v for k, v in VALUES.items() if k not in excluded}
    first, second = ([v for k, v in kept.items() if (SHARES[k] >= 0.2) == side] for side in (True, False))
    return float(np.exp(np.median([np.log(a / b) for a in first for b in second])))


def test_without_each_tenant_by_hand():
    out = leave_one_tenant_out(parties(Alpha="AB", Beta="BG", Gamma="Z"), MULTIPLES, IS_PIVOT)
    rows = out.frame.set_index("party")
    assert list(rows.index) == ["Alpha", "Beta"]  # no company of Gamma is in the sample
    assert rows["ratio"].to_dict() == pytest.approx({"Alpha": by_hand("AB"), "Beta": by_hand("BG")})
    assert rows["excluded"].to_dict() == {"Alpha": "A, B", "Beta": "B, G"}
    assert rows[["n_pivot", "n_bitcoin"]].to_numpy().tolist() == [[4, 6], [5, 5]]
    exact = mannwhitneyu([VALUES[k] for k in "CDEF"], [VALUES[k] for k in "GHIJKL"], method="exact").pvalue
    assert rows.at["Alpha", "p_value"] == pytest.approx(exact)
    assert out.ratio == pytest.approx(by_hand(""))
    assert rows[["line", "line_p", "n_line"]].isna().all(axis=None)


def test_a_tenant_of_one_company_is_leave_one_company_out():
    from valuation.gap.hodges_lehmann import without_each

    out = leave_one_tenant_out(parties(**{f"T{k}": k for k in VALUES}), MULTIPLES, IS_PIVOT).frame
    assert out["ratio"].to_numpy() == pytest.approx(without_each(MULTIPLES.to_numpy(), IS_PIVOT.to_numpy()))


def test_fewer_than_three_that_remain_are_told_and_give_no_estimate():
    out = leave_one_tenant_out(parties(Most="ABCD", One="G"), MULTIPLES, IS_PIVOT)
    rows = out.frame.set_index("party")
    assert rows.at["Most", "note"] == "2 companies in the AI group"
    assert np.isnan(rows.at["Most", "ratio"])
    assert np.isnan(rows.at["Most", "p_value"])
    told = " ".join(one.text for one in out.findings if one.kind == CANNOT)
    assert "Excluding the companies of Most leaves fewer than 3 in a group: no estimate." in told


def test_the_words_name_range_parties_and_the_size_of_the_test_only_where_a_tenant_is_shared():
    shared = leave_one_tenant_out(parties(Alpha="AB", Bank="AB", Beta="G"), MULTIPLES, IS_PIVOT)
    alpha, beta = by_hand("AB"), by_hand("G")
    (low, low_of), (high, high_of) = sorted([(alpha, "A, B: Alpha and Bank"), (beta, "G: Beta")])
    full = by_hand("")
    most = "Alpha and Bank" if abs(np.log(alpha / full)) > abs(np.log(beta / full)) else "Beta"
    (text,) = [one.text for one in shared.findings if one.kind == CAN]
    assert text.startswith(
        f"Excluding in turn all companies of each tenant or guarantor, the gap ranges from {low:.1f}x (excluding {low_of}) "
        f"to {high:.1f}x (excluding {high_of}), against {full:.1f}x with all companies; excluding those of {most} "
    )
    assert any(one.text == dependence(RANK_SUM).text for one in shared.findings)
    single = leave_one_tenant_out(parties(Alpha="A", Beta="G"), MULTIPLES, IS_PIVOT)
    assert not any("not independent" in one.text for one in single.findings)
    nobody = leave_one_tenant_out(parties(), MULTIPLES, IS_PIVOT)
    assert nobody.findings == ()


def test_the_line_without_each_tenant_is_the_regression_of_the_others():
    companies, _, _ = table(VALUES, SHARES)
    columns = ["ev_per_mw_secured", "ai_share_contracted", "group"]
    line = primary(companies[columns])
    out = leave_one_tenant_out(parties(Alpha="AB", Most="ABCDEFGHI"), MULTIPLES, IS_PIVOT, line)
    rows = out.frame.set_index("party")
    again = primary(companies.drop(["A", "B"])[columns])
    assert rows.at["Alpha", "line"] == pytest.approx(np.exp(again.slope))
    assert rows.at["Alpha", "line_p"] == pytest.approx(again.wild.p_value)
    assert rows.at["Alpha", "n_line"] == 10
    assert rows.at["Most", "line_note"] == "3 companies on the line"
    assert np.isnan(rows.at["Most", "line"])
    assert out.line == pytest.approx(np.exp(line.slope))
    assert any(one.text == dependence(WILD).text for one in out.findings)


def test_no_line_where_one_company_alone_would_set_it():
    companies, _, _ = table(VALUES, dict.fromkeys(VALUES, 0.0) | {"A": 1.0, "B": 1.0})
    line = primary(companies[["ev_per_mw_secured", "ai_share_contracted", "group"]])
    row = leave_one_tenant_out(parties(Alpha="A"), MULTIPLES, IS_PIVOT, line).frame.iloc[0]
    assert np.isnan(row["line"])
    assert row["line_note"]


def test_three_that_remain_in_a_group_and_five_on_the_line_are_enough():
    companies, _, _ = table(VALUES, SHARES)
    line = primary(companies[["ev_per_mw_secured", "ai_share_contracted", "group"]])
    told = parties(Three="CBA", Five="ABDEHIJ", Four="ABDEHIJK")
    rows = leave_one_tenant_out(told, MULTIPLES, IS_PIVOT, line).frame.set_index("party")
    assert list(rows.index) == ["Five", "Four", "Three"]  # by name, however they are listed
    assert rows.at["Three", "excluded"] == "A, B, C"
    assert rows.at["Three", "ratio"] == pytest.approx(by_hand("ABC"))
    assert rows["n_line"].tolist() == [5, 4, 9]
    slope, _ = np.polyfit([SHARES[name] for name in "CFGKL"], np.log([VALUES[name] for name in "CFGKL"]), 1)
    assert rows.at["Five", "line"] == pytest.approx(np.exp(slope))
    assert rows.at["Four", "line_note"] == "4 companies on the line"


def left_out(ratio: float, **found: float) -> LeaveOneTenantOut:
    """Estimates by tenant, each of two companies of its own; p is a tenth of the ratio."""
    frame = pd.DataFrame({"party": list(found), "ratio": list(found.values())}).reindex(columns=COLUMNS)
    frame["p_value"], frame["companies"] = frame["ratio"] / 10, 2
    return LeaveOneTenantOut(frame.assign(excluded=[f"{name}1, {name}2" for name in found]), ratio, np.nan)


def test_what_moves_an_estimate_most_is_measured_in_logs_up_or_down():
    # Halved is further than 1.5 times as large; a tenant without an estimate moves nothing.
    out = left_out(2.0, Up=3.0, Down=1.0, Gone=np.nan)
    assert out.moved_most()["party"] == "Down"
    assert left_out(2.0, Gone=np.nan).moved_most() is None
    ranges = out.findings[0]
    assert "ranges from 1.0x (excluding Down1, Down2: Down) to 3.0x (excluding Up1, Up2: Up)" in ranges.text
    assert ranges.figures == {
        "lowest": 1.0,
        "highest": 3.0,
        "with_all": 2.0,
        "largest_p": pytest.approx(0.3),
        "parties": 2,
    }
    assert out.findings[1].figures == {"parties": 1}
    assert out.findings[1].text.startswith("Excluding the companies of Gone leaves")


@pytest.mark.parametrize(("ratio", "gone"), [(np.nan, [np.nan]), (2.0, [1.8])])
def test_nothing_is_said_of_tenants_where_nothing_is_missing(ratio, gone):
    out = left_out(ratio, **{f"T{k}": one for k, one in enumerate(gone)})
    assert not any("no estimate" in one.text for one in out.findings)


@settings(max_examples=40, deadline=None)
@given(st.sets(st.sampled_from(sorted(VALUES)), max_size=9), st.floats(0.1, 10))
def test_scale_of_values_and_order_of_companies_do_not_matter(excluded, scale):
    told = parties(Alpha="".join(sorted(excluded)))
    order = np.random.default_rng(len(excluded)).permutation(len(MULTIPLES))
    one = leave_one_tenant_out(told, MULTIPLES, IS_PIVOT).frame
    other = leave_one_tenant_out(told.iloc[::-1], (MULTIPLES * scale).iloc[order], IS_PIVOT.iloc[order]).frame
    pd.testing.assert_frame_equal(one, other)


def test_companies_of_a_cluster_correlate_as_stated_and_the_others_do_not():
    rng = np.random.default_rng(0)
    design = replace(DESIGNS[0], n_pivot=5, n_bitcoin=2, clusters=(2, 2))
    drawn = np.array([shocks(rng, design, 0.5) for _ in range(20_000)])
    expected = np.eye(7)
    expected[0, 1] = expected[1, 0] = expected[2, 3] = expected[3, 2] = 0.5
    assert np.corrcoef(drawn.T) == pytest.approx(expected, abs=0.03)
    assert drawn.std(axis=0) == pytest.approx(np.ones(7), abs=0.03)


@pytest.mark.parametrize("test", [RANK_SUM, WILD])
def test_the_sentence_prints_the_rates_that_are_kept(test):
    found = dependence(test)
    mine = [one.clustered for one in DESIGNS if one.test == test]
    for k, (low, high) in enumerate(rates(test)):
        assert (low, high) == (min(m[k] for m in mine), max(m[k] for m in mine))
        assert f"{low:.0%} to {high:.0%} at a correlation of {CORRELATIONS[k]}" in found.text
    assert "20,000 simulations, seed 20260116" in found.text


def test_the_designs_are_those_of_the_full_run():
    """20,000 simulations each (METHODS section 7, in percent there); clusters of AI companies within their group."""
    assert [(d.test, d.name, d.n_pivot, d.n_bitcoin, d.clusters, d.independent, d.clustered) for d in DESIGNS] == [
        ("exact Wilcoxon rank-sum test", "6 v 6", 6, 6, (3, 3), 0.0412, (0.0714, 0.1057)),
        ("exact Wilcoxon rank-sum test", "7 v 6", 7, 6, (4, 3), 0.03505, (0.06445, 0.10145)),
        ("exact Wilcoxon rank-sum test", "10 v 5", 10, 5, (5, 5), 0.03935, (0.07495, 0.12)),
        ("restricted wild bootstrap", "constant", 7, 8, (4, 3), 0.05475, (0.1013, 0.15605)),
        ("restricted wild bootstrap", "growing", 7, 8, (4, 3), 0.06525, (0.14565, 0.2402)),
    ]
    assert CORRELATIONS == (0.25, 0.5)
    found = dependence(RANK_SUM)
    assert "the nominal 5% of simulations" in found.text
    assert found.threshold == 0.05
    assert found.figures == {
        "simulations": 20_000, "seed": 20260116, "lowest_size_0.25": 0.06445, "highest_size_0.25": 0.07495,
        "lowest_size_0.5": 0.10145, "highest_size_0.5": 0.12,
    }  # fmt: skip
