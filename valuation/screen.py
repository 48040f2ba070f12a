"""The screen: every company of a universe on one date, valued, compared and traceable to its sources."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from valuation._summary import ResultMixin, Summary, Table, as_json
from valuation._words import MARKS, count, day, number
from valuation.assumptions import Assumptions, Bridge
from valuation.contracts.consolidation import parents
from valuation.contracts.tenants import lease_parties
from valuation.findings import CANNOT, Finding, texts
from valuation.gap.estimate import HEADLINE, Gap
from valuation.gap.findings import stale_data
from valuation.gap.lead import LINE, Lead, lead
from valuation.gap.tenants import LeaveOneTenantOut, leave_one_tenant_out
from valuation.groups import MINERS, PIVOT, Rule, Sector
from valuation.regression.ols import Regression
from valuation.status import shown
from valuation.wording import Wording

# Order of severity, gravest first.
# The source that is the universe's own files.
BUNDLED = "bundled"
SEVERITIES = ("error", "warning", "note")
LATE_NAMED = 2
HELD_NAMED = 4
COMPANIES_SHOWN = 14
GROUP_NAMES = {"pivot": "AI", "bitcoin": "mining"}


def fell_back_to(source: str, reason: str) -> str:
    """That stored prices of a source stand in for live ones, and why; empty without a reason."""
    stored = "bundled prices" if source == BUNDLED else "prices of the ledger"
    return f"Fell back to {stored}: {reason}" if reason else ""


@dataclass(frozen=True, repr=False)
class Screen(ResultMixin):
    """The companies of a universe on one date with multiples, gap, regression and sources; same inputs, same screen.

    Attributes
    ----------
    universe, title : str
    as_of : Timestamp
    table, status, causes, marks : DataFrame
        Indexed by ticker, AI group first, then by EV per secured MW; a column a metric of the registry. `marks` holds
        every mark of a figure: `s` stale, `p` proxy, `sp` both.
    companies : DataFrame
        Indexed by ticker: name, role, ...
    bridge, power, instruments, contracts, tranches, shares : DataFrame
        What the table rests on; see `valuation.fundamentals.company_metrics.Valuation`.
    inputs, periods : DataFrame
        Indexed by ticker: the items as known and rolled forward, and the date that each stands for.
    gap : Gap
    regression : Regression or None
        None where the sample is too small; `regression_note` says why.
    facts : DataFrame
        Every fact used: ticker, item, value, unit, period_end, published_on, source, source_url, confidence,
        evidence.
    issues : DataFrame
        severity, ticker, what, detail, gravest first.
    freshness : DataFrame
        Age of each company's items in force beside their limits (`freshness.ages`), the furthest beyond its limit first.
    btc_usd : float
    assumptions, switches, rule : what was assumed
    manifest : dict
        As-of date, source and age of prices, versions, hashes of inputs, switches, seed; JSON-ready.
    sector : Sector
        What the universe calls its groups and companies; outputs are written in these words.
    """

    universe: str
    title: str
    as_of: pd.Timestamp
    table: pd.DataFrame
    status: pd.DataFrame
    causes: pd.DataFrame
    marks: pd.DataFrame
    companies: pd.DataFrame
    bridge: pd.DataFrame
    power: pd.DataFrame
    instruments: pd.DataFrame
    contracts: pd.DataFrame
    tranches: pd.DataFrame
    shares: pd.DataFrame
    inputs: pd.DataFrame
    periods: pd.DataFrame
    gap: Gap
    regression: Regression | None
    regression_note: str
    facts: pd.DataFrame
    issues: pd.DataFrame
    freshness: pd.DataFrame
    btc_usd: float
    assumptions: Assumptions
    switches: Bridge
    rule: Rule
    manifest: dict[str, Any]
    sector: Sector = MINERS

    @property
    def price_line(self) -> str:
        """Where the prices came from and how old they are, for the first line of every output."""
        manifest = self.manifest
        if manifest["price_age_days"] is None:
            return f"Prices: {manifest['price_source']}, no close of any company by {self.as_of:%Y-%m-%d}"
        total, bundled = sum(manifest["prices_from"].values()), manifest["prices_from"].get(BUNDLED, 0)
        own = bundled if manifest["price_source"] == BUNDLED else total - bundled
        of = "" if own == total else f" ({own} of {total})"
        text = f"Prices: {manifest['price_source']}{of}, last close {manifest['price_date']}"
        if manifest["price_age_days"]:
            text += f", {count(manifest['price_age_days'], 'day')} before {self.as_of:%Y-%m-%d}"
        late = manifest["late_prices"]
        if len(late) > LATE_NAMED:
            return f"{text}; older: {len(late)} companies, the oldest {min(late.values())}"
        older = ", ".join(f"{ticker} {day}" for ticker, day in late.items())
        return f"{text}; older: {older}" if older else text

    @property
    def fallback_line(self) -> str:
        """That stored prices stand in for live ones, and why; empty where they do not."""
        return fell_back_to(self.manifest["price_source"], self.manifest["fell_back"])

    @property
    def held_line(self) -> str:
        """The figures that were held back as out of proportion; empty where none was."""
        held = self.manifest.get("held_back", [])
        if not held:
            return ""
        names = [f"{one['ticker']} {one['title']}".strip() for one in held]
        figures = count(len(names), "figure is held back", "figures are held back")
        named = ", ".join(names[:HELD_NAMED])
        named += f" and {len(names) - HELD_NAMED} more" if len(names) > HELD_NAMED else ""
        return f"{figures} as out of proportion ({named}): the figure before it is used, or none; see the data checks"

    @property
    def review_line(self) -> str:
        """How many figures of filings wait for a person's review, and for how long; empty where none does."""
        waiting = self.manifest.get("proposals_waiting", {"count": 0})
        if not waiting["count"]:
            return ""
        figures = count(waiting["count"], "figure of filings waits", "figures of filings wait")
        return f"{figures} for review, the oldest for {count(waiting['oldest_days'], 'day')} (screener facts propose)"

    @property
    def frame(self) -> pd.DataFrame:
        """The company table."""
        return self.table

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Age of the data, what leads, what the gap and the regression show, and what they do not."""
        aged = stale_data(self.gap.basis)
        found = (*aged, *self.lead.findings, *(one for one in self.gap.findings if one not in aged))
        if self.regression is None:
            return (*found, Finding(f"Regression not available: {self.regression_note}.", CANNOT))
        return (*found, *self.regression.findings)

    @cached_property
    def lead(self) -> Lead:
        """What leads: the two groups, or the line where a group has fewer than five companies."""
        inside = self.gap.members.index[self.gap.members[HEADLINE[0]]]
        return lead(self.gap.headline, inside, self.table, self.regression, self.regression_note, self.gap.basis)

    @property
    def lease_parties(self) -> pd.DataFrame:
        """Named tenants and guarantors by company: `contracts.tenants.lease_parties`."""
        return lease_parties(self.contracts, parents(self.companies))

    @cached_property
    def tenants(self) -> LeaveOneTenantOut:
        """The headline, and the line where it leads, without the companies of each tenant or guarantor."""
        members = self.table[self.gap.members[HEADLINE[0]]]
        line = self.regression if self.lead.leads == LINE else None
        return leave_one_tenant_out(self.lease_parties, members[HEADLINE[0]], members["group"] == PIVOT, line)

    def to_dict(self) -> dict[str, Any]:
        """Manifest, table, statuses, causes, gap, regression, issues and findings, JSON-ready."""
        out: dict[str, Any] = {"universe": self.universe, "title": self.title, "as_of": self.as_of}
        out |= {
            name: getattr(self, name)
            for name in ("manifest", "table", "status", "causes", "gap", "regression", "freshness")
        }
        out |= {"regression_note": self.regression_note, "issues": self.issues, "findings": texts(self.findings)}
        return {name: as_json(value) for name, value in out.items()}

    def _summary(self) -> Summary:
        inside = self.table[self.table["excluded"] == ""]
        shown = inside.iloc[:COMPANIES_SHOWN]
        cells = pd.DataFrame(
            {
                "Group": [GROUP_NAMES.get(group, "n/a") for group in shown["group"]],
                "Price": self._marked(shown, "price_usd", "{:,.2f}"),
                "EV, $bn": self._marked(shown, "enterprise_value_usd", "{:,.2f}", 1e9),
                "EV / MW, $m": self._marked(shown, "ev_per_mw_secured", "{:.2f}"),
                "AI share": self._marked(shown, "ai_share_contracted", "{:.0%}"),
                "To line": self._marked(shown, "premium_to_line", "{:+.0%}"),
            },
            index=shown.index.rename(""),
        )
        outside = len(self.table) - len(inside)
        legend = (
            "MW: secured. AI share: of contracted revenue. To line: against the regression. s stale, p proxy, sp both."
        )
        left_out = count(outside, "company outside the statistics is", "companies outside the statistics are")
        notes = (*texts(self.findings), f"{legend} {left_out} not shown.")
        lines = (
            self.price_line,
            *([f"{self.held_line}."] if self.held_line else []),
            f"{len(self.table)} companies; AI group = {self.rule.title}; bitcoin {number(self.btc_usd, '${:,.0f}')}",
        )
        table = Table("", cells, len(inside) - len(shown))
        return self._worded(Summary(f"{self.title}, {day(self.as_of)}", lines, (table,), notes))

    def _worded(self, summary: Summary) -> Summary:
        """A summary of the screen in the words of its sector."""
        wording = Wording(self.sector, frozenset([self.title, self.price_line]))
        if wording.plain:
            return summary
        tables = tuple(
            replace(one, frame=one.frame.assign(Group=one.frame["Group"].map(wording.group))) for one in summary.tables
        )
        notes = tuple(wording.texts(summary.notes))
        return replace(summary, lines=tuple(map(wording.text, summary.lines)), tables=tables, notes=notes)

    def _marked(self, rows: pd.DataFrame, name: str, shape: str, scale: float = 1.0) -> list[str]:
        status = shown(self.status, self.marks).loc[rows.index, name]
        return [
            "n.m." if state == "not_meaningful" else number(value / scale, shape) + MARKS.get(state, "")
            for value, state in zip(rows[name].astype(float), status, strict=True)
        ]

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
