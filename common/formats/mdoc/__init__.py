"""ISO mdoc, ``mso_mdoc``: data elements that a holder discloses one by one. ISO/IEC 18013-5, OpenID4VCI A.2, OpenID4VP B.2."""

from common.formats.mdoc.format import Mdoc

__all__ = ["Mdoc"]
