"""Two runs compared by meaning, what moves the gap and EV per MW first: settings, edits, companies, bridge, MW, findings."""

from __future__ import annotations

from typing import Any

import pandas as pd

from exports.commentary.labels import plain
from exports.tables.changes import (
    changes_content,
    companies_table,
    contract_words,
    headline_lines,
    listed,
    no_attribution,
)
from exports.tables.company import BRIDGE_TITLES
from exports.tables.formats import UNKNOWN, day, per_mw, per_mw_change, several, worded
from exports.tables.spec import Block, Column, Page, Points, TableSpec, Text, bad, note, warning
from valuation.brief import week
from valuation.comparison.changes import Changes, Snapshot
from valuation.comparison.effects import EFFECT_COLUMNS
from valuation.findings import texts
from valuation.groups import GROUP_NAMES
from valuation.metrics import METRICS

ROWS_SHOWN = 15
# Metrics that the companies' table, the bridge and the gap show already.
SHOWN_ELSEWHERE = (
    "price_usd", "enterprise_value_usd", "ev_per_mw_secured", "equity_value_usd", "bitcoin_usd",
    "debt_after_conversion_usd", "cash_usd", "restricted_cash_usd", "noncontrolling_interest_usd",
)  # fmt: skip
MW_UNITS = ("mw", "mw_critical_it")
POINTS = "Change of a share or premium (%): in percentage points; of any other figure: relative."
EFFECTS = (
    ("gap_effect", "Effect on the gap (x)", "signed"),
    ("premium_effect", "Effect on the premium, share 0% to 100%", "change"),
)
SENTENCES = {"new": "New", "gone": "No longer", "figures": "Other figures"}


def compare_page(changes: Changes) -> Page:
    """The differences of two runs; files hold every one of them."""
    old, new = changes.before, changes.after
    blocks: list[Block] = [
        note(f"A: {_named(old)}."),
        note(f"B: {_named(new)}."),
        *(bad(f"Not a market move: {text}.") for text in changes.settings),
        *_edits("A", old),
        *_edits("B", new),
        _in_short(changes),
        *(Text(f"{line}.") for line in headline_lines(changes)),
        companies_table(changes),
        *(note(line) for line in no_attribution(changes)),
        *_effects(changes),
        *listed("Companies", _entries(changes), lambda r: str(r.text)),
        *_table("Lines of the EV bridge", "bridge", _lines(changes), _LINES),
        *listed("Contracts", changes.contracts, contract_words),
        *_table("MW", "mw", _metrics(changes, mw=True), _METRICS),
        *_table("Other metrics", "metrics", _metrics(changes, mw=False), _METRICS, (POINTS,)),
        *listed("Facts", _with_lead(changes.facts), fact_line),
        *_findings(changes),
        *listed("Data checks", changes.issues, lambda r: f"{r.change}: {r.ticker} {plain(r.what)} ({r.severity})"),
    ]
    content = changes_content(changes) | {
        "effects": changes.effects.rename_axis("ticker"),
        "lines": changes.lines,
        "metrics": changes.metrics,
        "findings": changes.sentences,
        "edits_before": old.edits,
        "edits_after": new.edits,
    }
    files: dict[str, pd.DataFrame | TableSpec] = {
        "companies": changes.companies.join(changes.effects).rename_axis("ticker").reset_index(),
        "bridge": changes.lines,
        "metrics": changes.metrics,
        "contracts": changes.contracts,
        "facts": changes.facts,
        "names": changes.names,
        "findings": changes.sentences,
        "checks": changes.issues,
        "edits": _all_edits(changes),
    }
    return Page(f"{new.title}: two runs compared", blocks, content, files)


def _in_short(changes: Changes) -> Text:
    """The sentences of the brief on what changed; the settings that differ stand above, each by itself."""
    title, found = week(changes)
    return Text(" ".join(texts(one for one in found if "settings" not in one.figures)), lead=f"{title}.")


def _named(run: Snapshot) -> str:
    return f"{run.universe}, as of {day(run.as_of)}, run {run.run_id}, version {run.manifest.get('version', UNKNOWN)}"


