"""Security headers of every answer, and the content-security policy that a page may loosen in one named respect."""

from __future__ import annotations

from collections.abc import Iterable

POLICY = {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",  # WebAssembly reads QR codes; no inline script, no eval
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "media-src": "'self' blob:",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def content_security_policy(**loosened: str) -> str:
    """The policy as a header value. loosened: directives with ``_`` for ``-`` and what is allowed *in addition*.

    A form whose answer redirects to another origin needs that origin: ``content_security_policy(form_action="https://shop.example")``.
    """
    extra = {name.replace("_", "-"): value for name, value in loosened.items()}
    unknown = extra.keys() - POLICY.keys()
    if unknown or any(";" in value or "," in value for value in extra.values()):
        raise ValueError(f"not a part of the policy: {loosened}")
    return "; ".join(
        f"{name} {value} {extra[name]}" if name in extra else f"{name} {value}" for name, value in POLICY.items()
    )


def security_headers(*, https: bool) -> tuple[tuple[bytes, bytes], ...]:
    """Headers for every answer that does not set them itself."""
    named = {
        "content-security-policy": content_security_policy(),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        # "no-referrer" would make browsers send `Origin: null` with our own forms, which the CSRF check could not tell from a stranger
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
    if https:
        named["strict-transport-security"] = "max-age=31536000"
    return tuple((name.encode(), value.encode()) for name, value in named.items())


def add_missing(headers: list[tuple[bytes, bytes]], defaults: Iterable[tuple[bytes, bytes]]) -> None:
    """Appends the defaults whose name is not there yet. Names are in lower case, as ASGI has them."""
    present = {name for name, _ in headers}
    headers.extend(pair for pair in defaults if pair[0] not in present)
