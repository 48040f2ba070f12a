"""The inputs of a valuation that a person may replace: their kinds, and how each is named."""

from __future__ import annotations

FACT, UNIT, MARKET, CONTRACT, INSTRUMENT = "fact", "unit", "market", "contract", "instrument"
ASSUMPTION, SWITCH, RULE = "assumption", "switch", "rule"
# Of the settings of a run, and not of what was known on a date.
SETTINGS = (ASSUMPTION, SWITCH, RULE)
KINDS = (FACT, UNIT, MARKET, CONTRACT, INSTRUMENT, *SETTINGS)


def instrument_name(ticker: str, name: str) -> str:
    """The subject of an instrument's terms: a name is unique within its company."""
    return f"{ticker} | {name}"
