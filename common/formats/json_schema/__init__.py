"""``credentialSchema`` of W3C credentials (VCDM 2.0 §4.11): JSON Schemas that are held here, and documents put to them.

Verifiable Credentials JSON Schema Specification (W3C). Nothing is fetched, and a schema is treated as hostile as a document.
"""
