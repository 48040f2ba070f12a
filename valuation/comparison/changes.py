"""Changes between two screens of one universe: multiples, contracts, facts, groups, data checks."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation._words import day
from valuation.assumptions import Assumptions
from valuation.comparison import attribution
from valuation.comparison.attribution import FACTORS, Attribution
from valuation.comparison.differences import line_differences, metric_differences, sentence_differences
from valuation.comparison.effects import company_effects, points
from valuation.comparison.facts import fact_changes
from valuation.errors import InvalidInput
from valuation.findings import texts
from valuation.freshness import Basis, ages, basis
from valuation.gap.estimate import STATISTICS
from valuation.groups import GROUP_NAMES
from valuation.status import USABLE

if TYPE_CHECKING:
    from valuation.screen import Screen

CONTRACT_COLUMNS = ["contract_id", "ticker", "counterparty", "kind", "announced_on", "owned_it_mw", "owned_value_usd",
                    "owned_annual_revenue_usd", "is_ai"]  # fmt: skip
ISSUE_COLUMNS = ["severity", "ticker", "what", "detail"]
SETTINGS = ("universe", "group_rule", "switches", "assumptions", "version", "price_source")


@dataclass(frozen=True, repr=False)
class Snapshot(ResultMixin):
    """One screen as the history keeps it: tables, headline figures and manifest.

    Attributes
    ----------
    run_id, universe, title : str
    as_of : Timestamp
    btc_usd : float
    names : Series
        Company names by ticker.
    table, status, causes : DataFrame
        As in `Screen`.
    bridge : DataFrame
        Lines of the bridge, USD, by ticker.
    contracts, facts, issues : DataFrame
        `CONTRACT_COLUMNS`, the columns of `Screen.facts`, `ISSUE_COLUMNS`.
    headline : dict
        statistic (of the ratio), ratio, low, high, pivot_value, bitcoin_value (group medians), n_pivot, n_bitcoin;
        premium, premium_p, premium_n; None unknown.
    manifest : dict
    findings : tuple of str or None
        The sentences of the screen; None where the record keeps none.
    edits : DataFrame or None
        Inputs that a person changed in a workbook after the run: sheet, cell, label, written, found. The figures here
        are those of the run. None where the record is not a workbook.
    """

    run_id: str
    universe: str
    title: str
    as_of: pd.Timestamp
    btc_usd: float
    names: pd.Series
    table: pd.DataFrame
    status: pd.DataFrame
    causes: pd.DataFrame
    bridge: pd.DataFrame
    contracts: pd.DataFrame
    facts: pd.DataFrame
    issues: pd.DataFrame
    headline: dict[str, Any]
    manifest: dict[str, Any]
    findings: tuple[str, ...] | None = None
    edits: pd.DataFrame | None = None

    @classmethod
    def of(cls, screen: Screen) -> Snapshot:
        """The snapshot of a screen just made."""
        return cls(
            run_id=screen.manifest["run_id"],
            universe=screen.universe,
            title=screen.title,
            as_of=screen.as_of,
            btc_usd=screen.btc_usd,
            names=screen.companies["name"],
            table=screen.table,
            status=screen.status,
            causes=screen.causes,
            bridge=screen.bridge,
            contracts=screen.contracts[CONTRACT_COLUMNS],
            facts=screen.facts,
            issues=screen.issues,
            headline=headline(screen),
            manifest=screen.manifest,
            findings=tuple(texts(screen.findings)),
        )

    @property
    def frame(self) -> pd.DataFrame:
        """The company table."""
        return self.table

    @property
    def assumptions(self) -> Assumptions:
        """The assumptions that the run was made under; the default of one that its version did not have."""
        known = {item.name for item in fields(Assumptions)}
        return Assumptions(**{k: v for k, v in self.manifest["assumptions"].items() if k in known})

    @cached_property
    def freshness(self) -> pd.DataFrame:
        """Age of each company's items in force (`freshness.ages`); the history does not keep reviews of contracts."""
        return ages(self.facts, self.as_of, self.assumptions, causes=self.causes["ev_per_mw_secured"])

    @cached_property
    def basis(self) -> Basis:
        """What EV per secured MW of the headline's companies rest on."""
        grouped = self.table["group"].isin(GROUP_NAMES) & (self.table["ev_per_mw_secured"] > 0)
        members = self.table.index[self.ranks.notna() & grouped]
        return basis(self.freshness, members, self.causes["ev_per_mw_secured"], self.as_of, self.assumptions)

    def _summary(self) -> Summary:
        shown = self.table[["group", "enterprise_value_usd", "ev_per_mw_secured", "ai_share_contracted"]]
        gap = self.headline["ratio"]
        line = f"run {self.run_id}, {len(self.table)} companies, gap {'n/a' if gap is None else f'{gap:.2f}x'}"
        return Summary(f"{self.title}, {day(self.as_of)}", (line,), (small(shown),))

    @property
    def ranks(self) -> pd.Series:
        """Place by EV per secured MW among the companies in the statistics, 1 the dearest; NaN outside."""
        value = self.table["ev_per_mw_secured"]
        inside = self.status["ev_per_mw_secured"].isin(USABLE) & (self.table["excluded"] == "")
        return value.where(inside).rank(ascending=False, method="min")

    @property
    def points(self) -> pd.DataFrame:
        """Value, group, share and membership of each company: what gap and regression are made of."""
        return points(self.table, self.status, self.ranks.notna())


