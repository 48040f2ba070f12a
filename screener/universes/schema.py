"""The schema of a universe folder: files, columns, types, items and their units."""

from __future__ import annotations

from dataclasses import dataclass

TEXT, NUMBER, DATE = "text", "number", "date"
CONFIDENCES = ("high", "medium", "low")
CONTRACT_KINDS = ("colocation_lease", "jv_lease", "gpu_cloud", "hosting")
INSTRUMENT_KINDS = ("convertible", "warrant", "option", "rsu")
COMPARABLE = "comparable"
# A company and a miner are one role in two words: each is in the statistics.
ROLES = ("miner", "company", COMPARABLE)
PHASE_STATUSES = ("planned", "delivered")
# An entry of phases.csv for several contracts together: its name ends so, and their names begin with the rest of it.
BOOK = "-BOOK"
POSITIVE = 1e-6  # the least of a number that cannot be zero
HIGHEST_STEP, HIGHEST_COUPON = 25.0, 50.0  # percent a year: beyond these a typing error
DEBT_DRAWN = "unknown"
# What estimates.csv may hold; a longer name may begin with one.
ESTIMATE_UNIT = "usd"
ESTIMATES = ("revenue", "ebitda", "capex", "net_income", "price_target", "guidance", "contracted NOI")


@dataclass(frozen=True)
class Column:
    """One column of a file.

    Attributes
    ----------
    kind : text, number or date (YYYY-MM-DD)
    required : bool
        The column must be there, and a blank cell is a problem. Others may be missing, and are then blank.
    at_least, at_most : float or None
        Bounds of a number, inclusive.
    one_of : tuple of str
        Allowed texts; empty allows any.
    about : str
        One line for the person who fills it in.
    """

    kind: str = TEXT
    required: bool = False
    at_least: float | None = None
    at_most: float | None = None
    one_of: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True)
class File:
    """One CSV file: its columns in order, the columns that make a row unique, and whether a folder must have it.

    `later` lists pairs (earlier, later) of date columns that may not be the other way round.
    """

    name: str
    columns: dict[str, Column]
    key: tuple[str, ...]
    required: bool = False
    later: tuple[tuple[str, str], ...] = ()
    about: str = ""


def _text(about: str, *, required: bool = False, one_of: tuple[str, ...] = ()) -> Column:
    return Column(TEXT, required=required, one_of=one_of, about=about)


def _number(
    about: str, *, required: bool = False, at_least: float | None = 0.0, at_most: float | None = None
) -> Column:
    return Column(NUMBER, required=required, at_least=at_least, at_most=at_most, about=about)


def _date(about: str, *, required: bool = False) -> Column:
    return Column(DATE, required=required, about=about)


_TICKER = _text("ticker, as in companies.csv", required=True)
_URL = _text("where the figure was read", required=True)
_EVIDENCE = _text("the words or arithmetic behind the figure")
# A column that is added where it is needed: the templates of files explain it and do not have it.
CONFIRMED = "confirmed"
_CONFIRMED = _text(
    "a source or words of the person who confirmed a figure that is out of proportion to those before it, which would be "
    "held back else"
)
_FACT = {
    "ticker": _TICKER,
    "item": _text("what is measured; see the list of items", required=True),
    "period_end": _date("the date or the end of the period that the figure stands for", required=True),
    "published_on": _date("the first day on which the figure was public for certain", required=True),
    "value": _number("the figure, in the item's unit", required=True, at_least=None),
    "unit": _text("the item's unit", required=True),
    "source_url": _URL,
    "evidence": _EVIDENCE,
    "confidence": _text("how sure the figure is", required=True, one_of=CONFIDENCES),
    CONFIRMED: _CONFIRMED,
}
_FACT_KEY = ("ticker", "item", "period_end", "published_on")
_FACT_ORDER = (("period_end", "published_on"),)