def _edits(name: str, run: Snapshot) -> list[Block]:
    """Inputs that somebody changed in the workbook, and what it shows with them."""
    if run.edits is None or run.edits.empty:
        return []
    by = dict(tuple(run.edits.groupby("kind", sort=False)))
    blocks: list[Block] = []
    if "input" in by:
        rows = by["input"]
        blocks.append(
            warning(
                f"In workbook {name} {several(len(rows), 'input')} {'was' if len(rows) == 1 else 'were'} changed after the "
                "run. The figures below are those of the run."
            )
        )
        blocks += listed(f"Edits in {name}", rows, _edit)
        blocks += _results(name, run, by["result"])
    for row in by.get("moved", run.edits.iloc[:0]).itertuples():
        blocks.append(
            warning(
                f"In workbook {name} rows of the sheet {row.sheet} were moved or deleted: edits there are not compared."
            )
        )
    if "other" in by:
        lines = [f"{row.sheet}!{row.cell}: {row.title}" for row in by["other"].itertuples()]
        blocks.append(Points(f"Other changed cells in workbook {name}, which no run takes", lines, "warn"))
    return blocks


def _edit(row: Any) -> str:
    what = ", ".join(text for text in (str(row.label), str(row.title)) if text)
    return f"{row.sheet}!{row.cell} ({what}): {_cell(row.written)} to {_cell(row.found)}"


def _cell(value: Any) -> str:
    return "empty" if value is None else f"{value:,.10g}" if isinstance(value, (int, float)) else str(value)


def _results(name: str, run: Snapshot, rows: pd.DataFrame) -> list[Block]:
    """EV per secured MW in the workbook where the edits moved it."""
    numbers = pd.to_numeric(rows["found"], errors="coerce").set_axis(rows["label"])
    if rows["found"].isna().all():
        return [note(f"Workbook {name} was saved without recalculation, so it does not show what its edits change.")]
    own = run.table["ev_per_mw_secured"].astype(float).reindex(numbers.index)
    moved = numbers[((numbers - own).abs() > 1e-9 * own.abs()).to_numpy()]
    lines = [
        f"{ticker}: {per_mw(own[ticker])} in the run, {per_mw(value)} with the edits" for ticker, value in moved.items()
    ]
    return [Points(f"EV per secured MW in workbook {name}", lines)]


def _all_edits(changes: Changes) -> pd.DataFrame:
    runs = (("A", changes.before.edits), ("B", changes.after.edits))
    parts = [edits.assign(workbook=name) for name, edits in runs if edits is not None]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"workbook": []})


def _effects(changes: Changes) -> list[Block]:
    """Each company's effect on the gap and on the premium of the line, the largest first."""
    rows = changes.effects.join(changes.attribution.frame["change"]).rename_axis("ticker")
    rows = rows[rows[EFFECT_COLUMNS].fillna(0.0).ne(0).any(axis=1)]
    if rows.empty:
        return []
    size = rows[EFFECT_COLUMNS].abs().sort_values(EFFECT_COLUMNS, ascending=False)
    columns = [
        Column("ticker", ""), Column("change", "Change in EV/MW ($m)", "signed"),
        *(Column(name, title, unit, zero="-") for name, title, unit in EFFECTS if rows[name].notna().any()),
    ]  # fmt: skip
    about = (
        "Effect: the figure of B less the same figure with this company alone as it was in A. Effects need not add up to "
        "the change. Premium in percentage points."
    )
    table = TableSpec("effects", rows.loc[size.index], tuple(columns), notes=(about,))
    return [Text("What moves the gap and the line", "heading"), table]


def _entries(changes: Changes) -> pd.DataFrame:
    """Companies in and out and changes of group, a line each."""
    gap = changes.effects["gap_effect"]
    rows = [
        (r.Index, f"{r.Index}: group changed from {_group(r.group_before)} to {_group(r.group_after)}")
        for r in changes.group_moves.itertuples()
    ]
    rows += [(r.ticker, f"{r.ticker}: {r.change} ({plain(r.detail)})") for r in changes.names.itertuples()]
    frame = pd.DataFrame(rows, columns=["ticker", "text"])
    size = frame["ticker"].map(gap).abs().fillna(0.0)
    return frame.loc[size.sort_values(ascending=False, kind="stable").index]


def _group(name: Any) -> str:
    return GROUP_NAMES.get(name, str(name))


