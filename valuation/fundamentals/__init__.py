"""From what was known to each company's figures: diluted shares, enterprise value, capacity, AI share, contracts."""
