"""Mirrors wallet_agent/vault."""
