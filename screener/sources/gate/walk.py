"""One series from its first value to its last: which values follow from the last good one, and which a later confirms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

GOOD, HELD, LATER = "good", "held", "later"


@dataclass
class Verdicts:
    """What came of each value of a series, by its place.

    Attributes
    ----------
    state : list of str
        `good`, `held`, or `later`: held until a later value confirmed it.
    beside : list of int
        The value that each was held against; -1 where there was none before it.
    by : dict of int
        The later value that confirmed a value.
    displaced : dict of int
        The value of the moment from which a first value, which nothing ever confirmed, counts as wrong.
    """

    state: list[str]
    beside: list[int]
    by: dict[int, int] = field(default_factory=dict)
    displaced: dict[int, int] = field(default_factory=dict)


def walk(
    count: int,
    follows: Callable[[int, int], bool],
    can_be_confirmed: Callable[[int, int], bool],
    *,
    possible: Callable[[int], bool] = lambda _: True,
    accepted: Callable[[int], bool] = lambda _: False,
    first_may_be_wrong: bool = True,
) -> Verdicts:
    """Judge a series in its order; no verdict on a value rests on a later one, but for its confirmation.

    Parameters
    ----------
    count : int
    follows : callable
        `follows(before, at)`: whether a value is in proportion to an earlier one.
    can_be_confirmed : callable
        `can_be_confirmed(before, at)`: whether a value out of proportion is right if a later one follows from it.
    possible : callable
        Whether a value can be one at all.
    accepted : callable
        Whether a person confirmed a value.
    first_may_be_wrong : bool
        Where nothing followed from the first value, two that follow from each other and not from it displace it.
    """
    found = Verdicts([HELD] * count, [-1] * count)
    last, goods = -1, 0
    waiting: list[int] = []
    for at in range(count):
        if not possible(at):
            continue
        found.beside[at] = last
        if last < 0 or accepted(at) or follows(last, at):
            found.state[at] = GOOD
            last, goods, waiting = at, goods + 1, []
            continue
        if not waiting or not follows(waiting[-1], at):
            waiting = [at]
            continue
        waiting.append(at)
        alone = first_may_be_wrong and goods == 1 and len(waiting) > 2
        if not alone and not can_be_confirmed(last, at):
            continue
        if alone and not can_be_confirmed(last, at):
            found.displaced[last] = at
        for one in waiting[:-1]:
            found.state[one] = LATER
            found.by[one] = at
        found.state[at] = GOOD
        last, goods, waiting = at, goods + len(waiting), []
    return found