_LINES = (
    Column("ticker", ""), Column("title", "Line"), Column("before", "A", "usd_m"), Column("after", "B", "usd_m"),
    Column("ev_effect", "Effect on EV", "usd_m"),
)  # fmt: skip
_METRICS = (
    Column("ticker", ""), Column("title", "Metric"), Column("old", "A", "figures"), Column("new", "B", "figures"),
    Column("change", "Change", "change"),
)  # fmt: skip


def _lines(changes: Changes) -> pd.DataFrame:
    """Lines of the bridge of the universe's own companies."""
    rows = changes.lines
    titles = rows["line"].map(lambda line: BRIDGE_TITLES[line].lstrip("+- ")).map(lambda t: t[:1].upper() + t[1:])
    return rows.assign(title=titles)[_own(changes, rows["ticker"])]


def _metrics(changes: Changes, *, mw: bool) -> pd.DataFrame:
    """Metrics of the universe's own companies whose value differs."""
    rows = changes.metrics
    rows = rows[_own(changes, rows["ticker"]) & ~rows["metric"].isin(SHOWN_ELSEWHERE)]
    of_mw = rows["metric"].map(lambda name: METRICS[name].unit in MW_UNITS).astype(bool)
    rows = rows[of_mw == mw]
    units = [METRICS[name].unit for name in rows["metric"]]
    told = {
        short: [worded(value, unit) for value, unit in zip(rows[long], units, strict=True)]
        for short, long in (("old", "before"), ("new", "after"))
    }
    out = rows.assign(title=[METRICS[name].title for name in rows["metric"]], **told)
    return out[out["change"].fillna(1.0).ne(0)]


def _own(changes: Changes, tickers: pd.Series) -> pd.Series:
    return tickers.map(changes.after.table["excluded"]).eq("")


def _table(
    title: str, name: str, rows: pd.DataFrame, columns: tuple[Column, ...], about: tuple[str, ...] = ()
) -> list[Block]:
    if rows.empty:
        return [Text("no change.", lead=f"{title}:")]
    more = len(rows) - ROWS_SHOWN
    notes = (f"The {ROWS_SHOWN} largest of {len(rows)}; --out FILE.json has all.",) if more > 0 else ()
    notes = (*about, *notes)
    table = TableSpec(name, rows.head(ROWS_SHOWN).reset_index(drop=True), columns, notes=notes, data=rows)
    return [Text(title, "heading"), table]


def _with_lead(facts: pd.DataFrame) -> pd.DataFrame:
    """Whether a fact is the largest change of its line: the effect of the whole line is told there alone."""
    size = (facts["new"].fillna(0.0) - facts["old"].fillna(0.0)).abs()
    by_size = facts.loc[size.sort_values(ascending=False, kind="stable").index]
    first = ~by_size.duplicated(["ticker", "factor"])
    return facts.assign(leads=first.reindex(facts.index) & facts["factor"].ne(""))


def fact_line(row: Any) -> str:
    """A changed fact with its source and, where it is the largest change of its line, the effect of the line."""
    old, new = (f"{v:,.10g}" if pd.notna(v) else UNKNOWN for v in (row.old, row.new))
    period = "" if pd.isna(row.new_period) else f" of {row.new_period:%Y-%m-%d}"
    change = {"new": f"new, {new}", "no longer used": f"no longer used, was {old}"}.get(row.change)
    moves = row.leads and pd.notna(row.effect) and row.effect != 0
    effect = f"; effect of the line on EV/MW {per_mw_change(row.effect)}" if moves else ""
    words = change or f"{row.change}, {old} to {new}"
    return f"{row.ticker} {plain(row.item)}{period}: {words} {row.unit}{effect} [{row.source}]"


def _findings(changes: Changes) -> list[Block]:
    if changes.before.findings is None or changes.after.findings is None:
        return [Text("not compared; the history does not keep them.", lead="Findings:")]
    rows = changes.sentences
    if rows.empty:
        return [Text("no change.", lead="Findings:")]
    lines = [f"{SENTENCES[r.change]}: {r.after or r.before}" for r in rows.itertuples()]
    return [Points(f"Findings: {several(len(rows), 'change')}", lines)]
