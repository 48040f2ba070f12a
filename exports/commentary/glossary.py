"""Terms of the screens and the workbook with their meaning, as docs/glossary.md prints them."""

from __future__ import annotations

from dataclasses import dataclass

# A part, then a term and its meaning; indented lines go on.
TEXT = """
# Power and data centres
MW, gross MW | Megawatt of grid power at the meter of a site. Figures of sites are gross unless they say otherwise.
critical IT MW | The part of gross power that reaches servers; cooling and losses take the rest. 1 critical IT MW
    needs 1.25 to 1.50 gross MW.
operating MW | Energised, in use today.
secured MW | Operating, approved, or under an executed power agreement. The usual denominator.
pipeline MW | Applied for or discussed, not approved.
leased, unleased MW | Secured power with, or without, a signed AI contract.
weighted MW | Each MW weighted by how far it is: operating 1.0, under construction 0.9, other secured 0.5, pipeline
    0.15.
powered shell, colocation | A building with power, without (shell) or with (colocation) cooling and electrical
    fit-out for the tenant's servers.
hyperscaler | Amazon, Google, Meta, Microsoft, Oracle.
neocloud | A company that rents out GPUs by the hour or year, for example CoreWeave or Nebius.
GPU cloud | The miner owns the GPUs and sells computing. High revenue per MW, short-lived assets; never mixed with
    leases.
# Mining
hashrate (EH/s) | Computing power of a fleet or of the network: 1 EH/s is 10^18 hashes a second.
hashprice | Revenue of 1 PH/s in a day, in USD: what a fleet earns, whatever its size.
efficiency (J/TH) | Energy per unit of computing. Lower is better; 15 is new, 30 is old.
breakeven power price | The power price at which a fleet earns its power cost and no more.
halving | Every four years the network's reward per block falls by half; the next one is in April 2028.
difficulty | The network's adjustment that keeps blocks ten minutes apart: when miners leave, those who stay earn
    more.
# Valuation
diluted shares | Basic shares, plus RSUs, plus options and warrants by the treasury-stock method, plus convertibles
    in the money as if converted.
enterprise value (EV) | Equity value + debt not converted + finance leases + preferred + minorities - cash - bitcoin
    at spot.
bridge | The lines from equity value to enterprise value. Its switches (bitcoin netted or not, ...) are printed with
    every result.
EV per MW | EV over megawatts of a named denominator, in $m per MW.
completed EV | EV + capex to complete: what the company costs once its contracts are built.
capex to complete | Building cost still to be spent on signed contracts.
backlog | Remaining contract value: the part of signed total contract value not yet elapsed.
contracted AI share | Contracted AI revenue (or the AI run rate, if larger) over itself plus annualised mining
    revenue.
NOI | Net operating income of a lease: rent less the landlord's costs.
cap rate | NOI over property value. Implied cap rate: contracted NOI over completed EV.
WALT | Weighted average lease term that remains, in years.
NAV, P/NAV | Net asset value: parts valued one by one, less claims. P/NAV is price over NAV per share.
execution floor | NAV if nothing more is ever signed: base terms of contracts, bitcoin, cash and mining, less
    claims.
funding gap | Capex to complete less cash.
investment-grade share | Part of contract value owed or guaranteed by an investment-grade company.
AI group ("pivot"), mining group ("bitcoin") | The two groups compared. A pivot has a contracted AI share of at
    least 20%, unless another rule is chosen.
the gap | The AI group's EV per MW over the mining group's, as a ratio: 3.6x.
the line | The regression of ln(EV per secured MW) on contracted AI share. Its premium: how much more 100% share is
    worth than none.
premium to the line | How far a company trades above or below what the line of the other companies predicts.
# Data and status
as of, point in time | A screen of a past date uses only what was published by then.
`ok` | Every input is known and fresh.
`stale` (mark s) | An input is older than its maximum age: prices 7 days, balance sheets 200, capacity 270. The
    figure is used and marked.
`proxy` (mark p) | A declared stand-in replaces an unknown input. The cause names it.
`missing` (n/a) | An input is unknown. Unknown is never zero.
`not_meaningful` (n.m.) | The inputs are known and the ratio means nothing, for example EV over a backlog of zero.
universe | The companies, with all their facts, prices and contracts: a folder of CSV files.
run | One screen, identified by a hash of all that went into it.
# Statistics
95% confidence interval | The range of values consistent with the data at 95%.
p, statistically significant at 5% | The probability of a result at least this large if there were no effect. Below
    0.05 we call it significant.
typical ratio (Hodges-Lehmann) | The median of the ratios of every AI-group company to every mining company. The
    headline of the gap.
exact Wilcoxon rank-sum test | The test of the typical ratio: all ways to assign the groups are counted, so p and
    interval carry no simulation error and cannot contradict each other.
level reached, smallest attainable p | What groups of these sizes allow: 3 against 3 reach an interval of 90% and no
    p below 0.10.
label permutation test | Companies keep their values and exchange their group; p is the share of exchanges with a
    gap as wide.
bootstrap | Companies are redrawn with replacement; the spread of the redrawn results gives the interval.
wild bootstrap | The test behind the premium: signs of the residuals are exchanged. Reliable with a dozen companies.
HC3, HC2 | Standard errors that allow the noise to differ between companies.
specification curve | The gap under every combination of definitions, sorted. It shows how much the answer depends
    on the choice.
placebo | A regressor that should not work (trailing AI share). If it does, the main result is in doubt.
Oaxaca-Blinder | Splits a difference between two groups into a part explained by a trait and the rest.
Shapley value | Splits a change over its causes so that the parts add up and no order is preferred.
abnormal return | A return beyond what peers and bitcoin explain on the same day.
expected shortfall | The mean loss in the worst 5% of periods; value at risk is the loss at the edge of them.
"""


@dataclass(frozen=True)
class Term:
    """A term of the field, its meaning, and the part of the glossary that it stands in."""

    part: str
    term: str
    meaning: str


def terms() -> list[Term]:
    """Every term in order."""
    out: list[Term] = []
    part = ""
    for line in TEXT.strip().replace("\n    ", " ").splitlines():
        if line.startswith("# "):
            part = line[2:]
        else:
            term, _, meaning = line.partition(" | ")
            out.append(Term(part, term, meaning))
    return out
