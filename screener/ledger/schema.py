"""The ledger's tables: days as whole numbers since 1970, times as UTC text, NULL where something is unknown."""

from __future__ import annotations

VERSION = 1

# Columns of every table that holds what sources told: name and SQL type. The first block is the key of a row: another
# row of the same key with other content is a later word of the source, and stands beside the earlier one.
KEYS: dict[str, dict[str, str]] = {
    "closes": {"source": "TEXT", "ticker": "TEXT", "date": "DAY"},
    "splits": {"source": "TEXT", "ticker": "TEXT", "first_day_on_new_basis": "DAY"},
    "items": {
        "source": "TEXT", "ticker": "TEXT", "item": "TEXT", "period_end": "DAY", "accession": "TEXT", "kind": "TEXT",
        "evidence": "TEXT",
    },
    "filings": {"source": "TEXT", "ticker": "TEXT", "accession": "TEXT"},
    "network": {"source": "TEXT", "date": "DAY"},
    "provider": {"source": "TEXT", "ticker": "TEXT"},
}  # fmt: skip
CONTENT: dict[str, dict[str, str]] = {
    "closes": {"close_usd": "REAL"},
    "splits": {"shares_multiplier": "REAL"},
    "items": {
        "value": "REAL", "unit": "TEXT", "published_on": "DAY", "source_url": "TEXT", "confidence": "TEXT",
        "form": "TEXT", "filed": "DAY", "accepted_at": "TIME", "checks": "TEXT", "needs": "TEXT",
    },
    "filings": {
        "cik": "TEXT", "form": "TEXT", "filed": "DAY", "accepted_at": "TIME", "report_date": "DAY", "items": "TEXT",
        "is_xbrl": "FLAG", "document": "TEXT", "description": "TEXT", "url": "TEXT",
    },
    "network": {
        "btc_usd": "REAL", "hashrate_eh_per_s": "REAL", "difficulty": "REAL", "reward_and_fees_btc_per_day": "REAL",
    },
    "provider": {"enterprise_value_usd": "REAL"},
}  # fmt: skip
# What makes a row another word of the source: not that the same figure was told again on another day.
COMPARED = {"items": ("value", "unit")}
# Of these every word is read: which of them was known on a date is for the point-in-time rule to say.
ALL_WORDS = ("items",)
SQL_TYPES = {"TEXT": "TEXT", "DAY": "INTEGER", "REAL": "REAL", "TIME": "TEXT", "FLAG": "INTEGER"}
TABLES = tuple(KEYS)


def columns(table: str) -> dict[str, str]:
    """Columns of a table of what sources told, with their kinds."""
    return {**KEYS[table], **CONTENT[table]}


def statements() -> list[str]:
    """The statements that make an empty ledger; rows can be added, never changed or removed."""
    made = [
        "CREATE TABLE answers (sha256 TEXT PRIMARY KEY, bytes INTEGER NOT NULL, body BLOB NOT NULL)",
        "CREATE TABLE asked (no INTEGER PRIMARY KEY, source TEXT NOT NULL, what TEXT NOT NULL, subject TEXT NOT NULL, "
        "at TEXT NOT NULL, ended TEXT NOT NULL, kind TEXT NOT NULL, message TEXT NOT NULL, url TEXT NOT NULL, "
        "sha256 TEXT, requests INTEGER NOT NULL)",
        "CREATE INDEX asked_last ON asked (source, what, subject, no)",
        "CREATE INDEX asked_url ON asked (url, no)",
        "CREATE TABLE pauses (no INTEGER PRIMARY KEY, source TEXT NOT NULL, at TEXT NOT NULL, until TEXT NOT NULL, "
        "reason TEXT NOT NULL)",
    ]
    for table in TABLES:
        fields = ", ".join(f"{name} {SQL_TYPES[kind]}" for name, kind in columns(table).items())
        made.append(f"CREATE TABLE {table} (no INTEGER PRIMARY KEY, seen_at TEXT NOT NULL, held TEXT, {fields})")
        made.append(f"CREATE INDEX {table}_key ON {table} ({', '.join(KEYS[table])}, no)")
    for table in (*TABLES, "answers", "asked", "pauses"):
        for act in ("UPDATE", "DELETE"):
            made.append(
                f"CREATE TRIGGER {table}_{act.lower()} BEFORE {act} ON {table} BEGIN "
                f"SELECT RAISE(ABORT, 'the ledger is only ever added to'); END"
            )
    return made
