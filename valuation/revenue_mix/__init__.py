"""Revenue mix by quarter and the quarter in which AI revenue exceeds mining revenue."""
