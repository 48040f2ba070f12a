"""The bundled universe and one company of it, without net asset values."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from screener import universes
from screener.universes import Universe

BY_TICKER = ("companies", "facts", "contracts", "instruments", "transactions", "sites", "prices", "splits", "debt")


@cache
def miners() -> Universe:
    """The bundled universe; nobody may change it."""
    return universes.load("miners")


@cache
def only(ticker: str) -> Universe:
    """The universe with one company alone."""
    kept = {}
    for name in BY_TICKER:
        frame = getattr(miners(), name)
        kept[name] = frame[frame["ticker"] == ticker].reset_index(drop=True)
    return replace(miners(), **kept)
