"""SD-JWT VC, ``dc+sd-jwt``: claims that a holder discloses one by one. draft-ietf-oauth-sd-jwt-vc-19 over RFC 9901."""

from common.formats.sd_jwt_vc.format import SdJwtVc

__all__ = ["SdJwtVc"]
