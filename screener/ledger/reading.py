"""What the ledger holds, read: closes, splits, facts, filings and the network, and which questions were put when."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from screener.ledger import schema
from screener.ledger.cells import decoded, time
from screener.ledger.place import faults_of
from screener.sources.told import OK

# Two machines with one ledger may differ so much.
CLOCKS_DIFFER = timedelta(minutes=10)


@dataclass(frozen=True)
class Answer:
    """A raw answer as it was kept."""

    body: bytes
    seen_at: pd.Timestamp
    sha256: str


class Reading:
    """The reading half of `Ledger`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    def paused(self, source: str, now: datetime) -> tuple[pd.Timestamp, str] | None:
        """Until when a source is not to be asked, and why; None where it may be.

        A pause noted at a time that is still to come was noted under a wrong clock, and does not count.
        """
        with faults_of(self.path):
            found = self._connection.execute(
                "SELECT until, reason FROM pauses WHERE source = ? AND until > ? AND at <= ? ORDER BY until DESC LIMIT 1",
                (source, time(now), time(now + CLOCKS_DIFFER)),
            ).fetchone()
        return None if found is None else (pd.Timestamp(found[0]), found[1])

    def answer(self, url: str) -> Answer | None:
        """The last answer of an address that was kept; None where there is none."""
        with faults_of(self.path):
            found = self._connection.execute(
                "SELECT body, at, asked.sha256 FROM asked JOIN answers USING (sha256) WHERE url = ? AND ended = ? "
                "ORDER BY no DESC LIMIT 1",
                (url, OK),
            ).fetchone()
        return None if found is None else Answer(zlib.decompress(found[0]), pd.Timestamp(found[1]), found[2])

    def asked(self, source: str | None = None, *, by: datetime | None = None) -> pd.DataFrame:
        """The last question of each kind and subject: source, what, subject, at, ended, kind, message, url, and `good`,
        when one of them was last answered (NaT: never).

        Parameters
        ----------
        by : datetime, optional
            Questions put by then alone: one with a later time was put under a wrong clock, and no answer to it is new.
        """
        chosen = {"source = ?": source, "at <= ?": None if by is None else time(by + CLOCKS_DIFFER)}
        chosen = {condition: value for condition, value in chosen.items() if value is not None}
        where, values = "WHERE " + " AND ".join(chosen) if chosen else "", tuple(chosen.values())
        key = "source, what, subject"
        with faults_of(self.path):
            last = self._frame(
                f"SELECT {key}, at, ended, kind, message, url FROM asked JOIN (SELECT max(no) AS no FROM asked {where} "
                f"GROUP BY {key}) USING (no) ORDER BY {key}",
                values,
            )
            good = self._frame(
                f"SELECT {key}, max(at) AS good FROM asked {where + ' AND' if where else 'WHERE'} ended <> 'failed' "
                f"GROUP BY {key}",
                values,
            )
        out = last.merge(good, on=["source", "what", "subject"], how="left")
        return out.assign(**{name: pd.to_datetime(out[name], utc=True, format="ISO8601") for name in ("at", "good")})

    def requests(self, since: datetime) -> dict[str, int]:
        """Requests made of each source since a time."""
        with faults_of(self.path):
            found = self._connection.execute(
                "SELECT source, sum(requests) FROM asked WHERE at >= ? GROUP BY source", (time(since),)
            ).fetchall()
        return {source: int(count) for source, count in found}

    def closes(self, tickers: Sequence[str] | None = None) -> pd.DataFrame:
        """Closes as traded, the last word of each source for each day: source, date, ticker, close_usd, seen_at."""
        return self._read("closes", tickers)

    def splits(self, tickers: Sequence[str] | None = None) -> pd.DataFrame:
        """Splits: source, ticker, first_day_on_new_basis, shares_multiplier, seen_at."""
        return self._read("splits", tickers)

    def items(self, tickers: Sequence[str] | None = None, source: str | None = None) -> pd.DataFrame:
        """Facts of the universe's items as sources told them: source, `ITEM_COLUMNS`, seen_at; of a figure told again
        the first row."""
        found = self._read("items", tickers)
        return found if source is None else found[found["source"] == source].reset_index(drop=True)

    def filings(self, tickers: Sequence[str] | None = None) -> pd.DataFrame:
        """What was filed: source, `FILING_COLUMNS`, seen_at."""
        return self._read("filings", tickers)

    def network(self) -> pd.DataFrame:
        """Days of the Bitcoin network: source, `NETWORK_COLUMNS`, seen_at."""
        return self._read("network", None)

    def provider(self, tickers: Sequence[str] | None = None) -> pd.DataFrame:
        """The sources' own enterprise values: source, ticker, enterprise_value_usd, seen_at."""
        return self._read("provider", tickers)

    def changed_closes(self, tickers: Sequence[str] | None = None) -> pd.DataFrame:
        """Closes of a day that a source told differently later: source, ticker, date, before, now, held, seen_at."""
        with faults_of(self.path):
            rows = self._frame(
                "SELECT * FROM closes WHERE (source, ticker, date) IN (SELECT source, ticker, date FROM closes "
                "GROUP BY source, ticker, date HAVING count(*) > 1) ORDER BY source, ticker, date, no"
            )
        rows = decoded(rows, "closes")
        before = rows.groupby(["source", "ticker", "date"])["close_usd"].shift()
        out = rows.assign(before=before, held=rows["held"].fillna(""))[before.notna()].rename(
            columns={"close_usd": "now"}
        )
        out = out if tickers is None else out[out["ticker"].isin(list(tickers))]
        return out[["source", "ticker", "date", "before", "now", "held", "seen_at"]].reset_index(drop=True)

    def _read(self, table: str, tickers: Sequence[str] | None) -> pd.DataFrame:
        where, values = "WHERE held IS NULL", tuple[str, ...]()
        if tickers is not None:
            where += f" AND ticker IN ({', '.join('?' * len(tickers))})"
            values = tuple(tickers)
        with faults_of(self.path):
            statement = f"SELECT * FROM {table} {where} ORDER BY no"
            found = self._frame(statement, values) if table in schema.ALL_WORDS else self._latest(table, where, values)
        return decoded(found, table)[[*schema.columns(table), "seen_at"]]

    def _latest(self, table: str, where: str, values: tuple[Any, ...]) -> pd.DataFrame:
        """The last row of each key among those chosen, in the order in which they came."""
        frame = self._frame(f"SELECT * FROM {table} {where} ORDER BY no", values)
        return frame.drop_duplicates(list(schema.KEYS[table]), keep="last").reset_index(drop=True)

    def _frame(self, statement: str, values: tuple[Any, ...] = ()) -> pd.DataFrame:
        cursor = self._connection.execute(statement, values)
        names = [part[0] for part in cursor.description]
        rows = cursor.fetchall()
        cells = list(zip(*rows, strict=True)) if rows else [()] * len(names)
        return pd.DataFrame({n: pd.Series(c, dtype=object) for n, c in zip(names, cells, strict=True)})
