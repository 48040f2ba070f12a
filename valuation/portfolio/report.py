"""Portfolio report: value, look-through, risk, stress tests and limits on one date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from valuation._summary import ResultMixin, Summary
from valuation._words import day
from valuation.portfolio.liquidity import Liquidity
from valuation.portfolio.look_through import LookThrough
from valuation.portfolio.moves import Moves
from valuation.portfolio.positions import Portfolio
from valuation.portfolio.risk import Risk
from valuation.portfolio.stress import Companies, StressResult


@dataclass(frozen=True, repr=False)
class PortfolioReport(ResultMixin):
    """A portfolio valued, looked through, measured and stressed; same files and data, same report.

    Attributes
    ----------
    risk : Risk or None
        None where it cannot be measured; `risk_note` says why.
    limits : DataFrame
        See `valuation.portfolio.limits.measure`.
    moves : Moves or None
        Change of each position since an earlier close; None where there is no earlier close.
    liquidity : Liquidity or None
        None where no volumes are known; `liquidity_note` says why.
    fx : DataFrame
        Indexed by currency: usd (per unit), source; the currencies that are held.
    companies : Companies
        The screen's figures that look-through and revaluation rest on.
    btc_usd : float
    notes : tuple of str
        What a reader should know: lines left out, stand-ins, dates that differ.
    price_line : str
        Where prices come from and how old they are; `prices_are_old` where that is a warning.
    manifest : dict
        As-of date, files with their hashes, sources, version, run_id; JSON-ready.
    """

    portfolio: Portfolio
    look_through: LookThrough
    risk: Risk | None
    risk_note: str
    scenarios: tuple[StressResult, ...]
    limits: pd.DataFrame
    moves: Moves | None
    liquidity: Liquidity | None
    liquidity_note: str
    fx: pd.DataFrame
    companies: Companies
    btc_usd: float
    notes: tuple[str, ...]
    price_line: str
    prices_are_old: bool
    manifest: dict[str, Any]

    @property
    def as_of(self) -> pd.Timestamp:
        return self.portfolio.as_of

    def _summary(self) -> Summary:
        held, found = self.portfolio._summary(), self.risk
        risk = f"risk: {self.risk_note}" if found is None else f"volatility {found.volatility:.1%} a year"
        moved = "" if self.moves is None else f", since {day(self.moves.since)} {self.moves.pnl_usd:+,.0f} USD"
        return Summary(held.title, (*held.lines, f"{risk}{moved}", self.price_line), held.tables, self.notes)
