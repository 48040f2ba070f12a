"""The revenue mix as a page: the universe, each company, and when AI revenue exceeds mining revenue."""

from __future__ import annotations

from typing import Any

import pandas as pd

from exports.tables.formats import day
from exports.tables.spec import Block, Column, Page, TableSpec, findings, note
from valuation.revenue_mix.crossover import RevenueMix
from valuation.revenue_mix.mix import LEAST_COMPANIES

QUARTERS_SHOWN = 8
COMPANY_QUARTERS = 7


def mix_page(mix: RevenueMix, as_of: pd.Timestamp) -> Page:
    """The sector's shares by quarter, each company's AI share, the crossovers, and the claim."""
    blocks: list[Block] = [
        _sector(mix.sector),
        *_companies(mix.mixed),
        *_crossover(mix),
        *findings(mix.findings),
    ]
    quarters = mix.mixed.drop(columns="as_of")
    content = {
        "as_of": as_of, "projection": mix.projection, "sector": mix.sector, "bitcoin_share_ahead": mix.ahead,
        "crossover": mix.crossover, "quarters": quarters,
    }  # fmt: skip
    files = {"quarters": quarters, "sector": mix.sector.reset_index(), "crossover": mix.crossover.reset_index()}
    title = f"Revenue mix of the universe's miners by calendar quarter, as known on {day(as_of)}"
    return Page(title, blocks, content, files)


def _sector(sector: pd.DataFrame) -> TableSpec:
    frame = sector.tail(QUARTERS_SHOWN).rename_axis("quarter")
    bounds = [
        "n/a" if pd.isna(row["lowest"]) else f"{row['lowest']:.0%} to {row['highest']:.0%}"
        for _, row in frame.iterrows()
    ]
    columns = (
        Column("quarter", "Quarter", "quarter"), Column("bitcoin_share", "Mining", "fraction"), Column("bounds", "Bounds"),
        Column("n_bitcoin", "n", "count"), Column("n_total", "of", "count"),
        Column("coverage", "Revenue covered", "fraction"), Column("ai_share", "AI", "fraction"),
        Column("n_ai", "n", "count"), Column("same_before", "Year before", "fraction"),
        Column("same_now", "Now", "fraction"), Column("n_same", "n", "count"),
    )  # fmt: skip
    about = (
        "Mining: self-mining as a share of recurring revenue of the n companies that report both; revenue covered: their "
        "share of that of all companies that report a total. Bounds: the share of all companies, whatever the others mined. "
        "AI: recurring revenue. Year before and now: mining share of the n companies known in both quarters. n/a: fewer "
        f"than {LEAST_COMPANIES} companies."
    )
    return TableSpec("sector", frame.assign(bounds=bounds), columns, notes=(about,))


def _companies(mixed: pd.DataFrame) -> list[TableSpec]:
    wide = mixed.pivot_table(index="ticker", columns="quarter", values="ai_share", aggfunc="last")
    wide = wide[sorted(wide.columns)[-COMPANY_QUARTERS:]].dropna(how="all")
    if wide.empty:
        return []
    wide.columns = wide.columns.map(str)
    columns = (Column("ticker", "AI share of revenue"), *(Column(q, q, "fraction", unknown="") for q in wide.columns))
    return [TableSpec("ai_share", wide, columns)]


def _crossover(mix: RevenueMix) -> list[Block]:
    rows = mix.crossover[mix.crossover["note"] == ""].rename_axis("ticker")
    of_quarter = mix.mixed.drop_duplicates(["ticker", "quarter"], keep="last").set_index(["ticker", "quarter"])
    reported = of_quarter["mining_or_rest_usd"].reindex(pd.MultiIndex.from_arrays([rows.index, rows["latest_quarter"]]))
    shown: dict[str, Any] = {
        "reported_usd": reported.to_numpy(dtype=float),
        "latest": [_quarter(q) for q in rows["latest_quarter"]],
        "passed": [_quarter(q, "") for q in rows["actual"]],
        "undated_of": [f"{int(r.undated)} of {int(r.signed)}" if r.signed else "" for r in rows.itertuples()],
    }
    for place, case in enumerate(("projected", "projected_early", "projected_late")):
        already = "already" if place == 0 else ""
        pairs = zip(rows["ahead"], rows[case], strict=True)
        shown[f"{case}_text"] = [already if ahead else _quarter(q) for ahead, q in pairs]
    remainder = rows["mining_is_proxy"].map({True: "proxy", False: "ok"})
    status = pd.DataFrame({"reported_usd": remainder, "mining_usd": remainder})
    columns = (
        Column("ticker", ""), Column("latest", "Quarter"), Column("ai_usd", "AI", "usd_m"),
        Column("reported_usd", "Mining, reported", "usd_m", "Mining,\nreported"),
        Column("mining_usd", "Mining at today's hashprice", "usd_m", "at today's\nhashprice"),
        Column("passed", "AI exceeded mining, as reported", short="AI over\nmining"),
        Column("projected_text", "Projected"), Column("projected_early_text", "Early"),
        Column("projected_late_text", "Late"), Column("undated_of", "Undated"),
    )  # fmt: skip
    price, week, how = mix.hashprice_usd, mix.hashprice_on, mix.projection
    held = "its latest quarter" if pd.isna(price) else f"the hashprice of {day(week)}, ${price:.1f} per PH/s a day"
    about = (
        "Revenue of a quarter. p: mining not reported, total less the other parts. AI over mining: by reported figures. The "
        f"projection holds mining at {held}, the second figure. Projected: first "
        "quarter in which AI revenue exceeds mining revenue, with signed contracts in full from the quarter after their "
        f"start. Early: mining x {how.early_mining}; late: mining x {how.late_mining} and starts "
        f"{how.late_delay_quarters} quarters later. -: not within {how.horizon_quarters // 4} years. Undated: contracts "
        "without a start date or a value, not counted here."
    )
    blocks: list[Block] = [TableSpec("crossover", rows.assign(**shown), columns, status=status, notes=(about,))]
    unknown = mix.crossover[mix.crossover["note"] != ""]
    if len(unknown):
        blocks.append(note("Unknown: " + "; ".join(f"{t} ({why})" for t, why in unknown["note"].items()) + "."))
    return blocks


def _quarter(value: Any, none: str = "-") -> str:
    return none if pd.isna(value) else str(value)
