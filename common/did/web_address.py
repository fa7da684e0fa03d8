"""From the name in a did:web or did:webvh to an address on the web. Strict, since whoever chooses the name chooses an address.

Refused: address literals, any percent-encoding but the one ``%3A`` before a port, empty and dot segments, names without a dot.
International names are written as their A-labels (``xn--…``). In a sandbox, and only there, ``localhost%3A<port>`` is allowed, and it is
asked by plain http.
"""

from __future__ import annotations

import re

from common.errors import Malformed

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?|localhost")
# The last label begins with a letter: no IPv4 literal in any spelling does.
_SEGMENT = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_MAX_SEGMENTS = 16


def web_address(name: str, *, sandbox: bool, method: str) -> tuple[str, tuple[str, ...]]:
    """``example.com%3A8443:a:b`` → (``https://example.com:8443``, (``a``, ``b``)). method: for the text of errors.

    Raises Malformed("bad_did") for every other name than those described above.
    """
    authority, *segments = name.split(":")
    host, marker, port = authority.partition("%3A")
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise Malformed("bad_did", f"a did:{method} names its host by a domain name")
    if marker and not (port.isdecimal() and port.isascii() and 0 < int(port) < 65536 and port == str(int(port))):
        raise Malformed("bad_did", "not a port number")
    if len(segments) > _MAX_SEGMENTS or not all(_SEGMENT.fullmatch(segment) for segment in segments):
        raise Malformed("bad_did", f"a path segment of a did:{method} is made of letters, digits, '.', '-' and '_'")
    if any(set(segment) == {"."} for segment in segments):
        raise Malformed("bad_did", f"a did:{method} does not climb about in its server's folders")
    scheme = "https"
    if host.lower() == "localhost":
        if not sandbox or not marker:
            raise Malformed("bad_did", f"a did:{method} on this machine is for sandboxes, with a port")
        scheme = "http"
    return f"{scheme}://{host}{':' + port if marker else ''}", tuple(segments)


def web_name(base_url: str, *segments: str) -> str:
    """The way back: ``https://host[:port]`` (a program's public_url) and path segments → ``host%3Aport:segment:segment``.

    Raises Malformed when the address cannot be named so (an address literal, a path in base_url).
    """
    scheme, separator, authority = base_url.partition("://")
    if not separator or scheme not in ("http", "https") or "/" in authority:
        raise Malformed("bad_address", "a DID on the web is made from https://host or https://host:port")
    name = ":".join((authority.replace(":", "%3A"), *segments))
    if web_address(name, sandbox=True, method="web")[0].partition("://")[0] != scheme:
        raise Malformed("bad_address", "a DID on the web is served by https; by http on localhost only")
    return name
