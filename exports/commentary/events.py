"""What the event studies allow to say, and what they do not, in words."""

from __future__ import annotations

from exports.commentary.numbers import p_number, p_text
from valuation.events import EventStudy, holm

UNSURE = 0.05


def contracts_in_words(study: EventStudy) -> tuple[list[str], list[str]]:
    """What announcements did to prices, in words: what can and what cannot be said."""
    can, cannot = [], []
    tests = study.tests.set_index(["window", "sample"])
    first = study.tests["window"].iloc[0]
    every, clean = tests.loc[(first, "all")], tests.loc[(first, "clean")]
    if every["n"] == 0:
        return [], ["Anything: no announcement has closes enough before and around it."]
    largest = study.events[f"car{first}"].nlargest(2)
    rest = study.events[f"car{first}"].drop(largest.index)
    can.append(
        f"In window {first} {every['positive']:.0%} of {int(every['n'])} announcements beat the model; mean "
        f"{every['mean']:+.1%}, median {every['median']:+.1%}."
    )
    if len(rest):
        names = " and ".join(study.events.loc[largest.index, "ticker"])
        can.append(f"Without the two largest ({names}) the mean is {rest.mean():+.1%}.")
    strict = [clean["kp_p"], clean["rank_p"]]
    if all(p <= UNSURE for p in strict):
        can.append(f"Clean events alone carry it: p {p_text(max(strict))} at most (Kolari-Pynnonen, rank).")
    else:
        cannot.append(
            f"That an announcement as such lifts the price: over the {int(clean['n'])} clean events p is "
            f"{p_number(clean['kp_p'])} (Kolari-Pynnonen) and {p_number(clean['rank_p'])} (rank)."
        )
    if study.frequency == "weekly":
        cannot.append("What happened on the day: these are closes of weeks, and a week holds other news.")
    cannot.append("What an announcement is worth that leaked, or that everybody expected.")
    return can, cannot


def raises_in_words(study: EventStudy) -> tuple[list[str], list[str]]:
    """What capital raises did to prices, in words: what can and what cannot be said."""
    tests = study.tests[study.tests["instrument"] != "all"]
    tests = tests[tests["t_p"].notna()]
    if tests.empty:
        return [], ["Anything: no instrument has three raises with closes around them."]
    tests = tests.assign(allowed=holm(tests["t_p"].to_numpy(dtype=float)))
    held = tests[tests["allowed"] <= UNSURE]
    can = [
        f"{row.instrument}, {row.sample}, {row.window}: {row.mean:+.1%} on average (n = {row.n}, p {p_text(row.t_p)}, "
        f"{p_text(row.allowed).removeprefix('= ')} allowing for {len(tests)} tests)."
        for row in held.itertuples(index=False)
    ]
    cannot = []
    if held.empty:
        best = tests.loc[tests["t_p"].idxmin()]
        cannot.append(
            f"That any instrument moves the price against the other miners: of {len(tests)} tests the smallest p "
            f"{p_text(best['t_p'])} ({best['instrument']}, {best['sample']}, {best['window']}), "
            f"{p_number(best['allowed'])} allowing for their number (Holm)."
        )
    none = study.tests.groupby("instrument")["n"].max()
    few = [f"{name} (n = {int(n)})" for name, n in none.items() if n < 3 and name != "all"]
    if few:
        cannot.append(f"Anything on {', '.join(few)}: too few raises of that kind are dated.")
    return can, cannot
