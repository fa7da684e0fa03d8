"""Verifying a log from its first entry on (did:webvh 1.0, "Read (Resolve)"). What comes out is as long as the log holds.

A log that breaks off somewhere is still good up to there, for those who ask for a version by name; nobody who asks for the newest gets
anything then. The plan for each entry stands at `_verify_entry`, the witnesses' at `verify_witnesses`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.did.methods.webvh.entry_proof import verify_proof
from common.did.methods.webvh.identifier import SCID_PLACEHOLDER, WebvhDid, parse_webvh_did
from common.did.methods.webvh.log_entry import LogEntry, parse_log
from common.did.methods.webvh.parameters import NOBODY, Parameters, Witnesses, first_parameters, next_parameters
from common.did.methods.webvh.witness import Proofs, first_unwitnessed, newest_approvals
from common.did.multihash import sha256_multihash
from common.encoding import compact_json, parse_json
from common.errors import Malformed, Rejected, TegataError
from common.proofs.jcs import canonicalize_json

FUTURE_TOLERANCE = 300
"""Seconds that an entry may lie ahead of our clock: the text's advice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One proven version. time: microseconds since 1970. needs: who had to witness it."""

    version_id: str
    number: int
    time: int
    time_text: str
    did: WebvhDid
    document: Mapping[str, Any] = field(repr=False)
    parameters: Parameters
    needs: Witnesses


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedLog:
    """Proven versions, oldest first, never none. fault: why the log does not hold beyond them, None where it holds to its end."""

    versions: tuple[Version, ...]
    fault: TegataError | None

    @property
    def newest(self) -> Version:
        return self.versions[-1]

    @property
    def witnessed(self) -> bool:
        """Whether any version needs witnesses, so that their file must be fetched."""
        return any(version.needs.keys for version in self.versions)


def verify_log(data: bytes, *, now: int) -> VerifiedLog:
    """Every entry of the log in its order, up to the first that fails. Witnesses are still owed: `verify_witnesses`.

    The caller owes, too: that the log is about the DID that was asked for (`names`).
    Raises Malformed or Rejected where not even the first entry holds.
    """
    versions: list[Version] = []
    fault: TegataError | None = None
    entries = parse_log(data)
    while True:
        try:
            entry = next(entries)
            versions.append(_verify_entry(entry, versions[-1] if versions else None, now=now))
        except StopIteration:
            break
        except (Malformed, Rejected) as failure:
            if not versions:
                raise
            fault = failure
            break
    return VerifiedLog(versions=tuple(versions), fault=fault)


def verify_witnesses(log: VerifiedLog, proofs: Proofs, *, now: int) -> VerifiedLog:
    """The log as far as its witnesses approved it (did:webvh 1.0, "Verifying Witness Proofs During Resolution").

    1. only proofs over versions of this log that were proven without them
    2. a witness' approval of a version approves all before it
    3. each version has its threshold of different witnesses, of those in force when it was written

    Raises Rejected("untrusted_key") where the first version already lacks them.
    """
    # 1, 2
    named = frozenset(key for version in log.versions for key in version.needs.keys)
    approvals = newest_approvals(proofs, [version.version_id for version in log.versions], named, now=now)
    # 3
    lacking = first_unwitnessed([version.needs for version in log.versions], approvals)
    if lacking is None:
        return log
    fault = Rejected("untrusted_key", f"version {lacking} of the log lacks its witnesses")
    if lacking == 1:
        raise fault
    return VerifiedLog(versions=log.versions[: lacking - 1], fault=fault)


def names(log: VerifiedLog, did: WebvhDid) -> bool:
    """Whether the log is, or was, about this very DID. The self-certifying part decides, then the place, at some time of its life."""
    return any(version.did.did == did.did for version in log.versions)


