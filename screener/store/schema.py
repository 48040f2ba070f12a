"""The tables of the history: the same on SQLite and PostgreSQL. Rows are only ever added.

A change here needs a step in `migrations.py`; `tests/screener/store/test_migrations.py` compares the two.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Utc(TypeDecorator[datetime]):
    """An aware time, kept as UTC without a zone, since SQLite knows none."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuse a time without a zone: nobody can tell what it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time in the store needs a zone, {value} has none")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """UTC again."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData()


def _run() -> Column[int]:
    return Column("run_no", Integer, ForeignKey("runs.run_no"), primary_key=True)


schema_versions = Table(
    "schema_versions",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("applied_at", Utc, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("run_no", Integer, primary_key=True, autoincrement=False),
    Column("run_id", Text, nullable=False, unique=True),  # of what went in: the same inputs are the same run
    Column("universe", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("recorded_at", Utc, nullable=False),
    Column("kind", Text, nullable=False),  # weekly, run or backfill
    Column("version", Text, nullable=False),
    Column("price_source", Text, nullable=False),
    Column("price_date", Date),
    Column("fell_back", Text, nullable=False),
    Column("group_rule", Text, nullable=False),
    Column("btc_usd", Float(53)),
    Column("gap_ratio", Float(53)),
    Column("gap_low", Float(53)),
    Column("gap_high", Float(53)),
    Column("n_pivot", Integer),
    Column("n_bitcoin", Integer),
    Column("premium", Float(53)),
    Column("result_sha256", Text, nullable=False),
    Column("manifest", JSON, nullable=False),
    Column("gap", JSON, nullable=False),
    Column("regression", JSON, nullable=False),
    Index("runs_by_date", "universe", "as_of"),
)

companies = Table(
    "companies",
    metadata,
    _run(),
    Column("ticker", Text, primary_key=True),
    Column("place", Integer, nullable=False),  # in the order of the screen
    Column("name", Text, nullable=False),
    Column("company_group", Text),
    Column("excluded", Text, nullable=False),
)

figures = Table(
    "figures",
    metadata,
    _run(),
    Column("ticker", Text, primary_key=True),
    Column("metric", Text, primary_key=True),
    Column("value", Float(53)),  # NULL is unknown, never zero
    Column("status", Text, nullable=False),
    Column("causes", Text, nullable=False),
    Index("figures_by_metric", "metric", "ticker"),
)

bridge_lines = Table(
    "bridge_lines",
    metadata,
    _run(),
    Column("ticker", Text, primary_key=True),
    Column("line", Text, primary_key=True),
    Column("value_usd", Float(53)),  # shares and the price in their own units
)

contracts = Table(
    "contracts",
    metadata,
    _run(),
    Column("contract_id", Text, primary_key=True),
    Column("ticker", Text, nullable=False),
    Column("counterparty", Text),
    Column("kind", Text, nullable=False),
    Column("announced_on", Date, nullable=False),
    Column("owned_it_mw", Float(53)),
    Column("owned_value_usd", Float(53)),
    Column("owned_annual_revenue_usd", Float(53)),
    Column("is_ai", Boolean, nullable=False),
)

issues = Table(
    "issues",
    metadata,
    _run(),
    Column("place", Integer, primary_key=True),
    Column("severity", Text, nullable=False),
    Column("ticker", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

facts = Table(
    "facts",
    metadata,
    Column("fact_no", BigInteger, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),  # universe/file, or the live source
    Column("ticker", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("period_end", Date),
    Column("published_on", Date),
    Column("value", Float(53)),
    Column("unit", Text, nullable=False),
    Column("source", Text, nullable=False),  # file:line as it stood when first seen
    Column("source_url", Text, nullable=False),
    Column("confidence", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("occurrence", Integer, nullable=False),  # among rows of one key, such as two notes of one day
    Column("seen_at", Utc, nullable=False),
    UniqueConstraint("origin", "ticker", "item", "period_end", "published_on", "occurrence", "seen_at"),
)

run_facts = Table(
    "run_facts",
    metadata,
    _run(),
    Column("place", Integer, primary_key=True),
    Column("fact_no", BigInteger, ForeignKey("facts.fact_no"), nullable=False),
)

closes = Table(
    "closes",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("ticker", Text, primary_key=True),
    Column("date", Date, primary_key=True),
    Column("seen_at", Utc, primary_key=True),
    Column("close_usd", Float(53), nullable=False),
)

splits = Table(
    "splits",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("ticker", Text, primary_key=True),
    Column("first_day_on_new_basis", Date, primary_key=True),
    Column("seen_at", Utc, primary_key=True),
    Column("shares_multiplier", Float(53), nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("at", Utc, nullable=False),
)

# A later row of a run replaces an earlier one: a run is void where the last says so.
voids = Table(
    "voids",
    metadata,
    Column("void_no", Integer, primary_key=True, autoincrement=False),
    Column("run_id", Text, ForeignKey("runs.run_id"), nullable=False),
    Column("is_void", Boolean, nullable=False),
    Column("at", Utc, nullable=False),
    Column("person", Text, nullable=False),
    Column("why", Text, nullable=False),
)
