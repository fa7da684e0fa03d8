"""Selective Disclosure for JWTs, RFC 9901: issue, parse, verify, present with key binding. Compact serialization only.

Not here: what the claims mean (that is the credential format's), JWS JSON serialization (§8, optional).
"""

from common.jose.sd_jwt.disclosure import Disclosable, unpack
from common.jose.sd_jwt.issue import issue_sd_jwt
from common.jose.sd_jwt.key_binding import build_key_binding, verify_key_binding
from common.jose.sd_jwt.parse import ParsedSdJwt, parse_sd_jwt
from common.jose.sd_jwt.present import present_sd_jwt, select_disclosures
from common.jose.sd_jwt.verify import VerifiedSdJwt, verify_sd_jwt

__all__ = [
    "Disclosable",
    "ParsedSdJwt",
    "VerifiedSdJwt",
    "build_key_binding",
    "issue_sd_jwt",
    "parse_sd_jwt",
    "present_sd_jwt",
    "select_disclosures",
    "unpack",
    "verify_key_binding",
    "verify_sd_jwt",
]
