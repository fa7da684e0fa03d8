"""JSON-LD contexts as their publishers have them, byte for byte. Nothing is ever fetched: an address not in ``table.py`` is unknown."""

from common.proofs.contexts.store import PINNED, ContextStore, context_bytes, context_document

__all__ = ["PINNED", "ContextStore", "context_bytes", "context_document"]
