"""What the toolkit needs to know about a source of closes and facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from screener.sources.fetched import Fetched


@dataclass(frozen=True)
class Source:
    """One live source; an entry is made without importing what the source needs to be asked.

    Attributes
    ----------
    name : str
        As typed after `--source`, and as kept in manifests and histories.
    title : str
        As written in sentences.
    gives : str
        What it is asked for, in words, for the help.
    fetch : callable
        `fetch(tickers, since, until, others=..., progress=...)`: closes and splits of `tickers` and `others`, and
        statements of `tickers` where `until` is today or later. Raises `SourceError` where nothing was got. It may take
        `skip`, (symbol, what) that need not be asked again, and `pause`, called with (seconds, reason) where the source
        is better not asked again for a time.
    reachable : callable
        `reachable(seconds)`: whether the source answers at all, within that time.
    daily_closes : callable or None
        `daily_closes(symbols, since, until, split_adjusted=..., progress=...)` of any symbols; None where it has none.
    daily_volumes : callable or None
        `daily_volumes(symbols, since, until)`: shares traded a day on the share basis of today, as date, ticker, volume;
        None where it has none.
    symbol : callable
        The source's symbol of a ticker.
    currency_symbol : str
        Its symbol of an exchange rate, with {} for the currency, in USD per unit; empty where it has none.
    page : str
        Address of a symbol's page, with {} for the symbol; empty where there is none.
    packages : tuple of str
        Whose versions belong to a run on this source.
    """

    name: str
    title: str
    gives: str
    fetch: Callable[..., Fetched]
    reachable: Callable[[float], bool]
    daily_closes: Callable[..., Fetched] | None = None
    daily_volumes: Callable[..., pd.DataFrame] | None = None
    symbol: Callable[[str], str] = str
    currency_symbol: str = ""
    page: str = ""
    packages: tuple[str, ...] = ()
