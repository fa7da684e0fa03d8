"""Which format a credential or presentation is in, by the look of its text. Proves nothing: the format's own parsing decides."""

from __future__ import annotations


def format_of(text: str) -> str:
    """Name of a credential format. A JSON object is Data Integrity, tildes are SD-JWT, dots a JWT; base64url alone is an mdoc."""
    if text.startswith("{"):
        return "ldp_vc"
    if "~" in text:
        return "dc+sd-jwt"
    return "jwt_vc_json" if "." in text else "mso_mdoc"
