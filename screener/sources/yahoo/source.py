"""Yahoo's entry in the registry of sources; what asks it is imported when it is asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from screener.sources.source import Source

if TYPE_CHECKING:
    import pandas as pd

    from screener.sources.fetched import Fetched

CLASS_OF_SHARES = re.compile(r"^([A-Z]{1,5})\.([A-C])$")


def _fetch(*arguments: Any, **options: Any) -> Fetched:
    from screener.sources.yahoo import fetching

    return fetching.fetch(*arguments, **options)


def _daily_closes(*arguments: Any, **options: Any) -> Fetched:
    from screener.sources.yahoo import fetching

    return fetching.daily_closes(*arguments, **options)


def _daily_volumes(*arguments: Any, **options: Any) -> pd.DataFrame:
    from screener.sources.yahoo import fetching

    return fetching.daily_volumes(*arguments, **options)


def _reachable(seconds: float) -> bool:
    from screener.sources.yahoo import client

    return client.reachable(seconds)


def symbol(ticker: str) -> str:
    """BRK.B is BRK-B at Yahoo."""
    return CLASS_OF_SHARES.sub(r"\1-\2", ticker)


YAHOO = Source(
    name="yahoo",
    title="Yahoo",
    gives="daily closes, splits, newer balance sheets, exchange rates",
    fetch=_fetch,
    reachable=_reachable,
    daily_closes=_daily_closes,
    daily_volumes=_daily_volumes,
    symbol=symbol,
    currency_symbol="{}USD=X",
    page="https://finance.yahoo.com/quote/{}",
    packages=("yfinance",),
)
