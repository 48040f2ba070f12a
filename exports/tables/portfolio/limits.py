"""Limits, their use and the room left, as a table."""

from __future__ import annotations

from exports.tables.formats import figure
from exports.tables.spec import Block, Column, TableSpec
from valuation.portfolio.limits import BREACH, HOW_TO_SET, NOT_SET
from valuation.portfolio.report import PortfolioReport

UNITS = {"fraction": "fraction_fine", "count": "count"}


def limits(report: PortfolioReport) -> list[Block]:
    """Each figure that can be limited; limit, room and verdict where somebody set one."""
    rows = report.limits
    units = [UNITS.get(unit, "number") for unit in rows["unit"]]
    printed = {
        key: [figure(v, unit) for v, unit in zip(rows[key], units, strict=True)] for key in ("limit", "used", "room")
    }
    unset = rows["state"] == NOT_SET
    frame = rows.assign(**printed)
    for key in ("kind", "limit", "room"):
        frame[key] = frame[key].where(~unset, "")
    columns = (
        Column("title", "Limit"), Column("kind", "", priority=1), Column("limit", "Limit", "figures"),
        Column("used", "Used", "figures"), Column("room", "Room", "figures"), Column("state", "State"),
    )  # fmt: skip
    styles = rows["state"].map({BREACH: "bad", NOT_SET: "dim"}).fillna("")
    return [TableSpec("limits", frame, columns, styles=styles, notes=(HOW_TO_SET,), data=rows)]
