"""What the regression allows to say, and what it does not, in words."""

from __future__ import annotations

import math

from exports.commentary.numbers import span
from exports.tables.formats import p_number, p_text
from valuation.regression.study import Study

UNSURE = 0.05


def can_be_said(study: Study) -> list[str]:
    """What the numbers allow to say, in words."""
    main = study.primary
    line, wild = main.line, main.wild
    points = []
    if wild.p_value <= UNSURE:
        way = "dearer" if line.slope > 0 else "cheaper"
        reach = span(math.exp(wild.low), math.exp(wild.high), "{:.1f}")
        points.append(
            f"Companies with more of their revenue in signed AI contracts are {way} per secured MW: a factor of "
            f"{math.exp(line.slope):.1f} from none to all, somewhere from {reach}."
        )
        low, high = study.influence.slope_range
        if low * high > 0:
            points.append(
                f"No single company makes it: without any one the slope stays between {low:.2f} and {high:.2f}."
            )
    if study.leave_one_out_r2 > 0:
        points.append(
            f"The share helps to place a company it has not seen: {study.leave_one_out_r2:.0%} less squared error than the "
            "others' mean."
        )
    told = study.controls[study.controls["note"] == ""]
    held = told[told["p_permutation"] <= UNSURE]
    if len(told):
        points.append(f"Beside one control at a time it keeps a p of at most 5% in {len(held)} of {len(told)} cases.")
    if _placebo_p(study) <= UNSURE and _beside_placebo(study) <= UNSURE:
        points.append(
            f"The trailing share, meant as a placebo, goes with value too (p {p_text(_placebo_p(study))}), but "
            f"beside it the contracted share stands (p {p_text(_beside_placebo(study))})."
        )
    return points


def _placebo_p(study: Study) -> float:
    """Headline p of the placebo; NaN where it cannot be estimated."""
    return math.nan if study.placebo is None else study.placebo.wild.p_value


def _beside_placebo(study: Study) -> float:
    """Permutation p of the contracted share beside the trailing one; NaN where it was not tried."""
    return float(study.controls["p_permutation"].get("trailing_share", math.nan))


def cannot_be_said(study: Study) -> list[str]:
    """What the numbers do not allow to say, in words."""
    main = study.primary
    points = []
    if main.wild.p_value > UNSURE:
        points.append(
            f"That contracted share goes with value: p {p_text(main.wild.p_value)}. Only a premium of "
            f"{study.power.detectable_premium:+.0%} or more would have been found reliably."
        )
    p = [main.wild.p_value, main.hc2.p_value, main.line.p_value]
    if min(p) <= UNSURE < max(p):
        points.append(f"Anything firm: the three methods disagree ({p_number(min(p))} to {p_number(max(p))}).")
    points.append("That signing a contract raises the value: the line compares companies, it does not follow one.")
    panel = study.panel
    if panel is not None and panel.p_value > UNSURE:
        reach = span(math.exp(panel.low), math.exp(panel.high), "{:.1f}")
        points.append(
            f"That a company's own value moves with its own share: over {panel.dates} quarter ends p "
            f"{p_text(panel.p_value)}, a factor of {reach} from none to all."
        )
    beside = _beside_placebo(study)
    if _placebo_p(study) <= UNSURE and not beside <= UNSURE:
        how = "the two shares go together" if math.isnan(beside) else f"beside it p is {p_number(beside)}"
        points.append(
            "That the market looks at contracts rather than at revenue earned: the trailing share goes with value too "
            f"(p {p_text(_placebo_p(study))}), and {how}."
        )
    points.append("What a megawatt of one company is worth: the line leaves most of a company's own story out.")
    return points
