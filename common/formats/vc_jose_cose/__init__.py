"""W3C credentials secured as JWTs: VCDM 2.0 as ``vc+jwt`` (VC-JOSE-COSE 1.0), VCDM 1.1 in ``vc`` and ``vp`` claims to verify only.

Carried over OpenID4VCI and OpenID4VP as ``jwt_vc_json``, which those texts define for VCDM 1.1; they have no name for 2.0.
"""

from common.formats.vc_jose_cose.format import VcJwt

__all__ = ["VcJwt"]
