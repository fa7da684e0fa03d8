"""The folders that say by whom cards are believed: roots, and lists of what was revoked, of production and of test hierarchies.

``<folder>/production/<scheme>/`` and ``<folder>/test/<scheme>/`` hold, in DER, roots (``.der``: a certificate, or a SubjectPublicKeyInfo
where the scheme has no certificates) and revocation lists (``.crl``). Roots are read once, at start-up. Lists are looked for again each
time they are asked, so that whoever fetches them may simply put them there. In schemes whose keys have names (`NAMED_BY_FILE`) a file bears
its key's name in hexadecimal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from common.cards.drivers.passport.country_authority import SCHEME as PASSPORTS
from common.cards.drivers.passport.country_crl import CountryCrlSource
from common.cards.evidence import Environment
from common.cards.trust import CardTrust, TrustAnchor
from common.errors import Misconfigured
from common.ports import Fetch
from common.x509.crl import CrlSource
from common.x509.ocsp import OcspSource
from common.x509.revocation import FirstToKnow, RevocationSource

NAMED_BY_FILE = frozenset({"my_number_cvc", "driving_licence"})
MAX_FILES = 4096
MAX_ROOT_BYTES = 1 << 16
ENVIRONMENTS = (Environment.PRODUCTION, Environment.TEST)


def open_card_trust(folders: Sequence[Path], *, responders: Mapping[str, str], fetch: Fetch | None) -> CardTrust:
    """responders: address by scheme, each to be asked before the lists; fetch: how. Raises Misconfigured, naming the file."""
    anchors = tuple(anchor for folder in folders for anchor in _read_folder(folder))
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
    try:
        material = path.read_bytes()
        if not 0 < len(material) <= MAX_ROOT_BYTES:
            raise Misconfigured("card_trust", f"{path} is no root")
        name = bytes.fromhex(path.stem) if scheme in NAMED_BY_FILE else b""
    except OSError as error:
        raise Misconfigured("card_trust", f"{path} cannot be read: {error.strerror}") from error
    except ValueError:
        raise Misconfigured("card_trust", f"{path} has to bear its key's name in hexadecimal") from None
    return TrustAnchor(scheme=scheme, environment=environment, material=material, key_id=name)