def _verify_entry(entry: LogEntry, previous: Version | None, *, now: int) -> Version:
    """One entry after the one before it.

    1. the parameters, and that the DID was not deactivated               "did:webvh DID Method Parameters"
    2. every proof is by a key that may write this entry                  "Authorized Keys"
    3. the number goes up by one; the hash is over this entry and the     "Entry Hash Generation and Verification"
       version before it
    4. the time goes up and does not lie ahead                            "Read (Resolve)" 4
    5. first entry: the SCID is the hash of this very entry               "SCID Generation and Verification"
    6. the document names a did:webvh with this SCID; another place only  "DID Portability"
       where the DID is portable, and the old name is kept in alsoKnownAs
    7. keys committed in advance are the only ones that come in           "Pre-Rotation Key Hash Generation and Verification"
    8. who has to witness it (to be checked afterwards)                   "Witness Lists"
    """
    # 1
    if previous is None:
        parameters = first_parameters(entry.parameters)
    else:
        if previous.parameters.deactivated:
            raise Rejected("untrusted_key", "nothing can be written after a DID was deactivated")
        parameters = next_parameters(previous.parameters, entry.parameters)

    # 2
    committed = previous.parameters.next_key_hashes if previous else ()
    writers = parameters.update_keys if previous is None or committed else previous.parameters.update_keys
    for proof in entry.proofs:
        verify_proof(entry.unsigned, proof, writers, now=now)

    # 3
    if entry.number != (previous.number + 1 if previous else 1):
        raise Rejected("untrusted_key", "the versions of a log are numbered one after the other")
    predecessor = previous.version_id if previous else parameters.scid
    if entry_hash(entry.unsigned, predecessor) != entry.entry_hash:
        raise Rejected("untrusted_key", "the hash of an entry is not the one it names")

    # 4
    if previous and entry.time <= previous.time:
        raise Rejected("untrusted_key", "an entry is not later than the one before it")
    if entry.time > (now + FUTURE_TOLERANCE) * 1_000_000:
        raise Rejected("not_yet_valid", "an entry lies in the future")

    # 5
    if previous is None and scid_of(entry.unsigned, parameters.scid) != parameters.scid:
        raise Rejected("untrusted_key", "the DID is not the hash of its first entry")

    # 6
    did = parse_webvh_did(_text(entry.state.get("id")))
    if did.scid != parameters.scid:
        raise Rejected("untrusted_key", "an entry is about another DID")
    if previous and did.did != previous.did.did:
        aliases = entry.state.get("alsoKnownAs")
        if not previous.parameters.portable or not isinstance(aliases, list) or previous.did.did not in aliases:
            raise Rejected("untrusted_key", "the DID moved though it may not, or hides where it came from")

    # 7
    if committed and not all(key_hash(key) in committed for key in parameters.update_keys):
        raise Rejected("untrusted_key", "a key came in that was not committed in advance")

    # 8
    before = previous.parameters.witnesses if previous else NOBODY
    return Version(
        version_id=entry.version_id,
        number=entry.number,
        time=entry.time,
        time_text=entry.time_text,
        did=did,
        document=entry.state,
        parameters=parameters,
        needs=parameters.witnesses if before == NOBODY else before,
    )


def entry_hash(unsigned: Mapping[str, Any], predecessor: str) -> str:
    """The hash in an entry's versionId. predecessor: the versionId before it, for the first entry the SCID."""
    return sha256_multihash(canonicalize_json({**unsigned, "versionId": predecessor}))


def scid_of(unsigned: Mapping[str, Any], scid: str) -> str:
    """The hash of a first entry with every mention of ``scid`` taken back to the placeholder.

    Raises Rejected where the placeholder itself stands in the entry: two entries could then share one SCID.
    """
    text = compact_json({**unsigned, "versionId": scid})
    if SCID_PLACEHOLDER.encode() in text:
        raise Rejected("untrusted_key", "the placeholder of the SCID stands in the first entry")
    preliminary = parse_json(text.replace(scid.encode(), SCID_PLACEHOLDER.encode()))
    return sha256_multihash(canonicalize_json(preliminary))


def key_hash(multikey: str) -> str:
    """What commits to a key in advance (``nextKeyHashes``)."""
    return sha256_multihash(multikey.encode())


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Malformed("bad_did", "a document's id is a text")
    return value
