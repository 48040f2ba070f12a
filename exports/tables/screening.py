"""A screening rule's answer, a backtest and a portfolio for machines: one JSON object, and frames for CSV files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from exports.tables.screen import plain, records
from exports.tables.studies import Tables
from valuation.portfolio.report import PortfolioReport
from valuation.screening.backtest import Backtest
from valuation.screening.newey_west import MeanTest
from valuation.screening.result import Screened


def of_screened(found: Screened) -> Tables:
    """Who is in, with values and statuses; who is unknown and why; what each condition did."""
    states = found.status.add_suffix("_status")
    members = found.table.join(states).rename_axis("ticker").reset_index()
    unknown = found.unknown.rename_axis("ticker").reset_index()
    content = {
        "screen": found.name, "title": found.title, "as_of": plain(found.as_of), "where": found.where,
        "ranking": found.ranking, "prices": found.price_line, "n": found.n, "out": found.out,
        "in": records(members, index=False), "unknown": records(unknown, index=False),
        "conditions": records(found.conditions, index=False), "not_screened": list(found.excluded),
    }  # fmt: skip
    return Tables(content, {"in": members, "unknown": unknown, "conditions": found.conditions})


def of_backtest(result: Backtest, title: str, every: str, statement: Sequence[str]) -> Tables:
    """Every decision and return, what they amount to, and what has to be read beside them."""
    decisions = result.decisions.rename_axis("decided_on").reset_index()
    returns = result.returns.rename_axis("date").reset_index()
    content = {
        "screen": title, "every": every, "lag_closes": result.lag, "cost": result.cost,
        "performance": {name: _plain(asdict(line)) for name, line in result.performance.items()},
        "information": {str(h): _test(test) for h, test in result.information.items()},
        "excess_a_week": _test(result.excess),
        "deflated_sharpe": _plain(asdict(result.deflated)),
        "bets": _plain(asdict(result.bets)) | {"independent": plain(result.bets.independent)},
        "decisions": records(decisions, index=False), "returns": records(returns, index=False),
        "statement": list(statement),
    }  # fmt: skip
    return Tables(content, {"decisions": decisions, "returns": returns})


def of_portfolio(report: PortfolioReport) -> Tables:
    """Positions, look-through, risk, scenarios and limits."""
    held, through, risk = report.portfolio, report.look_through, report.risk
    parties = through.counterparties.rename_axis("counterparty").reset_index()
    companies = through.companies.reset_index()
    limits = report.limits.rename_axis("limit_name").reset_index()
    content: dict[str, Any] = {
        "manifest": report.manifest, "prices": report.price_line, "notes": list(report.notes),
        "net_usd": held.net, "long_usd": held.long, "short_usd": held.short, "cash_usd": held.cash, "pnl_usd": held.pnl,
        "fx": records(report.fx.rename_axis("currency")),
        "positions": records(held.positions, index=False),
        "look_through": {
            "companies": records(companies, index=False), "counterparties": records(parties, index=False),
            "totals": _plain(through.totals.to_dict()), "ev_per_mw_secured": plain(through.ev_per_mw),
            "p_nav": plain(through.p_nav), "outside": list(through.outside),
        },
        "risk": {"note": report.risk_note} if risk is None else {
            "returns": risk.periods, "n": risk.n, "volatility_a_year": risk.volatility, "losses": records(risk.losses),
            "betas": [_plain(asdict(line)) for line in risk.betas], "names": records(risk.names.rename_axis("name")),
            "concentration": risk.concentration, "covered": risk.covered, "left_out": risk.left_out,
        },
        "scenarios": [
            {"name": s.name, "title": s.title, "method": s.method, "pnl_usd": s.pnl_usd, "pnl": plain(s.pnl),
             "positions": records(s.positions, index=False)}
            for s in report.scenarios
        ],
        "limits": records(limits, index=False),
    }  # fmt: skip
    frames = {"positions": held.positions, "companies": companies, "counterparties": parties, "limits": limits}
    if risk is not None:
        frames["risk"] = risk.names.rename_axis("name").reset_index()
    return Tables(content, frames)


def _test(test: MeanTest | str) -> dict[str, Any]:
    return {"note": test} if isinstance(test, str) else _plain(asdict(test))


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in values.items()}
