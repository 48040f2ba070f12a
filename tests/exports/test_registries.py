"""A metric, a denominator, a group rule and an assumption added in one place reach help, terminal, JSON, CSV and HTML."""

from __future__ import annotations

import csv
import json
from dataclasses import field, fields

import pytest
from click.testing import CliRunner, Result

from screener.cli import cli
from valuation.assumptions import Assumptions
from valuation.denominators import DENOMINATORS, Denominator
from valuation.groups import RULES, Rule
from valuation.metrics import METRICS, Metric

AT = ("--as-of", "2026-01-16", "--source", "bundled")
NET_DEBT = Metric(
    "net_debt_usd", "Net debt", "usd", "Debt not converted less cash.", ("debt_after_conversion_usd", "cash_usd"),
    compute=lambda table, inputs, assumptions: table["debt_after_conversion_usd"] - table["cash_usd"],
)  # fmt: skip
PIPELINE = Denominator(
    key="pipeline", title="pipeline MW", denominator="pipeline_mw", metric="ev_per_mw_pipeline", unit="m_usd_per_mw",
    in_gap=True, in_specifications=True, definition="Power not yet approved.", inputs=("mw_pipeline",),
    compute=lambda mw, inputs, assumptions: mw["pipeline_mw"],
)  # fmt: skip
RULE = Rule("mw100", "at least 100 MW of contracted critical IT", "ai_contracted_it_mw", 100.0)


@pytest.fixture(autouse=True)
def added(monkeypatch):
    """One of each, as if it stood in its registry."""
    about = {"unit": "fraction", "title": "Share of power resold", "source": "test", "section": "Power"}
    more = field(default=0.1, metadata=about | {"low": 0.0, "high": 1.0})
    more.name, more.type, more._field_type = "resold_share", float, fields(Assumptions)[0]._field_type
    monkeypatch.setitem(METRICS, "net_debt_usd", NET_DEBT)
    monkeypatch.setitem(DENOMINATORS, "pipeline", PIPELINE)
    monkeypatch.setitem(RULES, "mw100", RULE)
    monkeypatch.setattr(Assumptions, "__dataclass_fields__", {**Assumptions.__dataclass_fields__, "resold_share": more})
    made = Assumptions.__init__

    def init(self: Assumptions, *values: float, resold_share: float = 0.1, **named: float) -> None:
        made(self, *values, **named)
        object.__setattr__(self, "resold_share", resold_share)

    monkeypatch.setattr(Assumptions, "__init__", init)


def typed(*arguments: str) -> Result:
    done = CliRunner().invoke(cli, list(arguments))
    assert done.exit_code == 0, (done.output, done.exception)
    return done


def flat(*arguments: str) -> str:
    return " ".join(typed(*arguments).output.split())


def test_help_and_lists_name_what_was_added():
    assert "mw100 (at least 100 MW of contracted critical IT)" in flat("run", "--help")
    text = "".join(typed("gap", "--help").output.split())
    assert "denominator=secured|operating|weighted|pipeline" in text
    assert "mw100" in text
    metrics = typed("metrics").output
    assert all(name in metrics for name in ("net_debt_usd", "pipeline_mw", "ev_per_mw_pipeline"))
    assert "Debt not converted less cash." in flat("metrics", "net_debt_usd")
    assert "resold_share = 0.1" in typed("assumptions").output


def test_a_run_carries_them_to_terminal_json_csv_and_html(tmp_path):
    text = flat("run", *AT, "--groups", "mw100", "--format", "json,csv,html", "--out", str(tmp_path))
    assert "EV / pipeline MW" in text
    assert "AI group: at least 100 MW of contracted critical IT" in text
    out = json.loads((tmp_path / "miners_2026-01-16.json").read_text())
    rows = {row["ticker"]: row for row in out["table"]}
    riot = rows["RIOT"]
    assert riot["net_debt_usd"] == pytest.approx(riot["debt_after_conversion_usd"] - riot["cash_usd"])
    assert "ev_per_mw_pipeline" in {row["metric"] for row in out["gap"]["rows"]}
    assert out["gap"]["rule"] == "mw100"
    assert out["manifest"]["assumptions"]["resold_share"] == 0.1
    with (tmp_path / "miners_2026-01-16.csv").open() as file:
        listed = {row["ticker"]: row for row in csv.DictReader(file)}
    assert float(listed["RIOT"]["net_debt_usd"]) == pytest.approx(riot["net_debt_usd"])
    assert listed["RIOT"]["net_debt_usd_status"] == "ok"
    page = (tmp_path / "miners_2026-01-16.html").read_text()
    assert "EV / pipeline MW" in page
    assert "at least 100 MW of contracted critical IT" in page


def test_a_rule_may_ask_for_and_show_an_added_metric(tmp_path):
    out = tmp_path / "found.csv"
    asked = ("--where", "net_debt_usd > 0", "--columns", "net_debt_usd, ev_per_mw_pipeline")
    text = flat("screen", *asked, *AT, "--out", str(out))
    assert "Net debt" in text
    assert "$bn" in text
    with out.open() as file:
        rows = list(csv.DictReader(file))
    assert all(float(row["net_debt_usd"]) > 0 for row in rows)


def test_the_gap_may_be_taken_over_an_added_denominator():
    text = flat("gap", *AT, "--spec", "denominator=pipeline,rule=mw100")
    assert "As requested: EV per pipeline MW, typical ratio" in text
    assert "EV / pipeline MW" in text
