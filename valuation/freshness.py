"""Age of the data behind a screen: each item in force against its maximum age, and what the figures of a sample rest on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._words import count, day, plural_verb
from valuation.assumptions import Assumptions

PRICE, BALANCE, REVENUE, POWER, CONTRACTS = "price", "balance sheet", "revenue", "power", "contracts"
PARTS = (PRICE, BALANCE, REVENUE, POWER, CONTRACTS)
CAPACITY_PREFIXES = ("mw_", "hashrate", "gpus", "fleet")
REVIEWED_ON = "contracts_reviewed_on"
COMPANY_PRICE, BITCOIN_PRICE = "price_usd", "btc_usd"
PRICES = (COMPANY_PRICE, BITCOIN_PRICE)
# Causes of the statuses of figures that an old price makes stale; those of any other item are `ITEM old`.
PRICE_OLD, BITCOIN_OLD = "price older than its maximum age", "bitcoin price old"
COLUMNS = ["ticker", "item", "title", "part", "period_end", "published_on", "age_days", "limit_days", "stale", "marks_ev",
           "source", "checked_on", "checked_against"]  # fmt: skip


@dataclass(frozen=True)
class Item:
    """An item whose age is told: its name in a sentence, its part, and whether it is always in the table.

    Other items stand in the table only where their age makes a company's EV per secured MW stale.
    """

    title: str
    part: str
    always: bool = True


ITEMS = {
    COMPANY_PRICE: Item("close", PRICE),
    "cash": Item("cash", BALANCE),
    "debt_total": Item("debt", BALANCE),
    "shares_outstanding": Item("share count", BALANCE),
    "restricted_cash": Item("restricted cash", BALANCE),
    "btc_held": Item("bitcoin held", BALANCE),
    "revenue_total": Item("revenue of a quarter", REVENUE),
    "mw_secured": Item("secured MW", POWER),
    "mw_ai_contracted_it": Item("contracted AI MW", POWER),
    REVIEWED_ON: Item("review of contracts", CONTRACTS),
    BITCOIN_PRICE: Item("bitcoin price", PRICE, always=False),
    "mw_operating": Item("operating MW", POWER, always=False),
    "lease_liabilities_finance": Item("finance leases", BALANCE, always=False),
    "preferred_equity": Item("preferred equity", BALANCE, always=False),
    "noncontrolling_interest": Item("minority interest", BALANCE, always=False),
    "noncontrolling_interest_pct": Item("minority share", BALANCE, always=False),
    "deferred_revenue": Item("customer prepayments", BALANCE, always=False),
    "eth_held": Item("ether held", BALANCE, always=False),
    "eth_fair_value": Item("fair value of ether", BALANCE, always=False),
}


def max_age_days(item: str, assumptions: Assumptions) -> float:
    """Maximum age of an item, in days (METHODS section 2)."""
    if item in PRICES:
        return assumptions.max_age_price_days
    if item == REVIEWED_ON:
        return assumptions.review_covers_days
    if item.startswith(CAPACITY_PREFIXES):
        return assumptions.max_age_capacity_days
    return assumptions.max_age_balance_sheet_days


def cause_of(item: str) -> str:
    """The cause that an item older than its maximum age gives to a figure."""
    return {COMPANY_PRICE: PRICE_OLD, BITCOIN_PRICE: BITCOIN_OLD}.get(item, f"{item} old")


def stale_causes(causes: str) -> set[str]:
    """Of the causes of a status those that are ages; the others are proxies and unknown inputs."""
    return {cause for cause in causes.split("; ") if cause.endswith(" old") or cause == PRICE_OLD}


def ages(
    facts: pd.DataFrame,
    as_of: pd.Timestamp,
    assumptions: Assumptions,
    *,
    causes: pd.Series,
    reviewed_on: pd.Series | None = None,
) -> pd.DataFrame:
    """Age of each company's items in force on a date, the furthest beyond its limit first.

    Parameters
    ----------
    facts : DataFrame
        Facts used: ticker, item, period_end, published_on, source; `checked_on` and `checked_against` where known. Of an
        item with several rows the latest period is the one in force.
    causes : Series
        Causes of the status of EV per secured MW, by ticker; also which companies are in the table.
    reviewed_on : Series, optional
        By ticker: the day on which the company's contracts were reviewed. A review covers every earlier date, so its age
        is never below zero.

    Returns
    -------
    DataFrame
        `COLUMNS`: age and limit in days; `stale` where the age is above the limit; `marks_ev` where this age makes the
        company's EV per secured MW stale. A check made after the date is left out.
    """
    told = facts[facts["item"].isin(ITEMS) & facts["ticker"].isin(causes.index) & (facts["published_on"] <= as_of)]
    bitcoin = facts[(facts["item"] == BITCOIN_PRICE) & (facts["published_on"] <= as_of)]
    with_bitcoin = [str(ticker) for ticker, text in causes.items() if BITCOIN_OLD in str(text).split("; ")]
    told = pd.concat([told, *(bitcoin.assign(ticker=ticker) for ticker in with_bitcoin)], ignore_index=True)
    rows = told.sort_values(["period_end", "published_on"], kind="stable").drop_duplicates(
        ["ticker", "item"], keep="last"
    )
    if reviewed_on is not None:
        known = pd.to_datetime(reviewed_on.reindex(causes.index)).dropna()
        review = pd.DataFrame({"ticker": known.index, "item": REVIEWED_ON, "period_end": known.to_numpy()})
        rows = pd.concat([rows, review.assign(source="companies.csv")], ignore_index=True) if len(review) else rows
    items = rows["item"].astype(object)
    limit = items.map({name: max_age_days(name, assumptions) for name in ITEMS}).astype(float)
    age = (as_of - pd.to_datetime(rows["period_end"])).dt.days.clip(lower=0)
    stale = (age > limit).to_numpy()
    of_company = {ticker: stale_causes(str(text)) for ticker, text in causes.items()}
    marks = [cause_of(item) in of_company[ticker] for ticker, item in zip(rows["ticker"], items, strict=True)]
    checked = _dates(rows, "checked_on").where(lambda on: on <= as_of)
    against = rows["checked_against"] if "checked_against" in rows else pd.Series("", index=rows.index)
    out = pd.DataFrame(
        {
            "ticker": rows["ticker"].astype(object), "item": items,
            "title": items.map({name: item.title for name, item in ITEMS.items()}),
            "part": items.map({name: item.part for name, item in ITEMS.items()}),
            "period_end": pd.to_datetime(rows["period_end"]), "published_on": pd.to_datetime(rows["published_on"]),
            "age_days": age, "limit_days": limit, "stale": stale, "marks_ev": np.array(marks, dtype=bool) & stale,
            "source": rows["source"].astype(object).fillna(""), "checked_on": checked,
            "checked_against": against.astype(object).where(checked.notna(), "").fillna(""),
        }
    )[COLUMNS]  # fmt: skip
    out = out[items.map({name: item.always for name, item in ITEMS.items()}).to_numpy(dtype=bool) | out["marks_ev"]]
    beyond = out["age_days"] / out["limit_days"].where(out["limit_days"] > 0, 1e-9)
    order = pd.DataFrame({"beyond": -beyond, "ticker": out["ticker"], "item": out["item"]})
    return out.loc[order.sort_values(["beyond", "ticker", "item"], kind="stable").index].reset_index(drop=True)


def _dates(rows: pd.DataFrame, name: str) -> pd.Series:
    if name not in rows:
        return pd.Series(pd.NaT, index=rows.index, dtype="datetime64[ns]")
    return pd.to_datetime(rows[name])


@dataclass(frozen=True)
class Basis:
    """What the figures of a sample rest on: the days of its closes, and how many figures rest on stale data.

    Attributes
    ----------
    n : int
        Companies in the sample.
    first_close, last_close : Timestamp or None
        Of the sample's companies; None where no close is known.
    limit_days : float
        Maximum age of a close.
    closes_old : bool
        Whether the last close of the sample is older than that: no sentence on the sample is then in the present tense.
    n_stale, n_old_closes, n_stale_facts : int
        Companies whose figure is stale, and of these those for which a price or another fact is too old; a company may
        count in both.
    oldest : str
        The oldest stale fact in words, such as `balance sheet of 30 June 2026, RIOT`; empty where there is none.
    stale : tuple of str
        The companies whose figure is stale, each with its oldest stale fact, the oldest first: `CLSK (finance leases of
        30 June 2024)`.
    measure : str
        The figure in words.
    """

    n: int = 0
    first_close: pd.Timestamp | None = None
    last_close: pd.Timestamp | None = None
    limit_days: float = 0.0
    closes_old: bool = False
    n_stale: int = 0
    n_old_closes: int = 0
    n_stale_facts: int = 0
    oldest: str = ""
    stale: tuple[str, ...] = ()
    measure: str = "EV per secured MW"

    @property
    def closes(self) -> str:
        """The days of the sample's closes: `5 October 2026`, `31 July 2026 to 5 October 2026`."""
        if self.first_close is None or self.last_close is None:
            return "an unknown day"
        last = day(self.last_close)
        return last if self.first_close == self.last_close else f"{day(self.first_close)} to {last}"

    @property
    def dated(self) -> str:
        """`On the closes of 5 October 2026, ` where these are too old, to begin a sentence with; else empty."""
        return f"On the closes of {self.closes}, " if self.closes_old else ""

    def sentence(self, text: str) -> str:
        """A sentence on the sample, with the date of its closes first where these are too old."""
        return f"{self.dated}{text[:1].lower()}{text[1:]}" if self.closes_old else text

    def verb(self, present: str, past: str) -> str:
        """The verb of a sentence on the sample: in the past tense where its closes are too old."""
        return past if self.closes_old else present

    @property
    def stale_data(self) -> str:
        """How many figures of the sample rest on stale data, a sentence; empty where none does."""
        if not self.n_stale:
            return ""
        facts = "stale facts" + (f" (oldest: {self.oldest})" if self.oldest else "")
        which = "oldest close" if self.first_close != self.last_close else "last close"
        on = "an unknown day" if self.first_close is None else day(self.first_close)
        closes = f"prices older than {count(self.limit_days, 'day')} ({which} {on})"
        begin = f"{self.n_stale} of {self.n} {self.measure} {plural_verb(self.n_stale, 'rest')} on"
        if not self.n_old_closes:
            return f"{begin} {facts}."
        if not self.n_stale_facts:
            return f"{begin} {closes}."
        return f"{begin} stale data: {self.n_old_closes} on {closes}, {self.n_stale_facts} on {facts}."


