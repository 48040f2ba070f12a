"""Studies of one date in depth or of many dates: gap history, panel, revenue mix, events, backtest."""
