"""BBS signatures over BLS12-381 with SHA-256 (draft-irtf-cfrg-bbs-signatures): sign many messages, later prove some of them.

``sign`` and ``verify`` for the issuer and the holder, ``generate_proof`` and ``verify_proof`` for the holder and the verifier. Made for
holders and verifiers first: that the arithmetic takes constant time is not established (see `common.keys.bls`).
"""

from common.proofs.bbs.proof import generate_proof, verify_proof
from common.proofs.bbs.signature import sign, verify

__all__ = ["generate_proof", "sign", "verify", "verify_proof"]
