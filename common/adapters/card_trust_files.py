"""The folders that say by whom cards are believed: roots, and lists of what was revoked, of production and of test hierarchies.

``<folder>/production/<scheme>/`` and ``<folder>/test/<scheme>/`` hold, in DER, roots (``.der``: a certificate, or a SubjectPublicKeyInfo
where the scheme has no certificates), revocation lists (``.crl``) and, for passports, master lists (``.ml``: CMS). Roots and master lists
are read once, at start-up. Revocation lists are looked for again each time they are asked, so that whoever fetches them may simply put them
there. In schemes whose keys have names (`NAMED_BY_FILE`) a file bears its key's name in hexadecimal.

A master list is believed where a ``.der`` of the same environment is the authority of its publisher: one country's root, put there by the
operator, brings in those that the country vouches for. They are of the folder's environment. A list brings in no publisher of another list.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from common.cards.drivers.passport.country_authority import SCHEME as PASSPORTS
from common.cards.drivers.passport.country_crl import CountryCrlSource
from common.cards.drivers.passport.master_list import MAX_BYTES as MAX_LIST_BYTES
from common.cards.drivers.passport.master_list import VerifiedMasterList, parse_master_list, verify_master_list
from common.cards.drivers.residence_card.authorities import DELIVERY_SCHEME
from common.cards.drivers.residence_card.specified import read_delivery_key
from common.cards.evidence import Environment
from common.cards.trust import CardTrust, TrustAnchor
from common.errors import Misconfigured, Rejected, TegataError
from common.ports import Fetch
from common.x509.crl import CrlSource
from common.x509.ocsp import OcspSource
from common.x509.revocation import FirstToKnow, RevocationSource

NAMED_BY_FILE = frozenset({"my_number_cvc", "driving_licence"})
MAX_FILES = 4096
MAX_ROOT_BYTES = 1 << 16
ENVIRONMENTS = (Environment.PRODUCTION, Environment.TEST)
_REJECTED = {
    "untrusted_issuer": "the authority of the country that published it is not among the roots (.der) beside it",
    "expired": "the time of its signer is over; fetch the list of now",
    "not_yet_valid": "its signer's time has not begun; look at this machine's clock",
}


def open_card_trust(
    folders: Sequence[Path], *, responders: Mapping[str, str], fetch: Fetch | None, now: int | None = None
) -> CardTrust:
    """responders: address by scheme, each to be asked before the lists; fetch: how. now: seconds, for master lists; None: this machine's.

    Raises Misconfigured, naming the file.
    """
    roots = tuple(anchor for folder in folders for anchor in _read_folder(folder))
    listed = _read_master_lists(folders, roots, int(time.time()) if now is None else now)
    anchors = (*roots, *listed)
    schemes = {anchor.scheme for anchor in anchors}
    if strangers := responders.keys() - schemes:
        raise Misconfigured("card_ocsp", f"no root of {', '.join(sorted(strangers))} is in the folders of card_trust")
    sources: dict[str, RevocationSource] = {}
    for scheme in sorted(schemes):
        places = [folder / environment / scheme for folder in folders for environment in ENVIRONMENTS]
        lists = RevocationLists(places)
        asked: list[RevocationSource] = [CountryCrlSource(lists, anchors) if scheme == PASSPORTS else CrlSource(lists)]
        if scheme in responders:
            if fetch is None:
                raise Misconfigured("card_ocsp", "a responder cannot be asked without the network")
            asked.insert(0, OcspSource(fetch, responders[scheme]))
        sources[scheme] = FirstToKnow(*asked)
    return CardTrust(anchors=anchors, revocation=sources)


class RevocationLists:
    """The ``.crl`` files of some folders as they are now. A file that has not changed is not read again."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._kept: dict[Path, tuple[tuple[int, int], bytes]] = {}

    def __call__(self) -> tuple[bytes, ...]:
        """A list that cannot be read says nothing, and is passed over."""
        found: dict[Path, tuple[tuple[int, int], bytes]] = {}
        for path in (path for folder in self._folders for path in sorted(folder.glob("*.crl"))):
            try:
                known = path.stat()
                state = (known.st_mtime_ns, known.st_size)
                kept = self._kept.get(path)
                found[path] = kept if kept is not None and kept[0] == state else (state, path.read_bytes())
            except OSError:
                continue
        self._kept = found
        return tuple(content for _, content in found.values())


