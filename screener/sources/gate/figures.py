"""Figures of statements, counts and megawatts held against the figure in force before them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from screener.sources.gate import limits
from screener.sources.gate.held import Held, by_a_person
from screener.splits import days, split_factor
from screener.universes.evidence_class import KINDS, OVERLAY
from screener.universes.schema import CONFIRMED

CASH, DEBT, SHARES, RESTRICTED = "cash", "debt_total", "shares_outstanding", "restricted_cash"
# Figures whose unit a factor of 100 from one to the next gives away; of restricted cash, which is often small, a larger one.
# Not so of earnings, which have a sign and can be near zero.
COMPARED = (
    CASH, DEBT, SHARES, "total_assets", "preferred_equity", "btc_held", "eth_held", "mw_operating", "mw_secured",
    "mw_under_construction", "mw_pipeline", "mw_hosted", "mw_ai_contracted_it", "mw_operating_ai", "hashrate_eh",
    "hashrate_operating_eh", "backlog_reported", "lease_liabilities_finance", "other_debt_carrying", "deferred_revenue",
    "noncontrolling_interest", "power_cost_usd_per_kwh", "fleet_efficiency_j_per_th", "revenue_total", "revenue_mining",
    "revenue_ai_hpc", "revenue_hosting", "revenue_other", "sga_cash", "restricted_cash", "capex", "interest_expense",
    "depreciation_amortization", "convertible_notes_principal", "convertible_notes_carrying", "btc_fair_value", "btc_mined",
)  # fmt: skip
REMEDY = (
    "To use it, confirm it: the figure with its source in the overlay (screener universe overlay), or in the universe's own "
    "row a source in the column confirmed"
)


def judge(facts: pd.DataFrame, splits: pd.DataFrame) -> tuple[pd.DataFrame, list[Held]]:
    """The facts that can be used, and those held back or told.

    A figure is held against the one in force before it by publication; what is older than that is not compared. Rows of
    an overlay, and rows with a source in `confirmed`, have a person's word: they are used.

    Parameters
    ----------
    facts : DataFrame
        The columns of a universe's facts with `file` and `line` (NaN: a source's).
    splits : DataFrame

    Returns
    -------
    DataFrame
        The rows that are used, in their order, without `confirmed`.
    list of Held
    """
    facts = facts.reset_index(drop=True)
    table = _Table.of(facts, splits)
    held: list[Held] = []
    out: list[int] = []
    for group in table.suspects:
        for row, told in _judged(table, group):
            held.append(told)
            if not told.used:
                out.append(row)
    swapped = list(_swapped(table, set(out)))
    held += [told for _, told in swapped]
    out += [row for row, _ in swapped]
    facts = facts.drop(columns=CONFIRMED, errors="ignore")
    return (facts.drop(index=out).reset_index(drop=True) if out else facts), held


@dataclass(frozen=True)
class _Table:
    """Facts in order of company, item, publication and period, those of sources and filings after the universe's own:
    `arrived` marks these, and `vendor` those of no filing."""

    facts: pd.DataFrame
    splits: pd.DataFrame
    order: np.ndarray
    group: np.ndarray
    suspects: list[int]
    accepted: np.ndarray
    arrived: np.ndarray
    vendor: np.ndarray

    @classmethod
    def of(cls, facts: pd.DataFrame, splits: pd.DataFrame) -> _Table:
        keep = np.flatnonzero(facts["item"].isin(COMPARED).to_numpy())
        mine = facts.iloc[keep]
        tickers, items = (pd.factorize(mine[name].to_numpy(dtype=object))[0] for name in ("ticker", "item"))
        group = tickers * len(COMPARED) + items
        period, published = days(mine["period_end"]), days(mine["published_on"])
        by = np.lexsort((np.arange(len(mine)), period, published, mine["line"].isna().to_numpy(), group))
        order, group = keep[by], group[by]
        value = facts["value"].to_numpy(dtype=float)[order]
        ticker = facts["ticker"].to_numpy(dtype=object)[order]
        period = days(facts["period_end"])[order]
        codes, files = pd.factorize(facts["file"].to_numpy(dtype=object))
        overlaid = np.array([str(file).startswith(f"{OVERLAY}/") for file in files], dtype=bool)
        accepted = (overlaid[codes] | by_a_person(facts))[order]
        arrived = facts["line"].isna().to_numpy()[order]
        filed = np.array([file in KINDS for file in files], dtype=bool)
        vendor = arrived & ~filed[codes][order]
        same = np.concatenate([[False], group[1:] == group[:-1]])[: len(group)]
        before = np.concatenate([[np.nan], value[:-1]])[: len(value)]
        earlier = np.concatenate([[0], period[:-1]])[: len(period)]
        is_shares = facts["item"].eq(SHARES).to_numpy()[order]
        ones, at = np.ones(len(value)), np.flatnonzero(is_shares)
        first, then = np.minimum(earlier, period)[at], np.maximum(earlier, period)[at]
        ones[at] = split_factor(splits, ticker[at], first, then)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.abs(np.log(value / before))
            share_ratio = np.log(value / before) - np.log(ones) * np.sign(period - earlier)
        most = np.log(np.where(vendor, limits.TOLD_SHARES, limits.MOST_SHARES))
        same &= before > 0
        odd = same & is_shares & ~((share_ratio > np.log(limits.FEWEST_SHARES)) & (share_ratio < most))
        units = np.where(facts["item"].eq(RESTRICTED).to_numpy()[order], limits.OTHER_UNIT_SMALL, limits.OTHER_UNIT)
        odd |= same & ~is_shares & (ratio >= np.log(np.where(vendor, limits.TOLD_STEP, units)))
        odd |= ~np.isfinite(value) | (value < 0)
        return cls(facts, splits, order, group, [int(one) for one in np.unique(group[odd])], accepted, arrived, vendor)


@dataclass(frozen=True)
class _Figure:
    """One figure with the one in force before it."""

    item: str
    value: float
    before: float
    period: pd.Timestamp
    period_before: pd.Timestamp
    split: float
    vendor: bool

    @property
    def ratio(self) -> float:
        """To the figure before, on one share basis; NaN where that is none."""
        expected = self.before * self.split
        return self.value / expected if expected else float("nan")

    def wrong(self) -> str:
        """Why the figure cannot be used; empty where it can."""
        if not np.isfinite(self.value) or self.value < 0:
            return "it cannot be that"
        ratio, age = self.ratio, abs((self.period - self.period_before).days)
        if self.value == 0:
            return self._none()
        if not np.isfinite(ratio):
            return ""
        if self.item == SHARES and not limits.fewest_shares(age) <= ratio <= limits.most_shares(age):
            return f"{ratio:.3g} times: a class of shares or a split left out, or another unit"
        most = limits.OTHER_UNIT_SMALL if self.item == RESTRICTED else limits.OTHER_UNIT
        if not 1 / most < ratio < most:
            return f"{ratio:.3g} times: another unit (thousands or millions), or another line"
        return ""

    def _none(self) -> str:
        if self.item == SHARES:
            return "a company without a share: a line not filled in"
        if self.item == CASH and self.before >= limits.LARGE_CASH_USD:
            return "none where there was much: a line not filled in"
        if self.item == DEBT and self.vendor and self.before >= limits.LARGE_DEBT_USD:
            return "none where there was much, without a filing that says so"
        return ""

    def large(self) -> str:
        """Why a figure that is used is told; empty where there is nothing to tell."""
        ratio = self.ratio
        if self.item == DEBT and self.value == 0 and self.before >= limits.LARGE_DEBT_USD and not self.vendor:
            return "all debt repaid"
        if not self.vendor or not np.isfinite(ratio) or ratio <= 0:
            return ""
        most = limits.TOLD_SHARES if self.item == SHARES else limits.TOLD_STEP
        return f"{ratio:.3g} times" if not 1 / most < ratio < most else ""


def _judged(table: _Table, group: int) -> Iterator[tuple[int, Held]]:
    """(row, what is told) of one item of a company."""
    mine = np.flatnonzero(table.group == group)
    rows = table.facts.iloc[table.order[mine]]
    ticker, item = str(rows["ticker"].iloc[0]), str(rows["item"].iloc[0])
    values, periods, day = rows["value"].to_numpy(dtype=float), list(rows["period_end"]), days(rows["period_end"])
    last = -1
    for at, value in enumerate(values):
        older = last >= 0 and day[at] < day[last]
        vendor, accepted = bool(table.vendor[mine[at]]), bool(table.accepted[mine[at]])
        tell = partial(_told, rows, at, ticker, item, int(table.order[mine[at]]))
        if older and table.arrived[mine[at]]:  # never in force
            if not np.isfinite(value) or value < 0:
                yield tell("it cannot be that", last)
            continue
        split = 1.0
        if last >= 0 and item == SHARES:
            first, then = sorted((day[last], day[at]))
            name = np.array([ticker], dtype=object)
            split = float(split_factor(table.splits, name, np.array([first]), np.array([then]))[0])
        before, since = (float("nan"), periods[at]) if last < 0 else (float(values[last]), periods[last])
        figure = _Figure(item, float(value), before, periods[at], since, 1 / split if older else split, vendor)
        wrong = figure.wrong()
        if wrong and not (accepted and np.isfinite(value) and value >= 0):
            yield tell(wrong, last)
            continue
        if wrong:
            yield tell(f"{wrong}; confirmed by a person", last, used=True)
        elif not accepted and not older and figure.large():
            yield tell(figure.large(), last, used=True)
        last = last if older else at


def _told(
    rows: pd.DataFrame, at: int, ticker: str, item: str, row: int, why: str, last: int, *, used: bool = False
) -> tuple[int, Held]:
    one = rows.iloc[at]
    beside = ""
    if last >= 0:
        before = rows.iloc[last]
        by = "in the universe" if pd.notna(before["line"]) else f"of {before['file']}"
        beside = f" against {before['value']:,.10g} {by} at {before['period_end']:%Y-%m-%d}"
    stands = "" if used or last < 0 else "; the earlier figure is used"
    return row, Held(
        ticker=ticker,
        item=item,
        date=one["period_end"],
        value=float(one["value"]),
        place=str(one["file"]) if pd.isna(one["line"]) else f"{one['file']}:{int(one['line'])}",
        reason=f"{one['value']:,.10g} at {one['period_end']:%Y-%m-%d}{beside}, {why}{stands}",
        remedy="" if used else REMEDY,
        known_on=one["published_on"],
        until=one["published_on"] + pd.Timedelta(days=limits.TOLD_DAYS) if used else pd.NaT,
        used=used,
    )


def _swapped(table: _Table, out: set[int]) -> Iterator[tuple[int, Held]]:
    """Cash and debt of a source that are each the other's reviewed figure."""
    facts = table.facts
    wanted = facts["item"].isin([CASH, DEBT])
    vendor = facts["line"].isna()
    if not (wanted & vendor).any():
        return
    own = facts[wanted & ~vendor].sort_values(["period_end", "published_on"], kind="stable")
    own = own.groupby(["ticker", "item"]).tail(1).set_index(["ticker", "item"])["value"]
    mine = facts[wanted & vendor & ~facts.index.isin(out)]
    for (ticker, period), rows in mine.groupby(["ticker", "period_end"]):
        if set(rows["item"]) != {CASH, DEBT} or (ticker, CASH) not in own or (ticker, DEBT) not in own:
            continue
        now = rows.drop_duplicates("item", keep="last").set_index("item")["value"]
        cash, debt = float(own[ticker, CASH]), float(own[ticker, DEBT])
        if not (_near(now[CASH], debt) and _near(now[DEBT], cash)) or _near(cash, debt):
            continue
        for row, one in rows.iterrows():
            yield int(row), Held(
                ticker=str(ticker), item=str(one["item"]), date=period, value=float(one["value"]),
                place=str(one["file"]),
                reason=f"cash {now[CASH]:,.10g} and debt {now[DEBT]:,.10g} at {period:%Y-%m-%d} against cash {cash:,.10g} "
                f"and debt {debt:,.10g} in the universe, the two lines look swapped; the earlier figure is used",
                remedy=REMEDY, known_on=one["published_on"],
            )  # fmt: skip


def _near(one: float, other: float) -> bool:
    return other > 0 and 1 / limits.SWAPPED <= one / other <= limits.SWAPPED
