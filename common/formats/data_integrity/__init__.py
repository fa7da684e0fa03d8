"""W3C credentials with embedded proofs (VC Data Integrity 1.0): VCDM 2.0 to issue and verify, VCDM 1.1 to verify.

``verify_credential`` and ``verify_presentation_document`` take the JSON object and say everything; ``LdpVc`` is the same behind the
contract of credential formats. Keys come from ``VerificationMethods``, what else is asked from a ``Policy``.
"""

from common.formats.data_integrity.format import LdpVc

__all__ = ["LdpVc"]
