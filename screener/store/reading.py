"""Reading the history back: the list of runs, one run as a snapshot, one metric through time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, and_, func, select

from screener.errors import NotKnown, VoidRun
from screener.store import schema
from screener.store.voids import Void, voids

# pandas and what a snapshot is made of are imported where they are used: a list of runs needs neither.
if TYPE_CHECKING:
    import pandas as pd

    from valuation.comparison.changes import Snapshot

LATEST, PREVIOUS = "latest", "previous"
FACT_COLUMNS = ["ticker", "item", "value", "unit", "period_end", "published_on", "source", "source_url",
                "confidence", "evidence"]  # fmt: skip
HEAD = ("statistic", "ratio", "low", "high", "pivot_value", "bitcoin_value", "n_pivot", "n_bitcoin")


@dataclass(frozen=True)
class Run:
    """One line of the history; `void` is None for a run that counts."""

    run_no: int
    run_id: str
    universe: str
    title: str
    as_of: date
    recorded_at: datetime
    kind: str
    version: str
    price_source: str
    price_date: date | None
    fell_back: str
    group_rule: str
    gap_ratio: float | None
    gap_low: float | None
    gap_high: float | None
    n_pivot: int
    n_bitcoin: int
    premium: float | None
    result_sha256: str
    void: Void | None = None


_RUN = [schema.runs.c[name] for name in Run.__dataclass_fields__ if name != "void"]


def runs(connection: Connection, universe: str | None = None, *, void: bool = False) -> list[Run]:
    """Every run, the latest as-of date last, and of one date the last recorded last; with `void`, void runs too."""
    query: Select[Any] = select(*_RUN).order_by(schema.runs.c.as_of, schema.runs.c.run_no)
    if universe is not None:
        query = query.where(schema.runs.c.universe == universe)
    marked = voids(connection)
    every = (Run(*row) for row in connection.execute(query))
    found = [replace(run, void=marked[run.run_id]) if run.run_id in marked else run for run in every]
    return found if void else [run for run in found if run.void is None]


def find(connection: Connection, named: str, universe: str, *, void: bool = False) -> Run:
    """The run of that name: latest, previous (the last before the latest date), a date, or the start of a run id.

    Latest, previous and a date with another run pass over void runs.

    Parameters
    ----------
    void : bool
        Whether a void run may be found, by its id or as the only kind of its date.

    Raises
    ------
    NotKnown
        No run, or more than one, goes by it.
    VoidRun
        void=False and the run is void.
    """
    every = runs(connection, universe, void=True)
    known = [run for run in every if run.void is None]
    if not every:
        raise NotKnown(f"the history holds no run of {universe} yet: `screener weekly` or `screener run --store`")
    if named in (LATEST, PREVIOUS) and not known:
        raise NotKnown(f"every run of {universe} in the history is void: `screener history list` shows them")
    if named == LATEST:
        return known[-1]
    if named == PREVIOUS:
        earlier = [run for run in known if run.as_of < known[-1].as_of]
        if not earlier:
            raise NotKnown(f"the history of {universe} holds one date only, {known[-1].as_of}")
        return earlier[-1]
    found = _named(every, named, universe)
    if found.void is not None and not void:
        raise VoidRun(
            f"run {found.run_id} of {found.as_of} is {found.void}; a void run is shown and not compared: "
            f"`screener history show {found.run_id}`, or `screener history unvoid {found.run_id} --why ...`"
        )
    return found


def find_void(connection: Connection, named: str, universe: str) -> Run:
    """The void run of that name: of a date the last one that is void; else as `find`, whatever it finds."""
    every = runs(connection, universe, void=True)
    of_the_day = [run for run in every if run.void is not None and run.as_of.isoformat() == named]
    return of_the_day[-1] if of_the_day else find(connection, named, universe, void=True)


def _named(known: list[Run], named: str, universe: str) -> Run:
    """The run of a date, the last one that is not void, or of the start of a run id."""
    of_the_day = [run for run in known if run.as_of.isoformat() == named]
    if of_the_day:
        return next((run for run in reversed(of_the_day) if run.void is None), of_the_day[-1])
    alike = [run for run in known if run.run_id.startswith(named)]
    if len(alike) == 1:
        return alike[0]
    if alike:
        raise NotKnown(f"{named!r} is the start of {len(alike)} runs: {', '.join(run.run_id for run in alike[:5])}")
    days = f"{known[0].as_of} to {known[-1].as_of}"
    raise NotKnown(f"no run {named!r} of {universe}; name a run id, a date with a run ({days}), latest or previous")


def before(connection: Connection, universe: str, as_of: date) -> Run | None:
    """The last run before a date, None where there is none."""
    earlier = [run for run in runs(connection, universe) if run.as_of < as_of]
    return earlier[-1] if earlier else None


def snapshot(connection: Connection, run: Run) -> Snapshot:
    """A run as it was stored, in the shape in which two runs are compared."""
    import pandas as pd

    from valuation.comparison.changes import CONTRACT_COLUMNS, ISSUE_COLUMNS, Snapshot
    from valuation.metrics import METRICS

    names = _frame(connection, schema.companies, run, "place").set_index("ticker")
    figures = _frame(connection, schema.figures, run, "ticker")
    both = figures.pivot(index="ticker", columns="metric").reindex(names.index)
    wide = {column: both[column] for column in ("value", "status", "causes")}
    order = [name for name in METRICS if name in wide["value"].columns]
    order += [name for name in wide["value"].columns if name not in METRICS]  # which pivot put in the alphabet's order
    table, status, causes = (wide[column][order].rename_axis(columns=None) for column in ("value", "status", "causes"))
    table = table.astype(float).assign(group=names["company_group"].astype(object), excluded=names["excluded"])
    lines = _frame(connection, schema.bridge_lines, run, "ticker")
    bridge = lines.pivot(index="ticker", columns="line", values="value_usd").reindex(names.index).astype(float)
    stored = connection.execute(
        select(schema.runs.c.btc_usd, schema.runs.c.manifest, schema.runs.c.gap, schema.runs.c.regression).where(
            schema.runs.c.run_no == run.run_no
        )
    ).one()
    # The statistic of the headline: runs of versions up to 0.2 keep the ratio of medians, and say so in the same place.
    head = {name: stored.gap["headline"][name] for name in HEAD}
    line = stored.regression if stored.regression["estimable"] else {}
    test = line.get("headline", {})
    head |= {"premium": line.get("premium"), "premium_p": test.get("p_value"), "premium_n": line.get("n")}
    return Snapshot(
        run_id=run.run_id,
        universe=run.universe,
        title=run.title,
        as_of=pd.Timestamp(run.as_of),
        btc_usd=float("nan") if stored.btc_usd is None else stored.btc_usd,
        names=names["name"],
        table=table,
        status=status,
        causes=causes,
        bridge=bridge.rename_axis(columns=None),
        contracts=_dated(_frame(connection, schema.contracts, run, "contract_id")[CONTRACT_COLUMNS], ["announced_on"]),
        facts=_facts(connection, run),
        issues=_frame(connection, schema.issues, run, "place")[ISSUE_COLUMNS],
        headline=head,
        manifest=stored.manifest,
    )


def line(connection: Connection, run: Run) -> tuple[pd.DataFrame, float, float] | None:
    """The regression of a run as it was stored: sample by ticker, level of its intervals, p of its headline test.

    None where there was no regression.
    """
    import pandas as pd

    query = select(schema.runs.c.regression, schema.runs.c.manifest).where(schema.runs.c.run_no == run.run_no)
    kept = connection.execute(query).one()
    if not kept.regression["estimable"]:
        return None
    sample = pd.DataFrame(kept.regression["sample"]).set_index("ticker")
    return sample, kept.regression["level"], kept.regression["headline"]["p_value"]


def series(connection: Connection, metric: str, universe: str) -> pd.DataFrame:
    """One metric through time: a row a date (its last run), a column a company; NaN unknown.

    Raises
    ------
    NotKnown
        No run holds a metric of that name.
    """
    last = (
        select(func.max(schema.runs.c.run_no))
        .where(schema.runs.c.universe == universe, schema.runs.c.run_id.not_in(voids(connection)))
        .group_by(schema.runs.c.as_of)
        .scalar_subquery()
    )
    query = (
        select(schema.runs.c.as_of, schema.figures.c.ticker, schema.figures.c.value)
        .join(schema.runs, schema.runs.c.run_no == schema.figures.c.run_no)
        .where(and_(schema.figures.c.metric == metric, schema.runs.c.run_no.in_(last)))
        .order_by(schema.runs.c.as_of, schema.figures.c.ticker)
    )
    import pandas as pd

    rows = connection.execute(query).all()
    if not rows:
        raise NotKnown(f"no run of {universe} holds a metric {metric!r}; e.g. ev_per_mw_secured")
    frame = _dated(pd.DataFrame(rows, columns=["as_of", "ticker", "value"]), ["as_of"])
    wide = frame.pivot(index="as_of", columns="ticker", values="value").astype(float)
    return wide.rename_axis(columns=None)


def _frame(connection: Connection, table: Any, run: Run, order: str) -> pd.DataFrame:
    columns = [column for column in table.c if column.name != "run_no"]
    numbers = {column.name for column in columns if column.type.__class__.__name__ == "Float"}
    query = select(*columns).where(table.c.run_no == run.run_no).order_by(table.c[order])
    return _typed(connection, query, [column.name for column in columns], numbers)


def _facts(connection: Connection, run: Run) -> pd.DataFrame:
    query = (
        select(*(schema.facts.c[name] for name in FACT_COLUMNS))
        .join(schema.run_facts, schema.run_facts.c.fact_no == schema.facts.c.fact_no)
        .where(schema.run_facts.c.run_no == run.run_no)
        .order_by(schema.run_facts.c.place)
    )
    return _dated(_typed(connection, query, FACT_COLUMNS, {"value"}), ["period_end", "published_on"])


def _typed(connection: Connection, query: Select[Any], names: list[str], numbers: Collection[str]) -> pd.DataFrame:
    """Rows column by column, each of its type: a frame of rows would look into every row first, which takes longest."""
    import pandas as pd

    cells = list(zip(*connection.execute(query), strict=True)) or [()] * len(names)
    kinds = {name: float if name in numbers else object for name in names}
    return pd.DataFrame({name: pd.Series(column, dtype=kinds[name]) for name, column in zip(names, cells, strict=True)})


def _dated(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    import pandas as pd

    return frame.assign(**{name: pd.to_datetime(frame[name]).astype("datetime64[ns]") for name in names})
