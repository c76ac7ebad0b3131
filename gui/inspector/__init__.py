"""The inspector: one cell's values and the arithmetic behind them."""
