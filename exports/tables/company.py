"""One company as a page: price to EV, power by class, contracts and phases, NAV, history, credit, changes, sources."""

from __future__ import annotations

from typing import Any

import pandas as pd

from exports.commentary.labels import plain, plain_status
from exports.tables.changes import contract_words, fact_words, listed
from exports.tables.contracts import paid_by
from exports.tables.formats import LEGEND, UNKNOWN, day, figure, money, multiple, per_mw, percent, price, spark
from exports.tables.freshness import of_company
from exports.tables.nav import company_blocks
from exports.tables.plots import company_history
from exports.tables.spec import Block, Column, Page, Points, TableSpec, Text, note, warning
from valuation.company_profile import CompanyProfile
from valuation.comparison.attribution import FACTORS, IN_WORDS
from valuation.status import USABLE

MILLION = 1e6
BRIDGE_TITLES = {
    "price_usd": "Price",
    "basic_shares": "Basic shares",
    "new_shares": "+ RSUs, options, warrants, convertibles",
    "diluted_shares": "Diluted shares",
    "equity_value_usd": "Equity value",
    "debt_after_conversion_usd": "+ debt not converted",
    "finance_leases_usd": "+ finance leases",
    "preferred_equity_usd": "+ preferred",
    "noncontrolling_interest_usd": "+ minorities",
    "customer_prepayments_usd": "+ customer prepayments",
    "cash_usd": "- cash",
    "restricted_cash_usd": "- restricted cash",
    "bitcoin_usd": "- bitcoin at spot",
    "other_coins_usd": "- other coins",
    "enterprise_value_usd": "Enterprise value",
    "capex_to_spend_usd": "+ capex to spend",
    "completed_ev_usd": "Completed EV",
}
POWER_TITLES = {
    "mw_operating": "Operating",
    "mw_operating_ai": "of which AI, as reported",
    "mw_under_construction": "Under construction",
    "mw_secured": "Secured",
    "mw_hosted": "Hosted in others' sites",
    "mw_pipeline": "Pipeline, not approved",
}
MULTIPLES = (
    "ev_per_mw_secured", "ev_per_mw_operating", "ev_per_mw_ai_in_service", "ev_per_mw_ai_contracted_it",
    "ev_to_ntm_revenue", "ev_to_ntm_ebitda", "ev_to_contracted_noi", "ev_to_backlog", "ev_to_consensus_revenue",
    "ev_to_consensus_ebitda",
)  # fmt: skip
UNIT_WORDS = {
    "mw": "MW", "mw_gross": "MW", "mw_critical_it": "MW critical IT", "btc": "BTC", "eth": "ETH", "eh_per_s": "EH/s",
    "j_per_th": "J/TH", "usd_per_kwh": "$/kWh", "gpus": "GPUs", "percent": "%",
}  # fmt: skip
MONTHS_SHOWN = 13
FACTS_SHOWN = 12


def company_page(found: CompanyProfile) -> Page:
    """The company from its price to its sources; files hold every figure of it."""
    files: dict[str, pd.DataFrame | TableSpec] = {
        "metrics": found.frame.rename_axis("metric").reset_index(),
        **{
            name: getattr(found, name)
            for name in ("bridge", "power", "contracts", "tranches", "ladder", "facts", "freshness")
        },
        "history": found.history.reset_index(),
    }
    return Page(title(found), page_blocks(found), found.to_dict(), files)


def title(found: CompanyProfile) -> str:
    """Name, ticker and date."""
    return f"{found.name} ({found.ticker}), {day(found.as_of)}"


def page_blocks(found: CompanyProfile) -> list[Block]:
    """What a reader sees of the company: headings, sentences and tables."""
    return [
        _headline(found),
        _bridge(found), *_instruments(found),
        Text("Power", "heading"), _power(found), *_multiples(found),
        Text("Contracts and phases", "heading"), *_contracts(found),
        Text("Net asset value", "heading"), *company_blocks(found.nav, found.ticker),
        Text("History", "heading"), *_history(found),
        Text("What changed", "heading"), *_changes(found),
        Text("Sources", "heading"), of_company(found.freshness), *_sources(found),
        note(f"{LEGEND}."),
    ]  # fmt: skip


