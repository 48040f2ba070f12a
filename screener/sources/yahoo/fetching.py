"""Yahoo Finance through the unmodified yfinance client: closes, splits, shares, cash and debt, symbol by symbol."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from types import ModuleType

import pandas as pd

from screener import clock
from screener.errors import BadAnswer, RateLimited, SourceError, Unreachable
from screener.sources.fetched import (
    CLOSE_COLUMNS,
    COINS,
    FACT_COLUMNS,
    PROVIDER_COLUMNS,
    SPLIT_COLUMNS,
    Asked,
    Failure,
    Fetched,
    stack,
)
from screener.sources.yahoo import asking, client, prices, statements, timing
from screener.sources.yahoo.prices import Quotes

# Every split since the oldest of the five quarters that Yahoo gives must be in the answer.
SPLITS_BACK_DAYS = 550
EXCHANGE_ZONE = "America/New_York"
REMEDY = "use --source bundled, or auto, which falls back by itself"


def fetch(
    tickers: Sequence[str],
    since: pd.Timestamp,
    until: pd.Timestamp,
    *,
    others: Sequence[str] = COINS,
    skip: Collection[tuple[str, str]] = (),
    pause: Callable[[float, str], None] | None = None,
    progress: Callable[[str], None] | None = None,
    now: pd.Timestamp | None = None,
) -> Fetched:
    """Everything that a screen takes from Yahoo.

    Parameters
    ----------
    tickers : sequence of str
        Companies: closes, splits and balance sheets.
    since, until : Timestamp
        First and last day of closes. Balance sheets are asked for only where `until` is today or later: they count as
        published today, and reach no earlier date.
    others : sequence of str
        Coins, funds: closes and splits only.
    skip : collection of (symbol, what)
        What need not be asked again: `what` is closes or statements. The chart of a company whose statements are asked
        for is asked for all the same: without its splits a share count has no basis.
    pause : callable, optional
        As of `asking.ask_each`.
    progress : callable, optional
        Called with a few words on each step.
    now : Timestamp, optional
        Time of retrieval, with a zone; the clock by default.

    Returns
    -------
    Fetched
        Closes as traded on their day, USD.

    Raises
    ------
    Unreachable, RateLimited, BadAnswer
        No close of any company could be got.
    """
    progress = progress or (lambda _: None)
    clock = _clock(now)
    today = _day(clock)
    start = min(since, today - pd.Timedelta(days=SPLITS_BACK_DAYS))
    with client.opened() as yf:
        session = timing.Clock()
        reporting = [ticker for ticker in tickers if until >= today and (ticker, "statements") not in skip]
        quoted = [symbol for symbol in [*tickers, *others] if symbol in reporting or (symbol, "closes") not in skip]
        quotes, failures, asked = _charts(yf, quoted, start, clock, progress, pause, session)
        failures += prices.incomplete(quotes.values(), since, until)
        _require_a_close(quotes, failures, [ticker for ticker in tickers if ticker in quoted], since, until)
        facts: list[pd.DataFrame] = []
        provider: list[pd.DataFrame] = []
        if reporting:
            sheets, refused, more = asking.ask_each(
                yf, reporting, lambda symbol: statements.ask(yf, symbol), "statements", progress, pause, session
            )
            failures += refused
            asked += more
            for symbol, sheet in sheets.items():
                splits = quotes[symbol].splits if symbol in quotes else None
                rows, missing = statements.facts(sheet, splits, today)
                facts.append(rows)
                failures += missing
                provider.append(pd.DataFrame([[symbol, sheet.enterprise_value_usd]], columns=PROVIDER_COLUMNS))
    fetched = _fetched(quotes.values(), failures, asked, since, until, clock, facts)
    return replace(fetched, provider=stack(provider, PROVIDER_COLUMNS).dropna(ignore_index=True))


def daily_closes(
    tickers: Sequence[str],
    since: pd.Timestamp,
    until: pd.Timestamp,
    *,
    split_adjusted: bool = False,
    pause: Callable[[float, str], None] | None = None,
    progress: Callable[[str], None] | None = None,
    now: pd.Timestamp | None = None,
) -> Fetched:
    """Daily closes and splits of any symbols: companies, funds, coins.

    Parameters
    ----------
    split_adjusted : bool
        False: as traded on the day, to multiply by share counts and holdings of that day. True: on the share basis of
        today, to compute returns. Dividends are in neither.

    Other parameters, errors and the shape are those of `fetch`; facts are empty.
    """
    progress = progress or (lambda _: None)
    clock = _clock(now)
    with client.opened() as yf:
        quotes, failures, asked = _charts(yf, list(tickers), since, clock, progress, pause)
    failures += prices.incomplete(quotes.values(), since, until)
    _require_a_close(quotes, failures, tickers, since, until)
    return _fetched(quotes.values(), failures, asked, since, until, clock, [], split_adjusted=split_adjusted)


def daily_volumes(
    tickers: Sequence[str], since: pd.Timestamp, until: pd.Timestamp, *, now: pd.Timestamp | None = None
) -> pd.DataFrame:
    """Shares traded a day, (date, ticker, volume), on the share basis of `until`; days without a volume are not in it.

    Raises
    ------
    SourceError
        Yahoo gave no volume of any of them.
    """
    clock = _clock(now)
    with client.opened() as yf:
        quotes, failures, _ = _charts(yf, list(tickers), since, clock, lambda _: None, None)
    _require_a_close(quotes, failures, tickers, since, until)
    parts = []
    for quote in quotes.values():
        shares = quote.within(since, until).volume
        # Yahoo's volumes are on the share basis of today.
        shares = shares[shares > 0] / prices.later_splits(pd.DatetimeIndex([until]), quote.splits)[0]
        parts.append(pd.DataFrame({"date": shares.index, "ticker": quote.symbol, "volume": shares.to_numpy()}))
    return stack(parts, ["date", "ticker", "volume"])


def _charts(
    yf: ModuleType,
    symbols: list[str],
    start: pd.Timestamp,
    clock: pd.Timestamp,
    progress: Callable[[str], None],
    pause: Callable[[float, str], None] | None,
    session: timing.Clock | None = None,
) -> tuple[dict[str, Quotes], list[Failure], list[Asked]]:
    once = list(dict.fromkeys(symbols))
    return asking.ask_each(
        yf, once, lambda symbol: prices.ask(yf, symbol, start, clock), "closes", progress, pause, session
    )


def _fetched(
    quotes: Iterable[Quotes],
    failures: list[Failure],
    asked: list[Asked],
    since: pd.Timestamp,
    until: pd.Timestamp,
    clock: pd.Timestamp,
    facts: list[pd.DataFrame],
    *,
    split_adjusted: bool = False,
) -> Fetched:
    closes, splits = [], []
    for quote in quotes:
        chosen = quote.within(since, until)
        values = chosen.adjusted if split_adjusted else chosen.traded
        closes.append(pd.DataFrame({"date": values.index, "ticker": quote.symbol, "close_usd": values.to_numpy()}))
        splits.append(
            pd.DataFrame(
                {
                    "ticker": quote.symbol,
                    "first_day_on_new_basis": quote.splits.index,
                    "shares_multiplier": quote.splits.to_numpy(),
                }
            )
        )
    return Fetched(
        source=client.SOURCE,
        closes=stack(closes, CLOSE_COLUMNS).sort_values(["date", "ticker"], ignore_index=True),
        facts=stack(facts, FACT_COLUMNS),
        splits=stack(splits, SPLIT_COLUMNS),
        failures=tuple(sorted(failures)),
        retrieved_at=clock,
        asked=tuple(asked),
    )


def _require_a_close(
    quotes: dict[str, Quotes],
    failures: list[Failure],
    tickers: Sequence[str],
    since: pd.Timestamp,
    until: pd.Timestamp,
) -> None:
    """Raise where not one of the tickers has a close: an outage is no empty answer."""
    wanted = set(tickers)
    if not wanted or any(len(quotes[symbol].within(since, until).adjusted) for symbol in wanted & set(quotes)):
        return
    asked_in_order = {symbol: place for place, symbol in enumerate(tickers)}
    refused = sorted((f for f in failures if f.symbol in wanted), key=lambda f: asked_in_order[f.symbol])
    kinds = Counter(failure.kind for failure in refused)
    raised: dict[str, type[SourceError]] = {"rate_limited": RateLimited, "unreachable": Unreachable}
    kind = next((name for name in raised if kinds[name]), kinds.most_common(1)[0][0])
    first = next(failure for failure in refused if failure.kind == kind)
    named = {"rate_limited": "Yahoo rate-limited the requests (HTTP 429)", "unreachable": "Yahoo cannot be reached"}
    message = f"{named.get(kind, 'Yahoo gave nothing usable')}: no close of any of {len(wanted)} symbols"
    raise raised.get(kind, BadAnswer)(f"{message} ({first.symbol}: {first.message}); {REMEDY}", source=client.SOURCE)


def _clock(now: pd.Timestamp | None) -> pd.Timestamp:
    return pd.Timestamp(clock.now()) if now is None else now.tz_convert("UTC")


def _day(clock: pd.Timestamp) -> pd.Timestamp:
    """The calendar day of retrieval, here or in New York, whichever is the earlier.

    Here, so that figures fetched in California after New York's midnight reach the default as-of date; in New York,
    so that Friday's run has its statements in Berlin too, where that evening is Saturday.
    """
    here = clock.to_pydatetime().astimezone().date()
    return min(pd.Timestamp(here), clock.tz_convert(EXCHANGE_ZONE).tz_localize(None).normalize())
