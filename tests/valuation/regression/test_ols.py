"""The line at its bounds: its table, five companies, more than eighteen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.hand_made import SHARES, VALUES
from tests.valuation.regression.made import sample
from valuation.errors import NotEstimable
from valuation.regression.ols import primary
from valuation.regression.study import with_hc2


def test_the_table_of_the_line_is_that_of_statsmodels():
    from statsmodels.regression.linear_model import OLS

    line = primary(sample(), level=0.9)
    fit = OLS(np.log(list(VALUES.values())), np.column_stack([np.ones(12), list(SHARES.values())])).fit(
        cov_type="HC3", use_t=True
    )
    known = np.column_stack([fit.params, fit.bse, fit.tvalues, fit.pvalues, fit.conf_int(0.1)])
    np.testing.assert_allclose(line.frame.to_numpy(), known)
    assert [line.low, line.high] == pytest.approx(fit.conf_int(0.1)[1].tolist())
    assert [line.intercept, line.intercept_se, line.t_value] == pytest.approx(
        [fit.params[0], fit.bse[0], fit.tvalues[1]]
    )
    assert line.summary.title == "Regression of ln(EV / secured MW) on AI share, contracted"
    assert replace(line, regressor="x").summary.title.endswith(" on x")


def test_a_p_is_two_sided_whatever_the_sign():
    line = primary(sample())
    falling = replace(line, slope=-line.slope, intercept=-line.intercept)
    assert falling.frame["p"].tolist() == line.frame["p"].tolist()
    assert falling.frame["t"].tolist() == [-t for t in line.frame["t"]]


def test_five_companies_make_a_line_whatever_their_group_and_however_small_their_value():
    five = sample({k: 0.1 * VALUES[k] for k in "GHIJK"})  # values below one
    line = primary(five)
    assert (line.n, line.df, line.implied_gap, line.level) == (5, 3, None, 0.95)
    with pytest.raises(NotEstimable, match="the sample has 4"):
        primary(five[:4])
    with pytest.raises(NotEstimable, match="G: ev_per_mw_secured is not positive"):
        primary(sample(VALUES | {"G": 0.0}))


def test_beyond_eighteen_companies_9999_signs_are_drawn():
    both = pd.concat([sample(), sample().iloc[:7].rename(index=str.lower)])
    both["ev_per_mw_secured"] *= np.linspace(1, 1.5, 19)
    line = primary(both)
    assert (line.wild.draws, line.wild.seed, line.wild.exact) == (9999, 0, False)
    frame = with_hc2(line).frame
    assert frame.index[0] == "restricted wild bootstrap, HC3-t (Webb weights, seed 0, B = 9999)"
    assert frame.columns.tolist() == ["slope", "t", "df", "p", "low", "high"]