def _headline(found: CompanyProfile) -> Text:
    """Group, EV, EV per MW and distance to the line in sentences, with the reason where one is unknown."""
    value, status = found.metrics, found.status
    group = {"pivot": "in the AI group", "bitcoin": "in the mining group"}.get(value["group"], "in neither group")
    outside = f" and outside the statistics: {value['excluded']}" if value["excluded"] else ""
    share = f"Contracted AI share: {_told(found, 'ai_share_contracted', percent)}{_why(found, 'ai_share_contracted')}."
    ev = f"EV: {_told(found, 'enterprise_value_usd', money)}"
    if status["enterprise_value_usd"] not in USABLE:
        ev += _why(found, "enterprise_value_usd")
    elif status["ev_per_mw_secured"] in USABLE:
        ev += f", or {_told(found, 'ev_per_mw_secured', per_mw)} per secured MW"
    else:
        ev += f"; EV per secured MW: n/a{_why(found, 'ev_per_mw_secured')}"
    if status["premium_to_line"] in USABLE:
        gap = value["premium_to_line"]
        side = "above" if gap > 0 else "below"
        ev += (
            f", {abs(gap):.0%} {side} the line of EV per secured MW on contracted AI share through the other companies"
        )
    return Text(f"is {group}{outside}. {share} {ev}.", lead=found.ticker)


def _told(found: CompanyProfile, name: str, words: Any) -> str:
    state = found.status[name]
    mark = {"s": " (stale)", "p": " (proxy)", "sp": " (stale and proxy)"}.get(found.marks.get(name, ""), "")
    return (
        f"{words(found.metrics[name])}{mark}" if state in USABLE else "n.m." if state == "not_meaningful" else UNKNOWN
    )


def _why(found: CompanyProfile, name: str) -> str:
    """Why a figure is unknown, in brackets; nothing where it is known."""
    state, causes = found.status[name], found.causes[name]
    if state in USABLE or not causes:
        return ""
    if found.metrics["excluded"].startswith("enterprise value not meaningful"):
        # The reason that decides; what else is unknown of such a company changes nothing.
        return f" ({found.metrics['excluded'].replace(' (', ': ').rstrip(')')})"
    return f" ({plain_status(state, causes).partition(': ')[2]})"


def _bridge(found: CompanyProfile) -> TableSpec:
    rows = found.bridge.copy()
    rows["title"] = rows["line"].map(BRIDGE_TITLES)
    rows["shown"] = [
        price(value) if name == "price_usd" else figure(value / MILLION, "number_fine", state)
        for name, value, state in zip(rows["line"], rows["value"], rows["status"], strict=True)
    ]
    shares = found.metrics["diluted_shares"]
    rows["a_share"] = [
        value / shares if name.endswith("_usd") and name != "price_usd" else float("nan")
        for name, value in zip(rows["line"], rows["value"], strict=True)
    ]
    rows["style"] = ["bold" if kind == "total" or name == "equity_value_usd" else "" for name, kind in
                     zip(rows["line"], rows["kind"], strict=True)]  # fmt: skip
    columns = (
        Column("title", "Price to EV"), Column("shown", "$m; shares in m", "figures"),
        Column("a_share", "$ per share", "usd_per_share", unknown=""), Column("period", "Stands for", "date", unknown=""),
    )  # fmt: skip
    return TableSpec("bridge", rows, columns, styles=rows["style"])


def _instruments(found: CompanyProfile) -> list[Block]:
    rows = found.instruments
    if rows.empty:
        return []
    columns = (
        Column("instrument", "Dilution"),
        Column("price_usd", "Conversion or strike price", "usd_per_share", "Strike", unknown="-"),
        Column("distance", "Share price over it", "change", "Price over it", unknown="-"),
        Column("new_shares", "New shares", "shares"),
        Column("debt_converted_usd", "Debt converted", "usd_m", zero="-"),
    )  # fmt: skip
    return [TableSpec("instruments", rows, columns)]


def _power(found: CompanyProfile) -> TableSpec:
    rows = found.power.assign(title=found.power["item"].map(POWER_TITLES))
    value, status = found.metrics, found.status
    extra = [
        ("Secured, used in EV per MW", "secured_mw", False), ("Contracted AI, critical IT", "ai_contracted_it_mw", True),
        ("of which in service", "ai_in_service_mw", True),
    ]  # fmt: skip
    more = pd.DataFrame(
        [{"item": name, "title": title, "mw": value[name], "basis": "critical IT" if it else "gross", "period": pd.NaT,
          "stale": status[name] == "stale"} for title, name, it in extra]
    )  # fmt: skip
    rows = pd.concat([rows, more], ignore_index=True)
    rows["basis"] = rows["basis"].where(rows["mw"].notna(), "")
    states = ["missing" if pd.isna(mw) else status[name] if name in status.index else "stale" if old else "ok"
              for name, mw, old in zip(rows["item"], rows["mw"], rows["stale"], strict=True)]  # fmt: skip
    columns = (
        Column("title", "Class"), Column("mw", "MW", "mw"), Column("basis", "Basis"),
        Column("period", "Stands for", "date", unknown=""),
    )  # fmt: skip
    return TableSpec("power", rows, columns, status=pd.DataFrame({"mw": states}, index=rows.index))


