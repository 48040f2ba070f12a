"""What the ledger holds of closes, splits and statements, in the one shape of a source's answer; and what is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from screener.ledger.ledger import Ledger
from screener.sources import registry
from screener.sources.fetched import (
    CLOSE_COLUMNS,
    FACT_COLUMNS,
    PROVIDER_COLUMNS,
    SPLIT_COLUMNS,
    Failure,
    Fetched,
    stack,
)
from screener.sources.told import ITEM_COLUMNS, OK, Told, outcomes

# How long an answer stands before `auto` asks again. Closes also end with the next session's close.
HOURS = {"closes": 12, "statements": 24}
EXCHANGE_ZONE = "America/New_York"
# Quotes settle some minutes after the close at 16:00.
CLOSE_IS_OUT = pd.Timedelta(hours=16, minutes=20)


@dataclass(frozen=True)
class Recorded:
    """What the ledger holds for a universe.

    Attributes
    ----------
    fetched : Fetched or None
        Closes, splits, statements, failures of the last questions; None where nothing is kept of any symbol.
    network : DataFrame
        Weeks of the Bitcoin network: source, `NETWORK_COLUMNS`, seen_at.
    changed : DataFrame
        `Ledger.changed_closes`.
    """

    fetched: Fetched | None
    network: pd.DataFrame
    changed: pd.DataFrame


def fetched(ledger: Ledger, source: str, symbols: Sequence[str], as_of: pd.Timestamp) -> Recorded:
    """What the live sources told of some symbols up to a day, as one answer under the name of `source`; rows say whose
    they are."""
    closes, splits, items = ledger.closes(symbols), ledger.splits(symbols), ledger.items(symbols)
    closes, splits = closes[closes["date"] <= as_of], splits[splits["first_day_on_new_basis"] <= as_of]
    items = items[items["source"].isin(registry.LIVE) & (items["published_on"] <= as_of)]
    provider = ledger.provider(symbols)
    asked = ledger.asked()
    asked = asked[asked["source"].isin(registry.LIVE) & asked["subject"].isin(symbols)]
    network, changed = ledger.network(), ledger.changed_closes(symbols)
    network, changed = network[network["date"] <= as_of], changed[changed["date"] <= as_of]
    if closes.empty and items.empty:
        return Recorded(None, network, changed)
    # An answer in part ended well, and what is missing in it is told all the same.
    failed = asked[(asked["ended"] != OK) | asked["kind"].fillna("").ne("")]
    answer = Fetched(
        source=source,
        closes=_told_by(_first_of(closes, source, "date"), CLOSE_COLUMNS).sort_values(
            ["date", "ticker"], ignore_index=True
        ),
        facts=_told_by(items, FACT_COLUMNS),
        splits=_told_by(_first_of(splits, source, "first_day_on_new_basis"), SPLIT_COLUMNS),
        failures=tuple(
            sorted(
                Failure(row.subject, row.what, row.kind or "empty", row.message)
                for row in failed.itertuples(index=False)
            )
        ),
        retrieved_at=asked["good"].max() if asked["good"].notna().any() else None,
        provider=_first_of(provider, source)[PROVIDER_COLUMNS],
    )
    return Recorded(answer, network, changed)


def _first_of(rows: pd.DataFrame, source: str, *key: str) -> pd.DataFrame:
    """Of what several sources told of one symbol and day, the word of the source asked for, then in their order."""
    order = {name: place for place, name in enumerate((source, *registry.LIVE))}
    ranked = rows.sort_values("source", key=lambda names: names.map(order), kind="stable")
    return ranked.drop_duplicates(["ticker", *key], keep="first").sort_index()


def _told_by(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    return rows[[*columns, "source"]].rename(columns={"source": "file"}).reset_index(drop=True)


def joined(held: Fetched | None, fresh: Fetched | None, source: str, *, kept: bool) -> Fetched | None:
    """The ledger's answer with the failures of the questions asked now; where the answer of now could not be kept, its
    rows beside the ledger's."""
    if fresh is None:
        return held
    if held is None:
        return replace(fresh, source=source)
    if kept:
        return held if fresh.retrieved_at is None else replace(held, retrieved_at=fresh.retrieved_at)
    place = {"file": fresh.source}

    def both(name: str, columns: Sequence[str], key: list[str]) -> pd.DataFrame:
        old, new = getattr(held, name), getattr(fresh, name).assign(**place)
        return stack([old, new], [*columns, "file"]).drop_duplicates(key, keep="last", ignore_index=True)

    return Fetched(
        source=source,
        closes=both("closes", CLOSE_COLUMNS, ["ticker", "date"]).sort_values(["date", "ticker"], ignore_index=True),
        facts=both("facts", FACT_COLUMNS, ["ticker", "item", "period_end", "value"]),
        splits=both("splits", SPLIT_COLUMNS, ["ticker", "first_day_on_new_basis"]),
        failures=fresh.failures,
        retrieved_at=fresh.retrieved_at,
        provider=stack([held.provider, fresh.provider], PROVIDER_COLUMNS).drop_duplicates("ticker", keep="last"),
    )


def told(answer: Fetched) -> Told:
    """A live source's answer as the ledger keeps it, with how each question ended."""
    facts = answer.facts.assign(kind="statements", form="", accession="", checks="", needs="")
    facts = facts.assign(filed=pd.NaT, accepted_at=pd.NaT)
    return Told(
        source=answer.source,
        closes=answer.closes,
        splits=answer.splits,
        items=stack([facts], ITEM_COLUMNS),
        provider=answer.provider,
        outcomes=outcomes(answer),
    )


def fresh(
    asked: pd.DataFrame, companies: Sequence[str], others: Sequence[str], as_of: pd.Timestamp, now: pd.Timestamp
) -> set[tuple[str, str]]:
    """The questions, (symbol, what), whose answers stand: the others are missing, or older than their time-to-live.

    Closes asked for after the as-of date's own session stand whatever their age; others end after `HOURS`, and with the
    close of the next weekday's session. Statements count as published on the day on which they are asked for, so they
    are asked for on that day alone: for another as-of date they stand.
    """
    good = asked.set_index(["subject", "what"])["good"].dropna()
    today = now.tz_convert(EXCHANGE_ZONE).tz_localize(None).normalize()
    asks = [(name, what) for name in companies for what in ("closes", "statements")] + [(n, "closes") for n in others]
    return {
        (name, what)
        for name, what in asks
        if (what == "statements" and as_of < today)
        or ((name, what) in good.index and not _is_old(what, good[(name, what)], as_of, now))
    }


def _is_old(what: str, last: pd.Timestamp, as_of: pd.Timestamp, now: pd.Timestamp) -> bool:
    over = (as_of + CLOSE_IS_OUT).tz_localize(EXCHANGE_ZONE)
    if what == "closes" and last >= over:
        return False
    if now - last > pd.Timedelta(hours=HOURS[what]):
        return True
    return what == "closes" and bool(np.any([last < close <= now for close in _closes_between(last, now)]))


def _closes_between(start: pd.Timestamp, end: pd.Timestamp) -> list[pd.Timestamp]:
    """Closes of weekdays near a span of hours; a holiday's costs a question, no more."""
    first = start.tz_convert(EXCHANGE_ZONE).tz_localize(None).normalize()
    days = pd.date_range(first, end.tz_convert(EXCHANGE_ZONE).tz_localize(None).normalize(), freq="B")
    return [(day + CLOSE_IS_OUT).tz_localize(EXCHANGE_ZONE) for day in days]
