"""Holdings as brokers export them: CSV or xlsx, several accounts, lots, cash lines, shorts; every fault with its place."""

from screener.holdings.reading import Holdings, read

__all__ = ["Holdings", "read"]