def _multiples(found: CompanyProfile) -> list[Block]:
    from valuation.metrics import METRICS

    told = []
    for name in MULTIPLES:
        if found.status[name] in USABLE:
            words = per_mw if METRICS[name].unit == "m_usd_per_mw" else multiple
            told.append(f"{METRICS[name].title}{_year(found, name)} {_told(found, name, words)}")
    return [Points("Multiples", told)]


def _year(found: CompanyProfile, name: str) -> str:
    """The fiscal year of a consensus."""
    return f" ({found.consensus[name]})" if name in found.consensus else ""


def _contracts(found: CompanyProfile) -> list[Block]:
    rows = found.ladder
    if rows.empty:
        return [Text(_no_contract(found))]
    rows = rows.assign(short=_short(rows, found.ticker), credit=[paid_by(row) for row in rows.itertuples()])
    columns = (
        Column("short", "Contract"), Column("tenant", "Tenant"), Column("credit", "Credit"),
        Column("critical_it_mw", "Critical IT", "mw_critical_it", "IT MW"), Column("rent_usd", "Revenue a year", "usd_m"),
        Column("expires_on", "Expires", "date", priority=1),
    )  # fmt: skip
    parts = found.tranches.merge(found.contracts[["contract_id", "owned_it_mw"]], on="contract_id")
    parts["mw"] = parts["share"] * parts["owned_it_mw"]
    parts["date"] = found.as_of + pd.to_timedelta((parts["starts_in_years"] * 365.25).round(), unit="D")
    parts["when"] = [f"{date:%Y-%m}" for date in parts["date"]]
    phases = _phases(parts).assign(short=lambda f: _short(f, found.ticker))
    phase_columns = (
        Column("short", "Phases"), Column("when", "In service from"), Column("mw", "Critical IT", "mw", "IT MW"),
        Column("state", "Status"),
    )  # fmt: skip
    return [TableSpec("contracts", rows, columns), TableSpec("phases", phases, phase_columns)]


def _no_contract(found: CompanyProfile) -> str:
    """Nothing signed, a backlog reported as one figure, or contracts that nobody has reviewed: three different things."""
    if found.status["backlog_usd"] in USABLE and found.metrics["backlog_usd"] > 0:
        backlog = _told(found, "backlog_usd", money)
        return f"The contracts are not listed one by one; the company reports a backlog of {backlog}."
    if found.status["ai_contracted_it_mw"] in USABLE:
        return "No signed AI contract is known on this date."
    return "No signed AI contract is listed. The company's contracts have not been reviewed, so the total is unknown."


def _short(rows: pd.DataFrame, ticker: str) -> list[str]:
    """Contracts without the company's own ticker in front."""
    return [str(name).removeprefix(f"{ticker}-") for name in rows["contract_id"]]


def _phases(parts: pd.DataFrame) -> pd.DataFrame:
    """A row a month of each contract; MW that are assumed to ramp up evenly are one row from first to last month."""
    rows = []
    for (contract, delivered, proxy), part in parts.groupby(["contract_id", "delivered", "is_proxy"], sort=True):
        state = "in service" if delivered else "assumed" if proxy else "planned"
        months = part.groupby("when")["mw"].sum(min_count=1)
        if state == "assumed" and len(months) > 1:
            rows.append((contract, f"{months.index[0]} to {months.index[-1]}", months.sum(min_count=1), state))
        else:
            rows += [(contract, when, mw, state) for when, mw in months.items()]
    return pd.DataFrame(rows, columns=["contract_id", "when", "mw", "state"]).sort_values(
        ["contract_id", "when"], kind="stable", ignore_index=True
    )


