"""An addition to a registry, in one place, reaches everything that valuation makes."""

from __future__ import annotations

from dataclasses import field, fields, replace

import numpy as np
import pytest

from tests.valuation.worlds import basis, miners
from valuation import groups, metrics
from valuation.assumptions import Assumptions, Bridge, checked, describe
from valuation.denominators import DENOMINATORS, Denominator, in_gap, in_specifications
from valuation.fundamentals import company_metrics
from valuation.gap import estimate, specification_curve, study
from valuation.gap.specification import Specification
from valuation.groups import RULES, Rule
from valuation.metrics import METRICS, Metric

FEW = replace(Assumptions(), bootstrap_draws=99)
BUILDING = Denominator(
    key="building", title="MW being built", denominator="building_mw", metric="ev_per_mw_building", unit="m_usd_per_mw",
    in_gap=True, in_specifications=True, definition="Power under construction.", inputs=("mw_under_construction",),
    compute=lambda mw, inputs, assumptions: mw["construction_mw"],
)  # fmt: skip


def one_date(rule: Rule = RULES["share20"]):
    inputs = basis(miners()).inputs
    valuation = company_metrics.value(inputs, FEW, Bridge(), rule)
    return inputs, *(frame.droplevel("as_of") for frame in (valuation.table, valuation.status, valuation.causes))


def test_the_registry_keeps_the_multiples_of_the_table():
    assert list(in_gap()) == ["ev_per_mw_secured", "ev_per_mw_operating", "ev_per_mw_weighted", "ev_to_ntm_revenue",
                              "ev_to_contracted_revenue"]  # fmt: skip
    assert list(in_specifications()) == ["secured", "operating", "weighted"]
    completed = "Enterprise value plus capex still to spend over contracted critical IT MW."
    assert METRICS["ev_per_mw_ai_contracted_it"].definition == completed
    assert METRICS["equity_value_to_backlog"].title == "Equity value / backlog"
    assert [METRICS[one.metric].inputs for one in DENOMINATORS.values()] == [
        (one.numerator, one.denominator) for one in DENOMINATORS.values()
    ]


def test_scale_and_place_of_each_denominator():
    per_mw = {"secured", "operating", "weighted", "ai_contracted_it", "ai_in_service"}
    assert {key for key, one in DENOMINATORS.items() if one.scale == 1e6} == per_mw
    assert {one.scale for one in DENOMINATORS.values()} == {1.0, 1e6}
    assert [key for key, one in DENOMINATORS.items() if one.beside] == ["ntm_revenue", "contracted_revenue"]
    assert METRICS["ev_per_mw_secured"].formula == "enterprise_value_usd / secured_mw / 1000000"
    assert METRICS["ev_to_backlog"].formula == "completed_ev_usd / backlog_usd"


def test_of_every_multiple_less_is_better_and_of_revenue_more():
    less = {one.metric for one in DENOMINATORS.values()} | {f"premium_to_line{end}" for end in ("", "_low", "_high")}
    more = {"contracted_revenue_usd", "lease_revenue_usd", "cloud_revenue_usd", "ntm_revenue_usd", "ntm_ebitda_usd",
            "contracted_noi_usd", "backlog_usd", "consensus_revenue_usd", "consensus_ebitda_usd"}  # fmt: skip
    assert {name: one.direction for name, one in METRICS.items()} == {
        name: -1 if name in less else 1 if name in more else 0 for name in METRICS
    }
    assert less | more < set(METRICS)


def test_the_column_of_an_added_denominator_is_named_after_it(monkeypatch):
    before = list(METRICS)
    plain = Denominator("peak", "power at peak", "peak_mw", "ev_per_mw_peak", "m_usd_per_mw", inputs=("mw_peak",))
    monkeypatch.setitem(DENOMINATORS, "peak", plain)
    added = METRICS["peak_mw"]
    assert (added.title, added.definition, added.inputs) == ("Power at peak", "Power at peak.", ("mw_peak",))
    assert METRICS["ev_per_mw_peak"].title == "EV / power at peak"
    monkeypatch.setitem(DENOMINATORS, "peak", replace(plain, definition="At peak.", denominator="secured_mw"))
    assert "peak_mw" not in METRICS
    assert METRICS["secured_mw"].title == "Secured MW"
    monkeypatch.setitem(DENOMINATORS, "peak", replace(plain, definition="At peak."))
    assert METRICS["peak_mw"].definition == "At peak."
    monkeypatch.delitem(DENOMINATORS, "peak")
    assert list(METRICS) == before


def test_a_header_has_the_unit_where_there_is_one():
    assert METRICS["secured_mw"].header == "Secured MW (MW)"
    assert METRICS["backlog_usd"].header == "Backlog (USD)"
    assert METRICS["group"].header == "Group"
    assert METRICS["signed_contracts"].header == "Signed contracts"


