"""What the files of a portfolio hold: one JSON object, and a CSV file a table."""

from __future__ import annotations

from typing import Any

import pandas as pd

from exports.tables.portfolio.brief import brief, caveats
from valuation.portfolio.loss_intervals import LEVEL
from valuation.portfolio.report import PortfolioReport


def content_of(report: PortfolioReport) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """The brief, positions, moves, look-through, risk, liquidity, scenarios and limits."""
    held, through, risk = report.portfolio, report.look_through, report.risk
    frames = {
        "positions": held.positions, "companies": through.companies.reset_index(),
        "counterparties": through.counterparties.rename_axis("counterparty").reset_index(),
        "guarantors": through.guarantors.reset_index(),
        "limits": report.limits.rename_axis("limit_name").reset_index(),
    }  # fmt: skip
    if report.moves is not None:
        named = held.positions[["account", "ticker"]]
        frames["moves"] = named.join(report.moves.positions)
    content: dict[str, Any] = {
        "manifest": report.manifest, "prices": report.price_line, "notes": report.notes,
        "brief": [{"name": line.name, "title": line.title, "text": line.text} for line in brief(report)],
        "caveats": caveats(report),
        "net_usd": held.net, "long_usd": held.long, "short_usd": held.short, "cash_usd": held.cash, "pnl_usd": held.pnl,
        "pnl_positions": dict(zip(("known", "of"), held.pnl_known, strict=True)),
        "exposure": {
            "long_usd": held.exposure_long, "short_usd": held.exposure_short, "gross_usd": held.gross_exposure,
            "net_usd": held.net_exposure, "leverage": held.leverage,
            "unknown": dict(zip(held.unexposed["ticker"], held.unexposed["exposure_cause"], strict=True)),
        },
        "moves": None if report.moves is None else {
            "since": report.moves.since, "pnl_usd": report.moves.pnl_usd, "change": report.moves.change,
            "known": dict(zip(("known", "of"), report.moves.known, strict=True)), "positions": frames["moves"],
        },
        "liquidity": {"note": report.liquidity_note} if report.liquidity is None else {
            "names": report.liquidity.names, "participation": report.liquidity.participation,
            "sessions": report.liquidity.sessions, "source": report.liquidity.source,
        },
        "fx": report.fx.rename_axis("currency"), "positions": held.positions,
        "look_through": {
            "companies": frames["companies"], "counterparties": frames["counterparties"], "totals": through.totals,
            "ev_per_mw_secured": through.ev_per_mw, "ev_per_mw_weighted": through.ev_per_mw_weighted, "p_nav": through.p_nav,
            "means": through.means.rename_axis("figure"), "guarantors": frames["guarantors"],
            "through_options": through.optional, "outside": through.outside,
        },
        "risk": {"note": report.risk_note} if risk is None else {
            "returns": risk.periods, "n": risk.n, "volatility_a_year": risk.volatility, "losses": risk.losses,
            "intervals": {"level": LEVEL, "block": risk.block, "draws": risk.draws, "seed": risk.seed},
            "betas": risk.betas, "names": risk.names.rename_axis("name"), "concentration": risk.concentration,
            "covered": risk.covered, "left_out": risk.left_out,
        },
        "scenarios": [
            {"name": s.name, "title": s.title, "method": s.method, "pnl_usd": s.pnl_usd, "pnl": s.pnl,
             "positions": s.positions}
            for s in report.scenarios
        ],
        "limits": frames["limits"],
    }  # fmt: skip
    if risk is not None:
        frames["risk"] = risk.names.rename_axis("name").reset_index()
    return content, frames