def _history(found: CompanyProfile) -> list[Block]:
    weekly = found.history[found.history["ev_per_mw_secured"].notna()]
    if weekly.empty:
        return [Text("No EV per secured MW in any week.")]
    if len(found.history) == 1:
        return [Text(f"The weekly history stands on the company's own page: `screener company {found.ticker}`.")]
    months = found.history.groupby(found.history.index.to_period("M")).tail(1).tail(MONTHS_SHOWN)
    columns = (
        Column("as_of", "Month's last week", "date"), Column("price_usd", "Price", "usd_per_share"),
        Column("enterprise_value_usd", "EV", "usd"), Column("secured_mw", "Secured", "mw"),
        Column("ev_per_mw_secured", "EV / secured MW", "m_usd_per_mw", "EV / MW"),
        Column("ai_share_contracted", "Contracted AI share", "fraction", "AI share"),
        Column("backlog_usd", "Backlog", "usd"),
        Column("ai_in_service_mw", "AI MW in service", "mw_critical_it", "In service"),
    )  # fmt: skip
    line = spark(weekly["ev_per_mw_secured"])
    span = f"{weekly.index[0]:%Y-%m-%d} to {weekly.index[-1]:%Y-%m-%d}"
    low, high = weekly["ev_per_mw_secured"].min(), weekly["ev_per_mw_secured"].max()
    return [
        Text(f"EV per secured MW by week, {span}; lowest {per_mw(low)}, highest {per_mw(high)}: {line}"),
        company_history(found.ticker, found.history["ev_per_mw_secured"], found.as_of, found.ticker),
        TableSpec("history", months.rename_axis("as_of").reset_index(), columns),
    ]


def _changes(found: CompanyProfile) -> list[Block]:
    changes = found.changes
    if changes is None:
        return [Text("No earlier week to compare with.")]
    before = changes.before.as_of
    parts = changes.attribution.frame
    blocks: list[Block] = []
    if found.ticker in parts.index and not parts.at[found.ticker, "cause"]:
        row = parts.loc[found.ticker]
        moved = [f"{IN_WORDS[name]} {row[name]:+.2f}" for name in FACTORS if abs(row[name]) >= 0.005]
        blocks.append(
            Text(
                f"Since {day(before)} EV per secured MW went from {per_mw(row['before'])} to {per_mw(row['after'])}"
                + (f"; by cause, in $m per MW: {', '.join(moved)}." if moved else ".")
            )
        )
    else:
        blocks.append(Text(f"The change in EV per secured MW since {day(before)} is not available."))
    for name, frame, words in (("Contracts", changes.contracts, contract_words), ("Facts", changes.facts, fact_words)):
        mine = frame[frame["ticker"] == found.ticker]
        blocks += listed(name, mine, words)
    return blocks


def _sources(found: CompanyProfile) -> list[Block]:
    rows = found.facts.sort_values("published_on", ascending=False, kind="stable")
    shown = rows.head(FACTS_SHOWN).assign(age=lambda f: (found.as_of - f["published_on"]).dt.days)
    shown["figure"] = [fact_figure(value, unit) for value, unit in zip(shown["value"], shown["unit"], strict=True)]
    shown["title"] = [_capital(plain(item)) for item in shown["item"]]
    columns = (
        Column("title", "Fact"), Column("figure", "Figure", "figures"), Column("period_end", "Stands for", "date"),
        Column("published_on", "Published", "date"), Column("confidence", "Confidence", priority=1),
        Column("source_url", "Source", "url", priority=2),
    )  # fmt: skip
    blocks: list[Block] = [TableSpec("facts", shown, columns, data=rows)]
    if len(rows) > FACTS_SHOWN:
        blocks.append(
            note(f"The {FACTS_SHOWN} newest of {len(rows)} facts; every one with its link: --format json or csv.")
        )
    stale = [name for name in found.status.index if found.status[name] == "stale"]
    if stale:
        causes = {cause for name in stale for cause in found.causes[name].split("; ") if cause.endswith(" old")}
        names = sorted(plain(cause.removesuffix(" old")) for cause in causes)
        blocks.append(warning(f"Stale (older than the maximum age of such a figure): {', '.join(names)}."))
    return blocks


def fact_figure(value: float, unit: str) -> str:
    """A fact's figure with its unit: `$7,565.8m`, `5,310 MW`, `35,577 BTC`."""
    if pd.isna(value):
        return UNKNOWN
    if unit == "usd":
        return f"${value / MILLION:,.1f}m" if value >= 0 else f"-${-value / MILLION:,.1f}m"
    if unit == "usd_per_share":
        return price(value)
    if unit == "shares":
        return f"{value / MILLION:,.1f}m shares"
    return f"{value:,.10g} {UNIT_WORDS.get(unit, unit.replace('_', ' '))}"


def _capital(text: str) -> str:
    """The first letter a capital; abbreviations of the file stay capitals too."""
    return f"RSU{text[3:]}" if text.startswith("rsu:") else f"{text[0].upper()}{text[1:]}"
