"""The My Number card (個人番号カード): JPKI, text, surface and common applications, and the authorities that stand behind them."""
