"""Mirrors wallet_agent/holder."""
