"""Packed bodies at the edge of the most that is read."""

from __future__ import annotations

import gzip

import pytest

from screener.sources.body import Body
from screener.sources.refused import Refused

MOST = 10


@pytest.mark.parametrize("packing", ["", "gzip"])
@pytest.mark.parametrize(
    ("pieces", "fits"), [((MOST,), True), ((MOST - 1, 1), True), ((MOST + 1,), False), ((MOST, 1), False)]
)
def test_a_body_of_the_most_bytes_is_read_and_one_more_is_not(packing, pieces, fits):
    """In one piece, or packed in several that arrive together."""
    sent = b"".join(gzip.compress(b"x" * length) if packing else b"x" * length for length in pieces)
    body = Body(packing, MOST)
    if fits:
        body.add(sent)
        assert body.whole() == b"x" * MOST
        return
    with pytest.raises(Refused, match="more than 10 bytes"):
        body.add(sent)