def _read_folder(folder: Path) -> list[TrustAnchor]:
    try:
        strangers = [each.name for each in folder.iterdir() if each.is_dir() and each.name not in ENVIRONMENTS]
    except OSError as error:
        raise Misconfigured("card_trust", f"{folder} cannot be read: {error.strerror}") from error
    if strangers:  # a root of nobody knows what must not be passed over in silence
        raise Misconfigured("card_trust", f"{folder} has production and test, and not {', '.join(sorted(strangers))}")
    paths = [(each, path) for each in ENVIRONMENTS for path in sorted((folder / each).glob("*/*.der"))]
    if len(paths) > MAX_FILES:
        raise Misconfigured("card_trust", f"{folder} has more than {MAX_FILES} roots")
    return [_read_root(path, environment) for environment, path in paths]


def _read_root(path: Path, environment: Environment) -> TrustAnchor:
    scheme = path.parent.name
    material = _read_file(path, most=MAX_ROOT_BYTES, kind="root")
    try:
        name = bytes.fromhex(path.stem) if scheme in NAMED_BY_FILE else b""
        if scheme == DELIVERY_SCHEME:
            read_delivery_key(material)
    except ValueError:
        raise Misconfigured("card_trust", f"{path} has to bear its key's name in hexadecimal") from None
    except Misconfigured as wrong:
        raise Misconfigured("card_trust", f"{path}: {wrong.detail}") from wrong
    return TrustAnchor(scheme=scheme, environment=environment, material=material, key_id=name)


def _read_master_lists(folders: Sequence[Path], roots: Sequence[TrustAnchor], now: int) -> Iterator[TrustAnchor]:
    """The authorities that are listed and no roots already, each once, of the environment of the list's folder."""
    known = {(root.environment, root.material) for root in roots}
    for environment in ENVIRONMENTS:
        publishers = [root for root in roots if root.scheme == PASSPORTS and root.environment is environment]
        for path in (path for folder in folders for path in sorted((folder / environment).glob("*/*.ml"))):
            for anchor in _read_master_list(path, publishers, now).anchors():
                if (environment, anchor.material) not in known:
                    known.add((environment, anchor.material))
                    yield anchor


def _read_master_list(path: Path, publishers: Sequence[TrustAnchor], now: int) -> VerifiedMasterList:
    if path.parent.name != PASSPORTS:
        raise Misconfigured("card_trust", f"{path}: only passports have master lists, in a folder {PASSPORTS}")
    content = _read_file(path, most=MAX_LIST_BYTES, kind="master list")
    try:
        verified = verify_master_list(parse_master_list(content), publishers, now=now)
    except Rejected as wrong:
        why = _REJECTED.get(wrong.code, f"its signature is not as it should be ({wrong.code})")
        raise Misconfigured("card_trust", f"{path} is a master list that is not believed: {why}") from wrong
    except TegataError as wrong:
        raise Misconfigured("card_trust", f"{path} is no master list in DER (CMS): {wrong.code}") from wrong
    if not verified.authorities:
        raise Misconfigured("card_trust", f"{path} is a master list without one authority of a country")
    return verified


def _read_file(path: Path, *, most: int, kind: str) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise Misconfigured("card_trust", f"{path} cannot be read: {error.strerror}") from error
    if not 0 < len(content) <= most:
        raise Misconfigured("card_trust", f"{path} is no {kind}: it is empty, or longer than {most} bytes")
    return content
