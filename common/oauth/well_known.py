"""Well-known addresses that are *inserted* between host and path (RFC 8414 §3.1, OpenID4VCI 1.0 §12.2.2, SD-JWT VC draft-19)."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from common.errors import Malformed
from common.oauth.wire import check_identifier_address

AUTHORIZATION_SERVER = "oauth-authorization-server"
CREDENTIAL_ISSUER = "openid-credential-issuer"


def well_known_address(identifier: str, name: str) -> str:
    """``https://host/tenant`` and ``name`` → ``https://host/.well-known/name/tenant``. A final slash of the path is dropped.

    Raises Malformed("bad_identifier") where the identifier is no https address (loopback: http) or has a query or fragment.
    """
    try:
        parts = urlsplit(check_identifier_address(identifier))
    except ValueError:
        raise Malformed(
            "bad_identifier", "an issuer identifier is an https address without query and fragment"
        ) from None
    return urlunsplit((parts.scheme, parts.netloc, f"/.well-known/{name}{parts.path.rstrip('/')}", "", ""))