def current_data(basis: Basis) -> str:
    """That no figure of the sample rests on stale data, a sentence; empty where one does, or where there is none."""
    if basis.n_stale or not basis.n:
        return ""
    if basis.n == 1:
        return f"The {basis.measure} in the statistics does not rest on stale data."
    return f"None of the {basis.n} {basis.measure} in the statistics rests on stale data."


CURRENT = Basis()
# Items that stand for the whole balance sheet; of the others only that line may be old.
WHOLE_BALANCE = ("cash", "debt_total")


def basis(
    frame: pd.DataFrame,
    members: Iterable[str],
    causes: pd.Series,
    as_of: pd.Timestamp,
    assumptions: Assumptions,
    measure: str = "EV per secured MW",
) -> Basis:
    """What the figures of a sample rest on.

    Parameters
    ----------
    frame : DataFrame
        From `ages`.
    members : iterable of str
        Tickers of the sample; where it is empty the days of all closes are taken.
    causes : Series
        Causes of the figure's status by ticker.
    """
    sample = [str(ticker) for ticker in members]
    prices = frame.loc[frame["item"] == COMPANY_PRICE]
    own = prices[prices["ticker"].isin(sample)] if sample else prices
    first, last = (None, None) if own.empty else (own["period_end"].min(), own["period_end"].max())
    limit = assumptions.max_age_price_days
    prices_old = {PRICE_OLD, BITCOIN_OLD}
    of_company = {ticker: stale_causes(str(causes.get(ticker, ""))) for ticker in sample}
    facts_of = {ticker: found - prices_old for ticker, found in of_company.items()}
    old = frame[frame["stale"] & frame["ticker"].isin(sample)]
    named = [cause_of(item) in of_company[ticker] for ticker, item in zip(old["ticker"], old["item"], strict=True)]
    old = old[np.array(named, dtype=bool)].sort_values(["period_end", "ticker"], kind="stable")
    words = [BALANCE if row.item in WHOLE_BALANCE else row.title for row in old.itertuples()]
    old = old.assign(words=[f"{what} of {day(on)}" for what, on in zip(words, old["period_end"], strict=True)])
    at_fault = old[~old["item"].isin(PRICES)]
    oldest = "" if at_fault.empty else f"{at_fault['words'].iloc[0]}, {at_fault['ticker'].iloc[0]}"
    each = old.drop_duplicates("ticker")
    return Basis(
        n=len(sample),
        first_close=first,
        last_close=last,
        limit_days=limit,
        closes_old=last is not None and (as_of - last).days > limit,
        n_stale=sum(bool(found) for found in of_company.values()),
        n_old_closes=sum(bool(found & prices_old) for found in of_company.values()),
        n_stale_facts=sum(bool(found) for found in facts_of.values()),
        oldest=oldest,
        stale=tuple(f"{ticker} ({text})" for ticker, text in zip(each["ticker"], each["words"], strict=True)),
        measure=measure,
    )


def by_part(frame: pd.DataFrame) -> pd.DataFrame:
    """Age of each company's oldest item of each part, and whether one of the part is stale.

    Returns
    -------
    DataFrame
        Indexed by ticker; columns (`age_days` | `stale`, part), NaN and False where nothing of the part is known.
    """
    found = frame[frame["item"] != BITCOIN_PRICE].groupby(["ticker", "part"]).agg({"age_days": "max", "stale": "any"})
    wide = found.unstack("part").reindex(columns=pd.MultiIndex.from_product([["age_days", "stale"], PARTS]))
    return pd.concat({"age_days": wide["age_days"].astype(float), "stale": wide["stale"].eq(True)}, axis=1)