def headline(screen: Screen) -> dict[str, Any]:
    """Headline figures of a screen: gap, interval, group levels, premium; None where not estimable."""
    head, line = screen.gap.headline, screen.regression
    told = ("ratio", "low", "high", "pivot_value", "bitcoin_value", "n_pivot", "n_bitcoin")
    out: dict[str, Any] = {"statistic": str(head["statistic"])}
    out |= {name: None if pd.isna(head[name]) else float(head[name]) for name in told}
    # The p of the headline is the wild bootstrap's.
    out["premium"], out["premium_p"] = (line.premium, line.wild.p_value) if line else (None, None)
    out["premium_n"] = float(line.n) if line else None
    return out


@dataclass(frozen=True, repr=False)
class Changes(ResultMixin):
    """Changes from one screen to a later one.

    Attributes
    ----------
    before, after : Snapshot
    companies : DataFrame
        Indexed by ticker, in the order of the later screen: name, price_before, price_after, price_change (fraction),
        ev_before, ev_after (USD), per_mw_before, per_mw_after, per_mw_change (m USD per secured MW), rank_before,
        rank_after, group_before, group_after, status.
    attribution : Attribution
        Of each change in EV per secured MW.
    contracts : DataFrame
        change (signed, ended, terms changed) and `CONTRACT_COLUMNS`.
    facts : DataFrame
        change (restated, newer period, new, no longer used), ticker, item, old_period, old, new_period, new, unit,
        source, source_url, published_on, factor, effect (`facts.fact_changes`).
    names : DataFrame
        change, ticker, detail: new and dropped names, and names that entered or left the statistics.
    issues : DataFrame
        change (appeared, gone) and `ISSUE_COLUMNS`.
    settings : tuple of str
        Settings that differ between the two runs, in words: then not every change is the market's.
    effects : DataFrame
        gap_effect and premium_effect of each company's change (`effects.company_effects`).
    sentences : DataFrame
        Findings that are new, gone or have other figures: change, before, after.
    """

    before: Snapshot
    after: Snapshot
    companies: pd.DataFrame
    attribution: Attribution
    contracts: pd.DataFrame
    facts: pd.DataFrame
    names: pd.DataFrame
    issues: pd.DataFrame
    settings: tuple[str, ...]
    effects: pd.DataFrame
    sentences: pd.DataFrame

    @property
    def metrics(self) -> pd.DataFrame:
        """Every metric of a company whose value or status differs (`differences.metric_differences`)."""
        old, new = self.before, self.after
        return metric_differences(old.table, new.table, old.status, new.status)

    @property
    def lines(self) -> pd.DataFrame:
        """Every line of a company's bridge that differs, with its effect on EV (`differences.line_differences`)."""
        return line_differences(self.before.bridge, self.after.bridge)

    @property
    def group_moves(self) -> pd.DataFrame:
        """Companies whose group is another one now."""
        old, new = self.companies["group_before"], self.companies["group_after"]
        return self.companies[(old != new) & old.notna() & new.notna()]

    @property
    def movers(self) -> pd.DataFrame:
        """The universe's own companies with an attribution, the largest relative change in EV per MW first.

        Columns of `Attribution.frame`, `relative` and `main`; comparables and consolidated subsidiaries are left out.
        """
        outside = self.after.table["excluded"] != ""
        frame = self.attribution.frame
        frame = frame[(frame["cause"] == "") & ~outside.reindex(frame.index)]
        # A sign change of EV has no meaningful percentage; the size is taken against the old value's size.
        relative = frame["change"] / frame["before"].abs()
        out = frame.assign(relative=relative, main=self.attribution.main_factor)
        order = relative.abs().sort_values(ascending=False, kind="stable").index
        return out.loc[order]

    @property
    def frame(self) -> pd.DataFrame:
        """The companies."""
        return self.companies

    def _summary(self) -> Summary:
        old, new = self.before, self.after
        columns = ["before", "after", "change", *FACTORS]
        shown = self.movers[columns].rename(columns={"other_claims": "other"})
        title = f"{new.title}: changes from {day(old.as_of)} to {day(new.as_of)}"
        line = f"Run {old.run_id} to run {new.run_id}; EV per secured MW, $m, and its attribution by factor"
        moved = [f"{t}: group {r.group_before} to {r.group_after}." for t, r in self.group_moves.iterrows()]
        notes = (*moved, *(f"Settings differ, {one}." for one in self.settings), f"{self.attribution.method}.")
        return Summary(title, (line,), (small(shown, columns=len(columns)),), notes)