FILES: dict[str, File] = {
    file.name: file
    for file in (
        File(
            "companies.csv",
            {
                "ticker": _text("ticker on the exchange, unique", required=True),
                "name": _text("company name", required=True),
                "former_names": _text("earlier names, separated by semicolons"),
                "former_tickers": _text("earlier tickers"),
                "cik": _text("SEC central index key"),
                "exchange": _text("exchange"),
                "hq_country": _text("country of the head office"),
                "fiscal_year_end": _text("MM-DD"),
                "reporting_currency": _text("currency of the statements"),
                "role": _text(
                    "a miner or company is in the statistics, a comparable is shown for comparison",
                    required=True,
                    one_of=ROLES,
                ),
                "consolidated_by": _text("ticker of the parent that consolidates the company, if any"),
                "parent_share": _number("the parent's share, a fraction", at_most=1.0),
                "ev_meaningful": _text("no for brokers and lenders", required=True, one_of=("yes", "no")),
                "contracts_reviewed_on": _date(
                    "the day on which its contracts were last gone through: what is not listed then is not signed; "
                    "blank where nobody looked"
                ),
                "description": _text("one line"),
                "source_url": _text("where this was read"),
            },
            key=("ticker",),
            required=True,
            about="a company",
        ),
        File("financials.csv", _FACT, _FACT_KEY, required=True, later=_FACT_ORDER, about="a financial fact"),
        File("capacity.csv", _FACT, _FACT_KEY, later=_FACT_ORDER, about="a fact on power, hashrate or fleet"),
        File(
            "contracts.csv",
            {
                "contract_id": _text("unique name", required=True),
                "ticker": _TICKER,
                "announced_on": _date("the contract counts from this day", required=True),
                "counterparty": _text("who signed"),
                "end_user": _text("who uses the capacity"),
                "credit_support": _text("guarantee or backstop"),
                "credit_support_usd": _number("amount of the support, USD"),
                "site": _text("site"),
                "kind": _text("kind of contract", required=True, one_of=CONTRACT_KINDS),
                "critical_it_mw": _number("critical IT load at 100%, MW", at_least=POSITIVE),
                "gross_mw": _number("gross power at 100%, MW"),
                "term_years": _number("base term, years", at_least=POSITIVE),
                "total_value_usd": _number("value of the base term as announced, at 100%, USD"),
                "annual_revenue_usd": _number("announced revenue a year at 100%, USD"),
                "escalator_pct": _number("yearly step of the rent, percent", at_most=HIGHEST_STEP),
                "noi_margin_pct": _number("NOI margin (leases) or EBITDA margin (GPU cloud), percent", at_most=100.0),
                "prepayment_pct": _number("prepaid part of the value, percent", at_most=100.0),
                "capex_usd": _number("cost to build at 100%, USD"),
                "owner_share_pct": _number(
                    "the company's share, percent; required unless hosting", at_least=POSITIVE, at_most=100.0
                ),
                "start_on": _date("first day of revenue"),
                "end_on": _date("last day of the base term"),
                "exited_on": _date("the owner sold or ended it: counts until the day before"),
                "rent_credits_usd": _number("rent that the tenant may withhold for what it paid, at 100%, USD"),
                "break_on": _date("the tenant may leave without a fee from this day on"),
                "extension_options": _text("options, not in the value"),
                "status": _text("status when compiled"),
                "source_url": _URL,
                "evidence": _EVIDENCE,
            },
            key=("contract_id",),
            later=(("announced_on", "exited_on"), ("start_on", "end_on")),
            about="a signed AI, HPC or hosting contract",
        ),
        File(
            "contract_terms.csv",
            {
                "contract_id": _text("contract, as in contracts.csv", required=True),
                "column": _text("column of contracts.csv whose value became known or changed", required=True),
                "value": _text("the value from published_on on; blank makes it unknown"),
                "published_on": _date("first day on which it was public", required=True),
                "source_url": _URL,
                "evidence": _EVIDENCE,
            },
            key=("contract_id", "column", "published_on"),
            about="a term of a contract that became known, or changed, after the announcement",
        ),
        File(
            "phases.csv",
            {
                "contract_id": _text(
                    f"contract, or several together: NAME{BOOK} for all called NAME-...", required=True
                ),
                "date": _date("day from which the phase earns rent", required=True),
                "critical_it_mw": _number("critical IT load of this phase alone at 100%, MW", required=True),
                "status": _text(
                    "planned rows of one published_on are one plan, the latest counts; delivered MW come off its "
                    "earliest rows",
                    required=True,
                    one_of=PHASE_STATUSES,
                ),
                "published_on": _date("first day on which it was public", required=True),
                "source_url": _URL,
                "evidence": _EVIDENCE,
                "confidence": _text("how sure the figure is", required=True, one_of=CONFIDENCES),
            },
            key=("contract_id", "date", "status", "published_on", "evidence"),
            about="a phase of a contract",
        ),
        File(
            "instruments.csv",
            {
                "ticker": _TICKER,
                "instrument": _text("unique name within the company", required=True),
                "kind": _text("kind of instrument", required=True, one_of=INSTRUMENT_KINDS),
                "issued_on": _date("day of issue", required=True),
                "published_on": _date("first day on which it was public", required=True),
                "matures_year": _number("year of maturity", at_least=1990),
                "principal_usd": _number("principal of a convertible, USD"),
                "quantity": _number("number of warrants, options or RSUs"),
                "price_usd": _number("conversion or strike price, USD per share"),
                "retired_on": _date("day on which it ceased to exist"),
                "source_url": _URL,
                "evidence": _EVIDENCE,
            },
            key=("ticker", "instrument"),
            later=(("issued_on", "retired_on"),),
            about="a convertible, warrant, option or RSU",
        ),
        File(
            "transactions.csv",
            {
                "ticker": _TICKER,
                "date": _date("day of the transaction", required=True),
                "published_on": _date("first day on which it was public", required=True),
                "kind": _text("what it was", required=True),
                "cash_usd": _number("change of cash, USD", at_least=None),
                "debt_usd": _number("change of debt principal, USD", at_least=None),
                "shares": _number("change of the share count", at_least=None),
                "btc": _number("change of bitcoin held", at_least=None),
                "source_url": _URL,
                "evidence": _EVIDENCE,
            },
            key=("ticker", "date", "kind"),
            about="a financing after a balance sheet",
        ),
        File(
            "debt.csv",
            {
                "ticker": _TICKER,
                "instrument": _text("name of the borrowing or preferred", required=True),
                "principal_usd": _number("principal, USD"),
                "coupon_pct": _text("interest in percent a year; words where it floats or is paid in kind"),
                "matures_on": _text("YYYY, YYYY-MM or YYYY-MM-DD"),
                "seniority": _text("rank and security"),
                "known_on": _date("first day on which it was public", required=True),
                "confidence": _text("how sure the figure is", required=True, one_of=CONFIDENCES),
                "source_url": _URL,
                "drawn": _text("unknown where it is not told how much of a commitment is drawn"),
            },
            key=("ticker", "instrument", "known_on"),
            about="a borrowing or preferred: to read beside debt_total, never summed into it",
        ),
        File(
            "raises.csv",
            {
                "ticker": _TICKER,
                "announced_on": _date("day of the announcement", required=True),
                "kind": _text("equity, convertible, debt, pref, atm (programme), atm_used ...", required=True),
                "size_usd": _number("amount, USD"),
                "after_close": _text(
                    "yes where it was announced at or after 16:00 New York: day 0 is the next session",
                    one_of=("yes", "no"),
                ),
                "source": _text("where the figure was read; the time where it says one", required=True),
            },
            key=("ticker", "announced_on", "kind", "size_usd", "source"),
            about="a capital raise by its announcement",
        ),
        File(
            "estimates.csv",
            {
                "ticker": _TICKER,
                "metric": _text("revenue, ebitda, price_target ...", required=True),
                "period": _text("fiscal year (FY2027), quarter (Q3 2026) or horizon (12m)", required=True),
                "value": _number("the figure", required=True, at_least=None),
                "unit": _text("usd", required=True),
                "published_on": _date("first day on which it was public", required=True),
                "source": _text("whose consensus, and where it was read", required=True),
            },
            key=("ticker", "metric", "period", "published_on"),
            about="a published estimate",
        ),
        File(
            "deals.csv",
            {
                "deal": _text("who or what was bought", required=True),
                "date": _text("YYYY, YYYY-MM or YYYY-MM-DD", required=True),
                "value": _text("price"),
                "value_unit": _text("unit and basis of the price"),
                "mw": _number("megawatts"),
                "mw_basis": _text("what they are"),
                "musd_per_mw": _text("m USD per MW, a number or a range"),
                "buyer": _text("who bought"),
                "kind": _text("platform, powered site ..."),
                "confidence": _text("how sure the figure is", required=True, one_of=CONFIDENCES),
                "source": _text("where it was read", required=True),
            },
            key=("deal", "date"),
            about="a private deal, to stand beside; it enters no statistic",
        ),
        File(
            "comparables.csv",
            {
                "company": _text("company or segment", required=True),
                "metric": _text("what is measured", required=True),
                "as_of": _text("YYYY, YYYY-Qn, YYYY-MM or YYYY-MM-DD", required=True),
                "value": _text("a number or a range", required=True),
                "unit": _text("unit", required=True),
                "source": _text("where it was read", required=True),
            },
            key=("company", "metric", "as_of"),
            about="a figure of data-centre companies and markets, to stand beside; it enters no statistic",
        ),
        File(
            "claims.csv",
            {
                "claim_id": _text("unique name", required=True),
                "said_on": _date("day on which it was said", required=True),
                "said_by": _text("who said it", required=True),
                "subject": _text("ticker, sector, leaders or network", required=True),
                "statement": _text("what was said, in a sentence", required=True),
                "measure": _text("what is measured (`screener claims --measures`)", required=True),
                "claimed_value": _text("a number, a range (a-b), or > 0; blank where none was named"),
                "unit": _text("unit of the figure", required=True),
                "evaluated_on": _text("the day it speaks of, or latest", required=True),
                "note": _text("what a reader must know"),
            },
            key=("claim_id",),
            about="something said in public about the sector or a company",
        ),
        File(
            "renames.csv",
            {
                "old": _text("former ticker", required=True),
                "new": _text("ticker since", required=True),
                "first_day_under_new": _date("first day that trades under the new ticker", required=True),
                "note": _text("what happened"),
                "source_url": _text("where this was read"),
            },
            key=("old", "new"),
            about="a change of ticker",
        ),
        File(
            "sites.csv",
            {
                "ticker": _TICKER,
                "site": _text("name of the site", required=True),
                "country": _text("country"),
                "state_or_region": _text("state or region"),
                "grid_operator": _text("grid operator"),
                "gross_mw": _number("gross power, MW"),
                "critical_it_mw": _number("critical IT load, MW"),
                "use": _text("mining, ai, mixed or development"),
                "status": _text("operating, construction or planned"),
                "as_of": _date("the day that the row stands for"),
                "source_url": _text("where this was read"),
            },
            key=("ticker", "site"),
            about="a site",
        ),
        File(
            "events.csv",
            {
                "ticker": _TICKER,
                "date": _date("day of the event", required=True),
                "kind": _text("contract, financing, m&a, strategy, results or guidance", required=True),
                "headline": _text("one line", required=True),
                "source_url": _text("where this was read"),
            },
            key=("ticker", "date", "kind", "headline"),
            about="a dated event",
        ),
        File(
            "prices.csv",
            {
                "date": _date("trading day", required=True),
                "ticker": _text("ticker of a company or a benchmark", required=True),
                "close_usd": _number("close as traded on the day, USD", required=True, at_least=1e-6),
                CONFIRMED: _CONFIRMED,
            },
            key=("date", "ticker"),
            required=True,
            about="a close",
        ),
        File(
            "network.csv",
            {
                "date": _date("day", required=True),
                "btc_usd": _number("bitcoin price, USD", at_least=1e-6),
                "hashrate_eh_per_s": _number("mean network hashrate, EH/s"),
                "difficulty": _number("difficulty"),
                "reward_and_fees_btc_per_day": _number("miners' revenue, BTC a day"),
                CONFIRMED: _CONFIRMED,
            },
            key=("date",),
            about="a week of the Bitcoin network",
        ),
        File(
            "splits.csv",
            {
                "ticker": _TICKER,
                "first_day_on_new_basis": _date("first day that trades on the new basis", required=True),
                "shares_multiplier": _number("one old share becomes that many", required=True, at_least=1e-6),
                "event": _text("what happened"),
                "how_dated": _text("how the day is known"),
                "source_url": _text("where this was read"),
            },
            key=("ticker", "first_day_on_new_basis"),
            about="a share split",
        ),
    )
}
