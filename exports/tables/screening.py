"""A screening rule's answer, the bundled screens and the registry of metrics as pages."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from exports.commentary.labels import GROUPS, plain
from exports.tables.formats import LEGEND, day
from exports.tables.screen import price_line
from exports.tables.spec import Block, Column, Page, Points, TableSpec, Text, column, note
from valuation.metrics import METRICS, UNITS
from valuation.screening.result import Screened

BETTER = {1: "more", -1: "less", 0: ""}
PLACED = {"rank": ("Rank", "count"), "score": ("Score", "number")}


def screened_page(found: Screened) -> Page:
    """Who meets the rule, who is not classified and why, and what each condition did."""
    members = found.table.drop(columns="ticker", errors="ignore").rename_axis("ticker")
    shown = members.assign(group=members["group"].replace(GROUPS)) if "group" in members else members
    table = TableSpec(
        "in", shown, (Column("ticker", ""), *(_column(name, members[name]) for name in members.columns)),
        status=found.status, data=members.join(found.status.add_suffix("_status")).reset_index(),
    )  # fmt: skip
    unknown = found.unknown.rename_axis("ticker").reset_index()
    conditions = TableSpec(
        "conditions", found.conditions,
        (Column("condition", "Each condition alone"),
         *(Column(name, name.capitalize(), "count") for name in ("meet", "fail", "unknown"))),
    )  # fmt: skip
    blocks: list[Block] = [price_line(found)]
    if found.about:
        blocks.append(note(found.about))
    if len(members):
        blocks.append(table)
    blocks.append(Text(".", lead=found.counts))
    blocks.append(
        Points(
            "Not classified (missing input)", [f"{t}: {plain(why)}" for t, why in found.unknown["why"].items()], "warn"
        )
    )
    if len(found.conditions):
        blocks.append(conditions)
    if found.ranking:
        blocks.append(note(f"Ranked by {found.ranking}."))
    blocks += [note(text) for text in found.notes]
    if "group" in members:
        blocks.append(note('Groups: AI is "pivot" in a rule, mining is "bitcoin".'))
    if found.excluded:
        blocks.append(note(f"Outside the statistics, not screened: {', '.join(found.excluded)}."))
    blocks.append(note(f"{LEGEND}. A figure without a value meets no comparison."))
    content = {
        "screen": found.name, "title": found.title, "as_of": found.as_of, "where": found.where, "ranking": found.ranking,
        "prices": found.price_line, "n": found.n, "out": found.out, "in": table, "unknown": unknown,
        "conditions": conditions, "not_screened": list(found.excluded),
        "notes": list(found.notes),
    }  # fmt: skip
    files = {"in": table, "unknown": unknown, "conditions": conditions}
    return Page(f"{found.title}, {day(found.as_of)}", blocks, content, files)


def _column(name: str, values: pd.Series) -> Column:
    if name in PLACED:
        return Column(name, *PLACED[name])
    if name in METRICS:
        return column(name)
    return Column(name, name, "number" if pd.api.types.is_numeric_dtype(values) else "text")


def metrics_page(functions: Mapping[str, str], words: Mapping[str, str]) -> Page:
    """Every metric with its unit and which way is better for a buyer, then the functions of a rule."""
    rows = [
        {"name": m.name, "title": m.title, "unit": UNITS[m.unit], "better": BETTER[m.direction]}
        for m in METRICS.values()
    ]
    columns = [
        Column(key, title)
        for key, title in (("name", "Metric"), ("title", "Title"), ("unit", "Unit"), ("better", "Better"))
    ]
    more = [*words.items(), *((f"{name}()", about) for name, about in functions.items())]
    language = pd.DataFrame(more, columns=["name", "about"])
    blocks: list[Block] = [
        TableSpec("metrics", pd.DataFrame(rows), columns, notes=("Better: for a buyer.",)),
        TableSpec("language", language, (Column("name", "Also in a rule"), Column("about", "Meaning"))),
        note("`screener metrics NAME` explains a metric and its inputs."),
    ]
    return Page("", blocks)


def metric_page(name: str) -> Page:
    """One metric: title, unit, definition, and under it the metrics that it uses."""
    return Page("", _metric(name, set()))


def _metric(name: str, seen: set[str]) -> list[Block]:
    seen.add(name)
    metric = METRICS[name]
    unit = f", {UNITS[metric.unit]}" if UNITS[metric.unit] else ""
    better = f"; {BETTER[metric.direction]} is better for a buyer" if metric.direction else ""
    blocks: list[Block] = [Text(f": {metric.title}{unit}{better}. {metric.definition}", lead=name)]
    facts = [item for item in metric.inputs if item not in METRICS]
    if facts:
        blocks.append(note(f"  from the universe: {', '.join(facts)}"))
    for item in metric.inputs:
        if item in METRICS and item not in seen:
            blocks += _metric(item, seen)
    return blocks