def compare(before: Snapshot, after: Snapshot) -> Changes:
    """Compare two screens; of two universes, those companies that are in both.

    Raises
    ------
    InvalidInput
        No company is in both.
    """
    if not after.table.index.isin(before.table.index).any():
        raise InvalidInput(f"runs of {before.universe} and {after.universe} cannot be compared: no company is in both")
    split = attribution.attribute(
        attribution.drivers(before.bridge, before.table["secured_mw"]),
        attribution.drivers(after.bridge, after.table["secured_mw"]),
    )
    return Changes(
        before=before,
        after=after,
        companies=_companies(before, after),
        attribution=split,
        contracts=_contracts(before.contracts, after.contracts),
        facts=fact_changes(before.facts, after.facts, split.frame),
        names=_names(before, after),
        issues=_issues(before.issues, after.issues),
        settings=(
            *_settings(before.manifest, after.manifest),
            *_overrides(before.manifest, after.manifest),
            *_statistic(before.headline, after.headline),
        ),
        effects=company_effects(before.points, after.points),
        sentences=sentence_differences(before.findings, after.findings),
    )


def _statistic(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """That the headline is another statistic, where the two runs are of versions that measure it differently."""
    if before["statistic"] == after["statistic"]:
        return []
    old, new = (STATISTICS.get(head["statistic"], head["statistic"]) for head in (before, after))
    return [f"statistic of the gap: {old} before, {new} now"]


def _overrides(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Inputs that a person replaced in one of the two runs and not in the other."""
    old, new = ({_override(row): row for row in run.get("overrides", ())} for run in (before, after))
    told = [f"overridden by {row['by'] or 'a person'}, {text}" for text, row in new.items() if text not in old]
    return told + [f"no longer overridden, {text}" for text in old if text not in new]


def _override(row: dict[str, Any]) -> str:
    why = f" ({row['why']})" if row["why"] else ""
    return f"{row['meaning']}: {row['old']} by the run, {row['new']} by the person{why}"


def _companies(before: Snapshot, after: Snapshot) -> pd.DataFrame:
    index = after.table.index
    old = before.table.reindex(index)
    out = pd.DataFrame({"name": after.names.reindex(index)}, index=index)
    for name, column in (
        ("price", "price_usd"),
        ("ev", "enterprise_value_usd"),
        ("per_mw", "ev_per_mw_secured"),
    ):
        out[f"{name}_before"], out[f"{name}_after"] = old[column].astype(float), after.table[column].astype(float)
    out.insert(3, "price_change", out["price_after"] / out["price_before"] - 1)
    out["per_mw_change"] = out["per_mw_after"] - out["per_mw_before"]
    out["rank_before"], out["rank_after"] = before.ranks.reindex(index), after.ranks
    for name, column in (("group_before", old["group"]), ("group_after", after.table["group"])):
        out[name] = column.astype(object).where(column.notna(), None)
    out["status"] = after.status["ev_per_mw_secured"]
    return out


def _contracts(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    before, after = old.set_index("contract_id"), new.set_index("contract_id")
    signed = after[~after.index.isin(before.index)].assign(change="signed")
    ended = before[~before.index.isin(after.index)].assign(change="ended")
    both = after.index[after.index.isin(before.index)]
    terms = ["counterparty", "kind", "owned_it_mw", "owned_value_usd", "owned_annual_revenue_usd"]
    same = pd.Series(True, index=both)
    for name in terms:
        a, b = before.loc[both, name], after.loc[both, name]
        same &= (a == b) | (a.isna() & b.isna())
    changed = after.loc[same.index[~same.to_numpy()]].assign(change="terms changed")
    out = pd.concat([signed, ended, changed]).reset_index()
    out = out.assign(size=-out["owned_value_usd"].abs())
    out = out.sort_values(["size", "ticker"], kind="stable", ignore_index=True)
    return out[["change", *CONTRACT_COLUMNS]]


def _names(before: Snapshot, after: Snapshot) -> pd.DataFrame:
    rows = [("new name", t, str(after.names[t])) for t in after.table.index if t not in before.table.index]
    rows += [("dropped name", t, str(before.names[t])) for t in before.table.index if t not in after.table.index]
    inside_before, inside_after = before.ranks.notna(), after.ranks.notna()
    for ticker in after.table.index.intersection(before.table.index, sort=False):
        if inside_before[ticker] == inside_after[ticker]:
            continue
        entered = inside_after[ticker]
        side = before if entered else after
        reason = side.table.at[ticker, "excluded"] or side.causes.at[ticker, "ev_per_mw_secured"]
        what = "entered the statistics" if entered else "left the statistics"
        rows.append((what, ticker, f"was: {reason}" if entered else reason))
    return pd.DataFrame(rows, columns=["change", "ticker", "detail"])


def _issues(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """By ticker and problem: a detail that only counts on (a date, an age) is the same problem."""
    key = ["ticker", "what"]
    keys_old, keys_new = (pd.MultiIndex.from_frame(frame[key]) for frame in (old, new))
    appeared = new[~keys_new.isin(keys_old)].assign(change="appeared")
    gone = old[~keys_old.isin(keys_new)].assign(change="gone")
    return pd.concat([appeared, gone], ignore_index=True)[["change", *ISSUE_COLUMNS]]


def _settings(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    told = []
    for name in SETTINGS:
        a, b = before.get(name), after.get(name)
        if isinstance(a, dict) and isinstance(b, dict):
            told += [f"{k.replace('_', ' ')}: {a.get(k)} before, {b.get(k)} now" for k in b if a.get(k) != b.get(k)]
        elif a != b:
            told.append(f"{name.replace('_', ' ')}: {a} before, {b} now")
    return tuple(told)
