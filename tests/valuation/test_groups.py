"""Who belongs to which group, by a threshold or by a list, and what a sector knows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.groups import MINERS, RULES, Rule, Sector


def table(**shares: float) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([[pd.Timestamp("2026-01-16")], list(shares)], names=["as_of", "ticker"])
    return pd.DataFrame({"ai_share_contracted": list(shares.values())}, index=index)


def test_at_the_threshold_a_company_is_in_the_ai_group_and_unknown_stays_unknown():
    found = RULES["share20"].apply(table(A=0.2, B=0.1999, C=np.nan, D=1.0))
    assert found.tolist() == ["pivot", "bitcoin", None, "pivot"]
    assert {name: (rule.metric, rule.threshold) for name, rule in RULES.items()} == {
        "share20": ("ai_share_contracted", 0.2), "signed": ("signed_contracts", 1), "mw25": ("ai_contracted_it_mw", 25.0),
        "share50": ("ai_share_contracted", 0.5), "trailing10": ("ai_share_trailing", 0.1),
    }  # fmt: skip


def test_a_rule_of_lists_knows_its_members_alone():
    rule = Rule("own", "by name", "ai_share_contracted", 0.2, (("A", "bitcoin"), ("B", "pivot")))
    assert rule.apply(table(A=0.9, B=0.0, C=0.9)).tolist() == ["bitcoin", "pivot", None]


def test_the_rules_and_names_of_a_sector():
    own = Rule("own", "by name", "ai_share_contracted", 0.2)
    assert dict(Sector(rules=(own,)).known_rules) == {"own": own}
    assert MINERS.known_rules is RULES
    assert Sector("GPU cloud", "landlord").names == {"pivot": "GPU cloud group", "bitcoin": "landlord group"}
