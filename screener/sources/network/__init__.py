"""The Bitcoin network week by week: mempool.space, then blockchain.info; both keyless."""
