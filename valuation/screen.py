"""The screen: one date of a universe, valued, compared and traceable to its sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from valuation.assumptions import Assumptions, Bridge
from valuation.gap.estimate import Gap
from valuation.groups import Rule
from valuation.regression.ols import Regression

# Order of severity, gravest first.
SEVERITIES = ("error", "warning", "note")
LATE_NAMED = 2


@dataclass(frozen=True)
class Screen:
    """Everything a reader needs of one run; same inputs, same screen.

    Attributes
    ----------
    universe, title : str
    as_of : Timestamp
    table, status, causes : DataFrame
        Indexed by ticker, pivots first, then by EV per secured MW; a column a metric of the registry.
    companies : DataFrame
        Indexed by ticker: name, role, ...
    bridge, instruments, contracts, shares : DataFrame
        What the table rests on; see `valuation.fundamentals.company_metrics.Valuation`.
    inputs : DataFrame
        Indexed by ticker: the items as known and rolled forward.
    gap : Gap
    regression : Regression or None
        None where the sample cannot answer; `regression_note` says why.
    facts : DataFrame
        Every fact used: ticker, item, value, unit, period_end, published_on, source, source_url, confidence,
        evidence.
    issues : DataFrame
        severity, ticker, what, detail, gravest first.
    btc_usd : float
    assumptions, switches, rule : what was assumed
    research : Studies or None
        The studies beside it, where they were asked for.
    worth : NavAnalysis or None
        Contracts, mining and net asset value, where they were asked for.
    outcomes : tuple of Outcome
        Scenarios over them, where any were asked for.
    manifest : dict
        As-of date, source and age of prices, versions, hashes of inputs, switches, seed; JSON-ready.
    """

    universe: str
    title: str
    as_of: pd.Timestamp
    table: pd.DataFrame
    status: pd.DataFrame
    causes: pd.DataFrame
    companies: pd.DataFrame
    bridge: pd.DataFrame
    instruments: pd.DataFrame
    contracts: pd.DataFrame
    shares: pd.DataFrame
    inputs: pd.DataFrame
    gap: Gap
    regression: Regression | None
    regression_note: str
    facts: pd.DataFrame
    issues: pd.DataFrame
    btc_usd: float
    assumptions: Assumptions
    switches: Bridge
    rule: Rule
    manifest: dict[str, Any]

    @property
    def price_line(self) -> str:
        """Where the prices came from and how old they are, for the first line of every output."""
        manifest = self.manifest
        if manifest["price_age_days"] is None:
            return f"Prices: {manifest['price_source']}, no close of any company by {self.as_of:%Y-%m-%d}"
        own, total = manifest["prices_from"].get(manifest["price_source"], 0), sum(manifest["prices_from"].values())
        of = "" if own == total else f" ({own} of {total})"
        text = f"Prices: {manifest['price_source']}{of}, last close {manifest['price_date']}"
        text += f", {manifest['price_age_days']} days before {self.as_of:%Y-%m-%d}"
        late = manifest["late_prices"]
        if len(late) > LATE_NAMED:
            return f"{text}; older: {len(late)} companies, the oldest {min(late.values())}"
        older = ", ".join(f"{ticker} {day}" for ticker, day in late.items())
        return f"{text}; older: {older}" if older else text

    @property
    def oldest_price_days(self) -> int | None:
        """Age of the oldest price that enters the headline; None where no price is known."""
        counted = self.gap.members["ev_per_mw_secured"]
        late = [pd.Timestamp(day) for ticker, day in self.manifest["late_prices"].items() if counted.get(ticker, False)]
        return max([(self.as_of - day).days for day in late], default=self.manifest["price_age_days"])

    @property
    def prices_are_old(self) -> bool:
        """True where a price in the headline is older than its maximum age, or a live source was not reached."""
        age = self.oldest_price_days
        return bool(self.manifest["fell_back"]) or age is None or age > self.assumptions.max_age_price_days
