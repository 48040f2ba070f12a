"""A net asset value by plain arithmetic: loops over the rows of the CSV files, one company at a time.

Written apart from the program: it imports nothing of it but the default numbers of its assumptions, reads METHODS sections
3, 5, 9 and 10, and serves to find mistakes of either. It covers what the companies of its test need and no more.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import mean, median

from valuation.assumptions import Assumptions

HOME = Path(__file__).parents[3] / "screener" / "universes" / "miners"
A = Assumptions()
YEAR = 365.25
HOURS = 24 * YEAR
Row = dict[str, str]

# Who pays, read by a person from counterparty and credit_support: guarantor's class, the part it covers, own class.
WHO = {
    "HUT-FLUIDSTACK-202512": ("hyperscaler", 1.0, "other"),  # Google backs the lease payments, no amount given
    "HUT-UNDISCLOSED-202605": ("investment_grade", 0.0, "investment_grade"),  # the tenant itself, high investment grade
    "HUT-UNDISCLOSED-202607": ("investment_grade", 0.0, "investment_grade"),
    "IREN-MICROSOFT-202511": ("hyperscaler", 0.0, "hyperscaler"),
    "IREN-NVIDIA-202605": ("investment_grade", 0.0, "investment_grade"),
    "IREN-AIDEVELOPERS-202607": ("other", 0.0, "other"),
    "CIFR-AWS-202511": ("hyperscaler", 0.0, "hyperscaler"),
    "CIFR-AWS-202603": ("hyperscaler", 0.0, "hyperscaler"),
    "CIFR-FLUIDSTACK-202609A": ("hyperscaler", 1.0, "other"),  # Google backstop, no amount given
    "CIFR-FLUIDSTACK-202609B": ("hyperscaler", 1.0, "other"),
    "CLSK-UNDISCLOSED-202607": ("investment_grade", 0.0, "investment_grade"),
}


def rows(name: str) -> Iterator[Row]:
    with (HOME / name).open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def number(text: str | None) -> float | None:
    return float(text) if text not in (None, "") else None


def day(text: str) -> date:
    return date.fromisoformat(text)


class Plain:
    """The universe as known on a day."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.network = [r for r in rows("network.csv") if day(r["date"]) <= today]
        self.btc = next(float(r["btc_usd"]) for r in reversed(self.network) if r["btc_usd"])
        self.facts = [r for f in ("financials.csv", "capacity.csv") for r in rows(f) if day(r["published_on"]) <= today]
        self.changes = [
            r for r in rows("transactions.csv") if day(r["published_on"]) <= today and day(r["date"]) <= today
        ]
        self.contracts = [self._terms(r) for r in rows("contracts.csv") if self._in_force(r)]

    # What is known

    def fact(self, ticker: str, item: str) -> Row | None:
        """The row of the latest period, of that the one published last."""
        mine = [r for r in self.facts if r["ticker"] == ticker and r["item"] == item]
        return max(mine, key=lambda r: (r["period_end"], r["published_on"]), default=None)

    def known(self, ticker: str, item: str) -> float | None:
        found = self.fact(ticker, item)
        return None if found is None else float(found["value"])

    def rolled(self, ticker: str, item: str, column: str, kinds: tuple[str, ...] = ()) -> float:
        """The latest row of an item plus what was dealt after it."""
        found = self.fact(ticker, item)
        assert found is not None, (ticker, item)
        later = [
            float(r[column])
            for r in self.changes
            if r["ticker"] == ticker
            and r[column]
            and r["date"] > found["period_end"]
            and (not kinds or r["kind"] in kinds)
        ]
        return float(found["value"]) + sum(later)

    def price(self, ticker: str) -> float:
        mine = [r for r in rows("prices.csv") if r["ticker"] == ticker and day(r["date"]) <= self.today]
        return float(max(mine, key=lambda r: r["date"])["close_usd"])

    # Equity and claims

    def instruments(self, ticker: str) -> list[Row]:
        return [
            r
            for r in rows("instruments.csv")
            if r["ticker"] == ticker
            and day(r["issued_on"]) <= self.today
            and day(r["published_on"]) <= self.today
            and not (r["retired_on"] and day(r["retired_on"]) <= self.today)
        ]

    def diluted(self, ticker: str) -> float:
        price, shares = self.price(ticker), self.rolled(ticker, "shares_outstanding", "shares")
        for r in self.instruments(ticker):
            strike = number(r["price_usd"])
            if r["kind"] == "rsu":
                shares += float(r["quantity"])
            elif strike is not None and price > strike:
                if r["kind"] == "convertible":
                    shares += float(r["principal_usd"]) / strike
                else:
                    shares += float(r["quantity"]) * (1 - strike / price)
        return shares

    def debt(self, ticker: str) -> float:
        """Debt less the principal of convertibles in the money."""
        converted = sum(
            float(r["principal_usd"])
            for r in self.instruments(ticker)
            if r["kind"] == "convertible" and self.price(ticker) > float(r["price_usd"])
        )
        return self.rolled(ticker, "debt_total", "debt_usd") - converted

    def money(self, ticker: str) -> float:
        """Cash, and restricted cash where a row of the cash's day or later reports it."""
        cash, restricted = self.fact(ticker, "cash"), self.fact(ticker, "restricted_cash")
        total = self.rolled(ticker, "cash", "cash_usd")
        if cash and restricted and restricted["period_end"] >= cash["period_end"]:
            total += float(restricted["value"])
        return total

    # Contracts

    def _in_force(self, r: Row) -> bool:
        gone = r["exited_on"] and day(r["exited_on"]) <= self.today
        return day(r["announced_on"]) <= self.today and not gone and r["kind"] != "hosting"

    def _terms(self, r: Row) -> Row:
        out = dict(r)
        later = [t for t in rows("contract_terms.csv") if t["contract_id"] == r["contract_id"]]
        for t in sorted(later, key=lambda t: t["published_on"]):
            if day(t["published_on"]) <= self.today:
                out[t["column"]] = t["value"]
        return out

    def gross(self, r: Row) -> float | None:
        """Gross MW of a contract at the owner's share."""
        share = float(r["owner_share_pct"] or 100) / 100
        gross, it = number(r["gross_mw"]), number(r["critical_it_mw"])
        if gross is not None:
            return gross * share
        return None if it is None else it * A.gross_mw_per_critical_it_mw * share

    def years_to(self, when: date) -> float:
        return (when - self.today).days / YEAR

    def tranches(self, r: Row) -> list[tuple[float, float, bool]]:
        """(start in years, share, in service): the plan in force less what is delivered, else even months over the ramp."""
        phases = [
            p
            for p in rows("phases.csv")
            if p["contract_id"] == r["contract_id"] and day(p["published_on"]) <= self.today
        ]
        if not phases:
            lag = A.start_lag_gpu_cloud_years if r["kind"] == "gpu_cloud" else A.start_lag_lease_years
            guess = day(r["announced_on"]) + timedelta(days=int(lag * YEAR + 0.5))
            start = self.years_to(day(r["start_on"]) if r["start_on"] else guess)
            parts = round(A.ramp_years * 12)
            return [(start + A.ramp_years * (k + 0.5) / parts, 1 / parts, False) for k in range(parts)]
        done = sorted((p for p in phases if p["status"] == "delivered"), key=lambda p: p["date"])
        told = max(p["published_on"] for p in phases if p["status"] == "planned")
        plan = sorted(
            (p for p in phases if p["status"] == "planned" and p["published_on"] == told), key=lambda p: p["date"]
        )
        whole = float(r["critical_it_mw"])
        over = sum(float(p["critical_it_mw"]) for p in [*done, *plan]) - whole
        out = [(self.years_to(day(p["date"])), float(p["critical_it_mw"]) / whole, True) for p in done]
        for p in plan:
            mw = float(p["critical_it_mw"])
            taken = min(max(over, 0.0), mw)
            over -= taken
            start = self.years_to(day(p["date"]))
            if mw > taken:
                out.append((start if start > 0 else A.ramp_years / 2, (mw - taken) / whole, False))
        return out

    def of(self, ticker: str) -> list[Row]:
        """Its contracts that can be valued: value and term known."""
        return [r for r in self.contracts if r["ticker"] == ticker and r["total_value_usd"] and r["term_years"]]

    def costs(self, r: Row) -> tuple[float, float, float]:
        """Building, GPUs, and what of both is still to spend."""
        mw, told, cloud = float(r["critical_it_mw"]), number(r["capex_usd"]), r["kind"] == "gpu_cloud"
        gpus = (told if told is not None else mw * A.capex_gpus_usd_per_mw) if cloud else 0.0
        per_mw = A.capex_gpu_cloud_usd_per_mw if cloud else A.capex_lease_usd_per_mw
        building = told if told is not None and not cloud else mw * per_mw
        cash = self.fact(r["ticker"], "cash")
        assert cash is not None
        since = (self.today - day(cash["period_end"])).days / YEAR
        left = 0.0
        for start, share, delivered in self.tranches(r):
            if not delivered:
                ahead = start + since
                left += share * building * min(ahead / A.build_years, 1.0)
                left += share * gpus * min(ahead / A.gpu_purchase_years, 1.0)
        return building, gpus, left

    def contract(self, r: Row, credited: float) -> dict[str, float]:
        """Values of one contract; `credited` is what its customer has paid ahead, USD."""
        cloud, value, term = r["kind"] == "gpu_cloud", float(r["total_value_usd"]), float(r["term_years"])
        step = number(r["escalator_pct"])
        if step is None:
            step = 0.0 if cloud or term < 7 else 100 * A.escalator_unknown
        growth = step / 100
        stated = number(r["noi_margin_pct"])
        usual = A.noi_margin_gpu_cloud if cloud else A.noi_margin_lease
        margin = usual if stated is None else stated / 100
        building, gpus, left = self.costs(r)

        lengths, k = [], 0
        while term - k > 1e-12:
            lengths.append(min(1.0, term - k))
            k += 1
        weights = [(1 + growth) ** k * length for k, length in enumerate(lengths)]
        rent = [value * w / sum(weights) for w in weights]
        tranches = self.tranches(r)
        due = 0.0
        for start, share, _ in tranches:
            for k, length in enumerate(lengths):
                ahead = min(max(start + k + length, 0.0), length) if start + k < 0 else length
                due += share * rent[k] * ahead / length
        part = min(credited / due, 1.0)
        noi, cash = [x * margin for x in rent], [x * (margin - part) for x in rent]
        tax, loss = [], 0.0
        for k, length in enumerate(lengths):
            wear = building / A.building_life_years * max(min(A.building_life_years - k, length), 0.0)
            wear += gpus / A.gpu_life_years * max(min(A.gpu_life_years - k, length), 0.0)
            income = cash[k] - wear - loss
            loss = max(-income, 0.0)
            tax.append(A.tax_rate * max(income, 0.0))

        guarantor, backed, own = WHO[r["contract_id"]]
        out = dict.fromkeys(("term", "residual", "tax", "perpetuity", "next_noi"), 0.0)
        out["capex"] = left
        for who, weight in ((guarantor, backed), (own, 1 - backed)):
            if not weight:
                continue
            rate = getattr(A, f"cost_of_capital_{who}") + (A.cost_of_capital_cloud_premium if cloud else 0.0)
            for begins, share, delivered in tranches:
                start = begins if delivered else begins + A.delay_years
                for k, length in enumerate(lengths):
                    opens, closes = max(start + k, 0.0), start + k + length
                    if closes <= 0:
                        continue
                    factor = weight * share * (closes - opens) / length * (1 + rate) ** -((opens + closes) / 2)
                    out["term"] += cash[k] * factor
                    out["tax"] -= tax[k] * factor
                last = self._paid(noi, lengths, term - 1, term)
                goes_on = float(r["critical_it_mw"]) * A.market_noi_usd_per_mw if cloud else last
                after = goes_on * A.residual_share / A.cap_rate_exit
                out["residual"] += weight * share * after * (1 + rate) ** -(start + term)
                if not cloud:
                    since = max(-start, 0.0)
                    first = self._paid(noi, lengths, since, since + 1)
                    cap = getattr(A, f"cap_rate_{who}")
                    out["perpetuity"] += weight * share * first / cap * (1 + rate) ** -max(start, 0.0)
        return out

    @staticmethod
    def _paid(amounts: list[float], lengths: list[float], since: float, until: float) -> float:
        """What a contract pays between two times of its life."""
        total = 0.0
        for k, (amount, length) in enumerate(zip(amounts, lengths, strict=True)):
            inside = min(until, k + length) - max(since, k)
            total += amount * max(inside, 0.0) / length
        return total

    # Power, mining, overhead

    def power(self, ticker: str) -> dict[str, float]:
        """Values of MW without a lease: approved, in use for mining less what it gives up, pipeline."""
        taken = sum(self.gross(r) or 0.0 for r in self.contracts if r["ticker"] == ticker)
        secured, fleet = (self.known(ticker, f"mw_{name}") or 0.0 for name in ("secured", "operating"))
        # Of MARA's the source says that they include hosted MW, which no lease can take.
        running = fleet - ((self.known(ticker, "mw_hosted") or 0.0) if ticker == "MARA" else 0.0)
        unlet = max(secured - taken, 0.0)
        # What is in AI service does not mine: delivered phases, or what the company reports where that is more.
        delivered = 0.0
        for r in self.contracts:
            if r["ticker"] == ticker and (mw := self.gross(r)):
                delivered += mw * sum(part for _, part, done in self.tranches(r) if done)
        told = self.fact(ticker, "mw_operating_ai")
        is_it = told is not None and told["unit"] == "mw_critical_it"
        reported = 0.0 if told is None else float(told["value"]) * (A.gross_mw_per_critical_it_mw if is_it else 1.0)
        ai = max(delivered, reported)
        in_use = min(max(running - ai, 0.0), unlet)
        approved = unlet - in_use
        leases = [r for r in self.contracts if r["kind"] in ("colocation_lease", "jv_lease")]
        usual = median(mw for mw in (self.gross(r) for r in leases) if mw is not None)
        first = 0.0 if any(r["ticker"] == ticker for r in leases) else min(approved, usual)
        let = A.market_noi_usd_per_mw / A.cap_rate_exit - A.capex_lease_usd_per_mw - A.capex_overrun_usd_per_mw
        let /= A.gross_mw_per_critical_it_mw
        rate, start = A.cost_of_capital_other, A.approved_start_years + A.delay_years
        soon = let * (1 + rate) ** -start
        lost = self.mining(ticker, start) * in_use / (fleet - ai)
        pipeline = (
            (self.known(ticker, "mw_pipeline") or 0.0) * let * (1 + rate) ** -(A.pipeline_start_years + A.delay_years)
        )
        return {
            "approved": soon * (first * A.probability_first_deal + (approved - first) * A.probability_approved),
            "mining_power": A.probability_operating * max(in_use * soon - lost, 0.0),
            "pipeline": A.probability_pipeline * pipeline,
        }

    def hashprice(self, r: Row) -> float:
        return float(r["reward_and_fees_btc_per_day"]) * float(r["btc_usd"]) / (float(r["hashrate_eh_per_s"]) * 1000)

    def hashrate(self, ticker: str) -> float:
        """EH/s: average operating as reported, else deployed x uptime, else what the quarter's mining revenue bought."""
        operating, deployed = self.fact(ticker, "hashrate_operating_eh"), self.fact(ticker, "hashrate_eh")
        if operating is not None and self.age(operating) <= A.max_age_capacity_days:
            return float(operating["value"])
        if deployed is not None and self.age(deployed) <= A.max_age_capacity_days:
            return float(deployed["value"]) * A.uptime
        earned = self.fact(ticker, "revenue_mining")
        assert earned is not None, ticker
        ends = day(earned["period_end"])
        weeks = [
            r for r in self.network if ends - timedelta(days=91) < day(r["date"]) <= ends and r["hashrate_eh_per_s"]
        ]
        return float(earned["value"]) / (mean(self.hashprice(r) for r in weeks) * 91) / 1000

    def age(self, r: Row) -> int:
        return (self.today - day(r["period_end"])).days

    def mining(self, ticker: str, after: float = 0.0) -> float:
        """Margins of the coming years at the hashprice path, those after a time alone where one is given."""
        last = next(r for r in reversed(self.network) if r["hashrate_eh_per_s"] and r["reward_and_fees_btc_per_day"])
        price = float(last["reward_and_fees_btc_per_day"]) * self.btc / (float(last["hashrate_eh_per_s"]) * 1000)
        rate = self.hashrate(ticker)
        j, kwh = self.known(ticker, "fleet_efficiency_j_per_th"), self.known(ticker, "power_cost_usd_per_kwh")
        mw = rate * (A.fleet_efficiency_j_per_th if j is None else j)
        cost = mw * 1000 * HOURS * (A.power_cost_usd_per_kwh if kwh is None else kwh)
        revenue, total = rate * 1000 * price * YEAR, 0.0
        halving = (date(2028, 4, 15) - self.today).days / YEAR
        for k in range(int(A.mining_life_years)):
            halved = min(max(k + 1 - halving, 0.0), 1.0)
            level = (1 + A.hashprice_growth) ** (k + 0.5) * (1 - halved / 2 * (1 - A.halving_recovery))
            counted = min(max(k + 1 - after, 0.0), 1.0)
            margin = max(revenue * level - cost, 0.0)
            total += counted * margin * (1 + A.cost_of_capital_mining) ** -(k + 0.5)
        return total

    def overhead(self, ticker: str) -> float:
        """Cash overhead a year: a quarter x 4, else the median per secured MW of the miners that report it."""
        own = self.known(ticker, "sga_cash")
        if own is not None:
            return 4 * own
        reporting = {r["ticker"] for r in self.facts if r["item"] == "sga_cash"}
        per_mw = [
            4 * (self.known(t, "sga_cash") or 0.0) / (self.known(t, "mw_secured") or 0.0) for t in sorted(reporting)
        ]
        return median(per_mw) * (self.known(ticker, "mw_secured") or 0.0)

    # The whole

    def nav(self, ticker: str) -> dict[str, float]:
        """Parts and values, USD; claims, taxes, overhead and capex negative."""
        paid = self.known(ticker, "deferred_revenue") or 0.0
        stated = {
            r["contract_id"]: float(r["prepayment_pct"] or 0) / 100 * float(r["total_value_usd"])
            for r in self.of(ticker)
        }
        fact = self.fact(ticker, "deferred_revenue")
        by_then = [r for r in self.of(ticker) if fact and r["announced_on"] <= fact["period_end"]]
        share = {r["contract_id"]: stated[r["contract_id"]] for r in by_then}
        if not sum(share.values()):
            share = {r["contract_id"]: float(r["total_value_usd"]) for r in by_then}
        out = dict.fromkeys(("leases_dcf", "leases_cap_rate", "gpu_cloud", "taxes", "capex", "lease_prepayments"), 0.0)
        for r in self.of(ticker):
            credited = paid * share.get(r["contract_id"], 0.0) / sum(share.values()) if share else 0.0
            found = self.contract(r, credited)
            out["taxes"] += found["tax"]
            out["capex"] -= found["capex"]
            if r["kind"] == "gpu_cloud":
                out["gpu_cloud"] += found["term"] + found["residual"]
            else:
                out["leases_dcf"] += found["term"] + found["residual"]
                out["leases_cap_rate"] += found["perpetuity"]
                out["lease_prepayments"] -= min(credited, found["perpetuity"])
        out |= self.power(ticker)
        out["mining"] = self.mining(ticker)
        out["bitcoin"] = self.rolled(ticker, "btc_held", "btc") * self.btc
        out["money"] = self.money(ticker)
        out["overhead"] = -A.overhead_multiple * self.overhead(ticker)
        out["debt"] = -self.debt(ticker)
        leases = self.known(ticker, "lease_liabilities_finance")
        out["finance_leases"] = -(leases or 0.0)
        part = self.known(ticker, "noncontrolling_interest_pct")
        if ticker == "HUT":
            assert part is not None
            out["minorities"] = -part / 100 * self.price("ABTC") * self.diluted("ABTC")
        else:
            out["minorities"] = -(self.known(ticker, "noncontrolling_interest") or 0.0)
        shared = sum(
            out[name] for name in ("gpu_cloud", "capex", "approved", "mining_power", "pipeline", "mining", "bitcoin",
                                   "money", "overhead", "debt", "finance_leases", "minorities")
        )  # fmt: skip
        return out | {
            "nav_dcf": shared + out["leases_dcf"] + out["taxes"],
            "nav_cap_rate": shared + out["leases_cap_rate"] + out["lease_prepayments"],
            "shares": self.diluted(ticker),
        }
