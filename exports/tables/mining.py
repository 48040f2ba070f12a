"""Mining as a page: hashprice, fleets, AI revenue on the same MW, the network, a flexible site."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from exports.tables.formats import LEGEND, day, percent, several
from exports.tables.machine import one_date
from exports.tables.spec import Block, Column, Page, TableSpec, Text, note, warning
from valuation._words import BOTH
from valuation.mining.economics import NEXT_HALVING, Mining, network_scenario
from valuation.mining.flexible_load import Site, Split
from valuation.nav.analysis import NavAnalysis

MILLION = 1e6
MONTHS_SHOWN = 6
LEAVING = (0.0, 0.1, 0.2, 0.3)
NAMES = {"lease": "leases", "gpu_cloud": "GPU cloud"}


def mining_page(nav: NavAnalysis, site: tuple[Site, Split, Any, str] | None = None) -> Page:
    """Hashprice and fleets, the compute ratio, the network when hashrate leaves, and a site where one is given.

    Parameters
    ----------
    site : (Site, Split, hourly prices in USD per MWh, name of their file or "")
    """
    mining = nav.mining
    row, state = mining.table.iloc[0], mining.status["hashprice_usd"].iloc[0]
    content = {
        "as_of": nav.as_of, "assumptions": nav.assumptions, "fleets": one_date(mining.table, mining.status),
        "hashprice": mining.weekly.reset_index(),
        "compute_ratio": nav.compute_ratio.rename_axis("business").reset_index(),
    }  # fmt: skip
    blocks: list[Block] = []
    if pd.isna(row["hashprice_usd"]):
        blocks.append(warning("Hashprice is unknown on this date; mining is not valued."))
    else:
        cause = mining.causes["hashprice_usd"].iloc[0]
        # Two marks apply to old figures of different weeks, and both are shown.
        told = BOTH if state == "proxy" and " old" in cause else state
        blocks.append(
            Text(
                f"per PH/s a day{'' if state == 'ok' else f' ({told})'}.",
                lead=f"Hashprice ${row['hashprice_usd']:.1f}",
            )
        )
        if state != "ok":
            blocks.append(
                warning(
                    f"{cause[0].upper()}{cause[1:]}: reward per PH/s of the last known week at today's bitcoin price."
                )
            )
        months = mining.weekly.resample("MS").mean().tail(MONTHS_SHOWN)
        means = ", ".join(f"{month:%b %Y} ${value:.1f}" for month, value in months.items())
        once = ~nav.book.excluded.str.startswith("consolidated").to_numpy(dtype=bool)
        blocks += [note(f"Monthly means: {means}."), _fleets(mining), *_ratio(nav)]
        blocks.append(_network(mining, once, nav.assumptions.hashrate_refill, nav.assumptions.halving_recovery))
    if site is not None:
        blocks += _site(*site)
    return Page(
        f"Mining, {day(nav.as_of)}", blocks, content, {k: content[k] for k in ("fleets", "hashprice", "compute_ratio")}
    )


def _fleets(mining: Mining) -> TableSpec:
    table, status = mining.table.droplevel("as_of"), mining.status.droplevel("as_of")
    mines = table[table["hashrate_eh"] > 0].sort_values("hashrate_eh", ascending=False)
    columns = (
        Column("ticker", ""), Column("hashrate_eh", "Hashrate", "eh_per_s", "Hash-\nrate"),
        Column("j_per_th", "Efficiency", "j_per_th", "Effi-\nciency"),
        Column("power_usd_per_kwh", "Power", "usd_per_kwh"), Column("fleet_mw", "Fleet", "mw"),
        Column("revenue_usd", "Revenue", "usd_m"), Column("margin_usd", "Margin", "usd_m"),
        Column("margin_share", "Margin share", "fraction", "Margin\nshare"),
        Column("revenue_usd_per_mw", "Revenue per MW", "usd_m_fine", "Revenue\nper MW"),
        Column("breakeven_hashprice_usd", "Breakeven hashprice", "number_fine", "Break-\neven\nhashpr.\n$"),
        Column("breakeven_power_usd_per_kwh", "Breakeven power price", "usd_per_kwh", "Break-\neven\npower"),
    )  # fmt: skip
    marked = status.loc[mines.index, ["hashrate_eh", "j_per_th", "power_usd_per_kwh", "fleet_mw", "margin_usd"]]
    none = ", ".join(table.index[table["hashrate_eh"] == 0])
    unknown = ", ".join(table.index[table["hashrate_eh"].isna()])
    about = (
        "A year. Margin: revenue less power cost, before other costs. Breakeven hashprice and breakeven power price: where "
        "revenue equals power cost. p: deployed hashrate x uptime, hashrate from revenue, or an assumed efficiency or power "
        f"cost. {LEGEND}. No mining: {none or 'none'}. Hashrate unknown: {unknown or 'none'}."
    )
    return TableSpec("fleets", mines, columns, status=marked, notes=(about,))


def _ratio(nav: NavAnalysis) -> list[Block]:
    ratio = nav.compute_ratio
    if ratio.empty:
        return []
    frame = ratio.assign(name=[NAMES[str(business)] for business in ratio.index])
    columns = (
        Column("name", "AI revenue over mining revenue", short="AI over mining"), Column("contracts", "Contracts", "count"),
        Column("ai_usd_per_it_mw", "AI per critical IT MW", "usd_m_fine", "AI per\nIT MW"),
        Column("mining_usd_per_mw", "Mining per MW", "usd_m_fine", "Mining\nper MW"),
        Column("ratio", "Ratio", "multiple"), Column("ratio_low", "Low", "multiple"),
        Column("ratio_high", "High", "multiple"),
        Column("ratio_per_gross_mw", "Per gross MW", "multiple", "Per\ngross\nMW"),
    )  # fmt: skip
    fleets = int(ratio["fleets"].iloc[0])
    mined = (
        f"{several(fleets, 'fleet')} with reported efficiency" if fleets else "assumed efficiency (none is reported)"
    )
    about = (
        "Revenue a year: rent of leases; GPU cloud before the cost of GPUs. Medians of contracts with known revenue and MW. "
        f"Mining: median of {mined}."
    )
    blocks: list[Block] = [TableSpec("compute_ratio", frame, columns, notes=(about,))]
    if "gpu_cloud" in ratio.index:
        measured = 10 * ratio.loc["gpu_cloud", "ratio"]
        blocks.append(
            Text(
                "Claim: 10 MW of GPUs earn as much as 100 MW of mining. Measured: as much as "
                f"{measured:.0f} MW, before the cost of GPUs."
            )
        )
    return blocks


def _network(mining: Mining, once: np.ndarray, refill: float, recovery: float) -> TableSpec:
    base = mining.table.loc[once, "margin_usd"].clip(lower=0.0).sum()
    rows = []
    for leaving in LEAVING:
        now = network_scenario(mining, leaving=leaving, refill=refill)[once]
        then = network_scenario(mining, leaving=leaving, refill=refill, halving=True, halving_recovery=recovery)[once]
        margin = now["margin_usd"].sum()
        rows.append(
            {
                "leaving": leaving, "hashprice": now["hashprice_usd"].iloc[0], "margin": margin,
                "change": f"{margin / base - 1:+.0%}" if base > 0 else "n.m.", "off": int(now["switched_off"].sum()),
                "later": then["margin_usd"].sum(), "later_off": int(then["switched_off"].sum()),
            }
        )  # fmt: skip
    columns = (
        Column("leaving", "Hashrate that leaves", "fraction"),
        Column("hashprice", "Hashprice", "number_fine", "Hashprice\n$"),
        Column("margin", "Margin", "usd_m"), Column("change", "Change", "figures"), Column("off", "Fleets off", "count"),
        Column("later", "Margin after halving", "usd_m", "Margin\nafter\nhalving"),
        Column("later_off", "Fleets off", "count"),
    )  # fmt: skip
    about = (
        f"Difficulty adjusts; {percent(refill)} of the hashrate that leaves is replaced by others. After halving: "
        f"{NEXT_HALVING:%B %Y} at today's bitcoin price, {percent(recovery)} of the fall recovered. Margins a year of all "
        "known fleets, a subsidiary's within its parent's; fleets with a negative margin are off."
    )
    return TableSpec("network", pd.DataFrame(rows), columns, notes=(about,))


def _site(site: Site, split: Split, prices: Any, source: str) -> list[Block]:
    """The best use of a flexible site, compared with all mining and with the largest lease."""
    path = np.asarray(prices, dtype=float)
    credit = float(np.max(site.credit_usd_per_mwh))
    blocks: list[Block] = [
        Text(
            f"of {site.site_mw:g} MW, {site.firm_mw:g} MW firm: lease first, mining with the rest",
            "heading",
            lead="A site",
        )
    ]
    if not source:
        blocks.append(warning("Power prices are illustrative (see Assumptions): use --power-prices for a real site."))
    rows = {
        "Total": (split.total_usd, split.all_mining_usd, split.most_leased_usd),
        f"Lease of {split.lease_mw:g} MW": (split.lease_usd, None, None),
        "Mining after power cost": (split.mining_usd, None, None),
        "Credits": (split.credit_usd, None, None),
    }
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["best", "mining", "leased"]).rename_axis("line")
    rent = site.lease_usd_per_mw_year / MILLION
    about = (
        f"Exact solution (mixed-integer linear programme, HiGHS). A leased MW earns ${rent:.2f}m a year net of construction "
        f"cost; the fleet of {site.j_per_th:.1f} J/TH is owned already. Blocks of {site.block_mw:g} MW."
    )
    columns = (
        Column("line", "A year"), Column("best", "Best", "usd_m_fine"),
        Column("mining", "All mining", "usd_m_fine", unknown=""), Column("leased", "Most leased", "usd_m_fine", unknown=""),
    )  # fmt: skip
    blocks += [
        Text(
            f"{path.size:,} hours{f' of {source}' * bool(source)}: mean ${path.mean():.1f} per MWh, from {path.min():.1f} "
            f"to {path.max():.1f}; mining earns ${site.mining_usd_per_mwh:.1f}; credits pay ${credit:.1f} for up to "
            f"{site.credit_hours:g} hours a year and {site.credit_mw:g} MW."
        ),
        TableSpec("site", frame, columns, notes=(about,)),
    ]
    if split.lease_mw < site.site_mw:
        blocks.append(Text(f"The interruptible part mines {split.mining_share:.0%} of the time."))
    return blocks
