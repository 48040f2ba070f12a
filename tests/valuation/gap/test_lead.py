"""What leads: the groups or the line, by the number of companies in the smaller group."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.hand_made import SHARES, VALUES, table
from valuation.findings import CAN, CANNOT, NOTE
from valuation.gap.lead import GAP, LINE, lead, leads, reason, tercile_of, terciles


@pytest.mark.parametrize(("sizes", "expected"), [((5, 5), GAP), ((4, 9), LINE), ((11, 2), LINE), ((0, 9), LINE)])
def test_the_line_leads_below_five(sizes, expected):
    assert leads(*sizes) == expected
    assert (reason(*sizes) == "") == (expected == GAP)


def test_why_it_leads():
    assert reason(11, 2) == "With 2 mining companies there is no group comparison, which needs 3 in each group"
    assert reason(4, 3) == "With 4 AI-group companies and 3 mining companies the group comparison is rough"
    assert (
        reason(0, 9)
        == "With no AI-group company in the statistics there is no group comparison, which needs 3 in each group"
    )
    assert reason(1, 9) == "With 1 AI-group company there is no group comparison, which needs 3 in each group"


def line(companies: pd.DataFrame) -> SimpleNamespace:
    """What the lead reads of a regression: slope 1.2 with the interval 0.4 to 2."""
    sample = pd.DataFrame({"share": companies["ai_share_contracted"]})
    wild = SimpleNamespace(low=0.4, high=2.0, p_value=0.004, method="restricted wild bootstrap, HC3-t")
    return SimpleNamespace(sample=sample, slope=1.2, wild=wild, level=0.95, n=len(companies))


def test_the_gap_implied_between_no_share_and_the_mean_share_of_the_ai_group():
    companies, _, _ = table(VALUES, SHARES)
    found = lead(pd.Series({"n_pivot": 6, "n_bitcoin": 2}), companies.index, companies, line(companies))
    share = (0.3 + 0.5 + 0.9 + 0.7 + 1.0 + 0.6) / 6
    implied = (found.line.share, found.line.ratio, found.line.low, found.line.high)
    assert implied == pytest.approx((share, np.exp(1.2 * share), np.exp(0.4 * share), np.exp(2 * share)))
    assert [one.kind for one in found.findings] == [NOTE, CAN, CAN]
    assert (
        "implies a gap of 2.2x in enterprise value per secured MW between no contracted AI revenue and the AI group's mean "
        "share of 67% (95% confidence interval 1.3x to 3.8x, p = 0.004, n = 12)" in found.findings[1].text
    )


def test_where_the_groups_lead_nothing_is_added():
    companies, _, _ = table(VALUES, SHARES)
    found = lead(pd.Series({"n_pivot": 6, "n_bitcoin": 6}), companies.index, companies, line(companies))
    assert (found.leads, found.findings) == (GAP, ())


def test_without_a_line_the_page_says_why():
    companies, _, _ = table(VALUES, SHARES)
    sizes = pd.Series({"n_pivot": 6, "n_bitcoin": 2})
    found = lead(sizes, companies.index, companies, None, "a regression needs at least 4 companies, the sample has 2")
    assert found.line is None
    assert found.findings[0].kind == CANNOT
    assert "leads" not in found.findings[0].text
    assert "the sample has 2" in found.findings[0].text
    nobody = companies.assign(group="bitcoin")
    assert "no AI-group company" in lead(sizes, nobody.index, nobody, line(nobody)).findings[0].text


def test_terciles_by_hand():
    companies, _, _ = table(VALUES, SHARES)
    found = terciles(companies).set_index("tercile")
    in_order = sorted(SHARES, key=lambda name: SHARES[name])
    # G and I share none and stay together at the bottom; G, I, L, J are the four lowest.
    assert in_order[:4] == ["G", "I", "L", "J"]
    assert found["n"].tolist() == [4, 4, 4]
    for name, part in zip(("lowest", "middle", "highest"), (in_order[:4], in_order[4:8], in_order[8:]), strict=True):
        assert found.at[name, "median_ev_per_mw"] == pytest.approx(np.median([VALUES[k] for k in part]))
        assert (found.at[name, "lowest_share"], found.at[name, "highest_share"]) == (SHARES[part[0]], SHARES[part[-1]])


def test_companies_of_one_share_stay_in_one_tercile():
    shares = dict(zip("ABCDEF", [0.0, 0.0, 0.0, 0.0, 0.5, 1.0], strict=True))
    companies, _, _ = table(dict.fromkeys(shares, 1.0), shares)
    found = terciles(companies)
    # Four of six have no share: all are in the lowest tercile, and nobody is in the middle one.
    assert found["tercile"].tolist() == ["lowest", "highest"]
    assert found["n"].tolist() == [4, 2]
    assert terciles(companies.assign(ai_share_contracted=1 - companies["ai_share_contracted"]))["n"].tolist() == [2, 4]


def test_nearly_all_of_one_share_are_at_its_end():
    for shares, sizes in (([0.0, 1, 1, 1, 1, 1], [1, 5]), ([0.0, 0, 0, 0, 0, 1], [5, 1])):
        companies, _, _ = table(dict.fromkeys("ABCDEF", 1.0), dict(zip("ABCDEF", shares, strict=True)))
        found = terciles(companies)
        assert (found["tercile"].tolist(), found["n"].tolist()) == (["lowest", "highest"], sizes)


def test_unknown_shares_are_in_no_tercile():
    companies, _, _ = table(VALUES, SHARES | {"A": np.nan})
    assert terciles(companies)["n"].sum() == 11
    assert terciles(companies.iloc[:0]).empty


def test_why_there_is_no_gap_implied_is_said_even_where_nobody_says_why():
    companies, _, _ = table(VALUES, SHARES)
    sizes = pd.Series({"n_pivot": 6, "n_bitcoin": 2})
    assert lead(sizes, companies.index, companies, None).note == "no regression on this date"
    assert lead(sizes, companies.index, companies, None, "too few").note == "too few"
    assert lead(sizes, companies.index, companies, line(companies), "too few").note == ""


def test_a_company_without_a_value_is_in_no_tercile_and_ai_companies_are_counted():
    companies, _, _ = table(VALUES | {"G": np.nan}, SHARES)
    found = terciles(companies)
    # Midranks r of 11: 3 (r - 1/2) / 11 is 0.95 at the fourth, 1.23 at the fifth, 1.77 at the seventh, 2.05 at the eighth.
    assert found["n"].tolist() == [4, 3, 4]
    assert found["n_pivot"].tolist() == [0, 2, 4]
    assert tercile_of(companies).to_dict() == {
        "I": 0, "L": 0, "J": 0, "H": 0, "K": 1, "A": 1, "B": 1, "F": 2, "D": 2, "C": 2, "E": 2,
    }  # fmt: skip


def test_a_tercile_of_one_share_is_said_without_a_range():
    companies, _, _ = table(
        dict.fromkeys("ABCDEF", 2.0), dict(zip("ABCDEF", [0.0, 0.0, 0.2, 0.3, 0.5, 0.6], strict=True))
    )
    found = lead(pd.Series({"n_pivot": 4, "n_bitcoin": 2}), companies.index, companies, None, "none")
    assert found.findings[1].text.endswith(
        "$2.0m in the lowest (share 0%, n = 2), $2.0m in the middle (share 20% to 30%, n = 2) and $2.0m in the highest "
        "(share 50% to 60%, n = 2)."
    )
    assert found.findings[1].figures["middle_n"] == 2
    none = companies.assign(ai_share_contracted=np.nan)
    assert len(lead(pd.Series({"n_pivot": 4, "n_bitcoin": 2}), none.index, none, None, "none").findings) == 1
