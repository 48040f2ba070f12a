"""The shapes that the ledger keeps, under the name by which its callers know them; they live with the sources."""

from screener.sources.told import FAILED, FILING_COLUMNS, ITEM_COLUMNS, NETWORK_COLUMNS, NONE, OK, Outcome, Told

__all__ = ["FAILED", "FILING_COLUMNS", "ITEM_COLUMNS", "NETWORK_COLUMNS", "NONE", "OK", "Outcome", "Told"]
