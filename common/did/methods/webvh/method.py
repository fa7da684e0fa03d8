"""Reading a did:webvh: fetch the log, prove it, take the version that is wanted (did:webvh 1.0, "Read (Resolve)")."""

from __future__ import annotations

from common.did.contract import DidNotFound, EarlierVersion, Resolved, VersionQuery
from common.did.document import check_document
from common.did.methods.webvh.identifier import WebvhDid, log_address, parse_webvh_did, witness_address
from common.did.methods.webvh.log_entry import MAX_LOG_BYTES
from common.did.methods.webvh.metadata import build_metadata, with_implicit_services
from common.did.methods.webvh.verify_log import VerifiedLog, Version, names, verify_log, verify_witnesses
from common.did.methods.webvh.witness import MAX_WITNESS_BYTES, parse_witness_file
from common.did.syntax import ParsedDid
from common.errors import Malformed, Rejected, Unavailable
from common.ports import Fetch


class DidWebvh:
    """Implements common.did.contract.VersionedDidMethod."""

    name = "webvh"
    self_contained = False

    def resolve(self, did: ParsedDid, *, fetch: Fetch, sandbox: bool, now: int) -> Resolved:
        """The newest version of a log that holds to its end. A moved DID resolves to the document of its new name."""
        return newest_of(fetch_log(parse_webvh_did(did.did), fetch=fetch, sandbox=sandbox, now=now))

    def resolve_version(
        self, did: ParsedDid, version: VersionQuery, *, fetch: Fetch, sandbox: bool, now: int
    ) -> Resolved:
        """A version of a log that holds at least as far as that version."""
        return version_of(fetch_log(parse_webvh_did(did.did), fetch=fetch, sandbox=sandbox, now=now), version)


def fetch_log(did: WebvhDid, *, fetch: Fetch, sandbox: bool, now: int) -> VerifiedLog:
    """The DID's log, proven, with its witnesses. Raises as `common.did.contract.DidMethod.resolve`."""
    data = _fetch(log_address(did, sandbox=sandbox), fetch, limit=MAX_LOG_BYTES)
    log = verify_log(data, now=now)
    if log.witnessed:
        proofs = _fetch(witness_address(did, sandbox=sandbox), fetch, limit=MAX_WITNESS_BYTES)
        log = verify_witnesses(log, parse_witness_file(proofs), now=now)
    if not names(log, did):
        raise Rejected("untrusted_key", "the log at this place is about another DID")
    return log


def read_log(data: bytes, witness_file: bytes | None, *, did: str, now: int) -> VerifiedLog:
    """A log from anywhere else (a file, a watcher), proven alike. witness_file: None where there is none."""
    log = verify_log(data, now=now)
    if log.witnessed:
        if witness_file is None:
            raise Rejected("untrusted_key", "the log needs its witnesses' proofs")
        log = verify_witnesses(log, parse_witness_file(witness_file), now=now)
    if not names(log, parse_webvh_did(did)):
        raise Rejected("untrusted_key", "the log is about another DID")
    return log


def newest_of(log: VerifiedLog, *, return_deactivated: bool = False) -> Resolved:
    """The newest version; no document for a deactivated DID unless return_deactivated. Raises the log's fault where it has one."""
    if log.fault is not None:
        raise log.fault
    newest = log.newest
    document = _checked(newest) if return_deactivated or not newest.parameters.deactivated else None
    later = (*log.versions[1:], None)
    earlier = [
        EarlierVersion(document=one.document, since=one.time // 1_000_000, until=after.time // 1_000_000)
        for one, after in zip(log.versions, later, strict=True)
        if after is not None
    ]
    return Resolved(
        document=document,
        metadata=build_metadata(log, newest),
        earlier=tuple(reversed(earlier)),
        since=newest.time // 1_000_000,
        version_ids=tuple(version.version_id for version in log.versions),
        lifetime=newest.parameters.ttl,
    )


def version_of(log: VerifiedLog, wanted: VersionQuery) -> Resolved:
    """The version that is named, or that was in force at a time. Raises DidNotFound, or the log's fault where it may hide the answer."""
    version = _choose(log, wanted)
    if version is None:
        raise log.fault or DidNotFound("the DID has no such version")
    return Resolved(document=_checked(version), metadata=build_metadata(log, version), since=version.time // 1_000_000)


def _choose(log: VerifiedLog, wanted: VersionQuery) -> Version | None:
    if wanted.version_id is not None:
        return next((one for one in log.versions if one.version_id == wanted.version_id), None)
    if wanted.version_number is not None:
        return next((one for one in log.versions if one.number == wanted.version_number), None)
    if wanted.version_time is None:
        raise Malformed("bad_version", "a version is named by its id, its number or a time")
    before = [one for one in log.versions if one.time <= wanted.version_time]
    if not before:
        raise DidNotFound("the DID did not exist at that time")
    if log.fault is not None and before[-1] is log.newest:
        return None  # what came next is unknown, so nobody can say what was in force
    return before[-1]


def _checked(version: Version) -> dict[str, object]:
    document = with_implicit_services(version)
    check_document(document, did=version.did.did)
    return document


def _fetch(address: str, fetch: Fetch, *, limit: int) -> bytes:
    answer = fetch.get(address, accept="text/jsonl, application/json, */*;q=0.1")
    if answer.status in (404, 410):
        raise DidNotFound("the DID has no log, or its witnesses' proofs are missing")
    if answer.status != 200:
        raise Unavailable("did_log_unavailable", f"the DID's server answered {answer.status}")
    if len(answer.body) > limit:
        raise Malformed("too_large", f"more than {limit} bytes")
    return answer.body