def test_a_denominator_reaches_table_metrics_gap_specifications_and_findings(monkeypatch):
    monkeypatch.setitem(DENOMINATORS, "building", BUILDING)
    assert METRICS["building_mw"] == Metric(
        "building_mw", "MW being built", "mw", "Power under construction.", ("mw_under_construction",)
    )
    assert METRICS["ev_per_mw_building"].header == "EV / MW being built (m USD per MW)"
    inputs, table, status, causes = one_date()
    wanted = table["enterprise_value_usd"] / 1e6 / table["building_mw"].where(table["building_mw"] > 0)
    known = status["ev_per_mw_building"].isin(["ok", "stale", "proxy"])
    assert known.sum() >= 3
    assert np.allclose(table.loc[known, "ev_per_mw_building"], wanted[known])
    assert set(status.loc[table["building_mw"].isna(), "ev_per_mw_building"]) == {"missing"}

    gap = estimate.measure(table, status, causes, RULES["share20"], FEW)
    rows = gap.frame[gap.frame["metric"] == "ev_per_mw_building"]
    assert list(rows["statistic"]) == list(estimate.STATISTICS)
    assert "building" in estimate.GAP_DENOMINATORS
    assert estimate.MEASURED["ev_per_mw_building"] == ("enterprise_value_usd", "building_mw")

    chosen = Specification.parse(["denominator=building"])
    assert str(chosen).startswith("EV per MW being built, typical ratio")
    sampled = specification_curve.cross_sections(inputs, FEW)
    assert set(sampled.labels["denominator"]) == {"secured", "operating", "weighted", "building"}
    result = study.run(inputs.items.index[0][0], gap, table, FEW, sampled, chosen)
    assert result.chosen["metric"] == "ev_per_mw_building"
    assert any("per MW being built" in one.text for one in result.findings)


def test_without_the_addition_nothing_of_it_is_left():
    assert "ev_per_mw_building" not in METRICS
    assert "building" not in estimate.GAP_DENOMINATORS
    with pytest.raises(ValueError, match="one of secured, operating, weighted"):
        Specification.parse(["denominator=building"])


def test_a_group_rule_reaches_groups_specifications_and_the_curve(monkeypatch):
    rule = Rule("mw100", "at least 100 MW of contracted critical IT", "ai_contracted_it_mw", 100.0)
    monkeypatch.setitem(RULES, "mw100", rule)
    inputs, table, *_ = one_date(rule)
    known = table["ai_contracted_it_mw"].notna()
    assert ((table["group"] == groups.PIVOT) == (table["ai_contracted_it_mw"] >= 100))[known].all()
    assert "at least 100 MW" in str(Specification.parse(["rule=mw100"]))
    assert "mw100" in set(specification_curve.cross_sections(inputs, FEW).labels["rule"])


def test_a_metric_that_computes_itself_reaches_the_table_with_its_status(monkeypatch):
    net_debt = Metric(
        "net_debt_usd", "Net debt", "usd", "Debt not converted less cash.", ("debt_after_conversion_usd", "cash_usd"),
        compute=lambda table, inputs, assumptions: table["debt_after_conversion_usd"] - table["cash_usd"],
    )  # fmt: skip
    monkeypatch.setitem(METRICS, "net_debt_usd", net_debt)
    assert metrics.metric("net_debt_usd") is net_debt
    _, table, status, causes = one_date()
    both = status[["debt_after_conversion_usd", "cash_usd"]]
    assert (status.loc[(both == "missing").any(axis=1), "net_debt_usd"] == "missing").all()
    known = status["net_debt_usd"] == "ok"
    assert (both[known] == "ok").all(axis=None)
    assert np.allclose(
        table.loc[known, "net_debt_usd"], table.loc[known, "debt_after_conversion_usd"] - table.loc[known, "cash_usd"]
    )
    assert (causes.loc[status["net_debt_usd"] == "missing", "net_debt_usd"] != "").all()


def test_an_unknown_metric_names_the_nearest():
    with pytest.raises(KeyError, match="nearest: ev_per_mw_secured") as raised:
        metrics.metric("ev_per_mw_secure")
    assert str(raised.value).startswith("no metric 'ev_per_mw_secure'")


def test_an_assumption_is_described_checked_and_carried(monkeypatch):
    # A field as `assumptions.py` declares one, added to the class as if it stood there.
    about = {"unit": "fraction", "title": "Share of power resold", "source": "test", "section": "Power"}
    more = field(default=0.1, metadata=about | {"low": 0.0, "high": 1.0})
    more.name, more.type, more._field_type = "resold_share", float, fields(Assumptions)[0]._field_type
    monkeypatch.setattr(Assumptions, "__dataclass_fields__", {**Assumptions.__dataclass_fields__, "resold_share": more})
    monkeypatch.setattr(Assumptions, "resold_share", 0.1, raising=False)
    described = {row["name"]: row for row in describe(Assumptions())}
    assert described["resold_share"]["title"] == "Share of power resold"
    assert checked(Assumptions, "resold_share", 0.25) == 0.25
    with pytest.raises(ValueError, match="from 0 to 1"):
        checked(Assumptions, "resold_share", 1.5)
