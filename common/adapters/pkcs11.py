"""Signing keys that live in a PKCS#11 token (SoftHSM, a network HSM, a smart card) and never leave it. PKCS #11 v2.40.

Implements `common.ports.Signer` for P-256, P-384, P-521 (CKM_ECDSA over our own digest: RFC 7518 §3.4 is its very output) and
Ed25519 (CKM_EDDSA), as far as the token has the mechanism. Keys are made *in* the token, sensitive and not extractable.

Sessions: one logs in and is kept, since the login is the application's and not the session's (§2.6.4); the others, at most ``sessions``,
are lent to one thread each. Where the token was away (removed, restarted, its network lost) all of them are thrown away, and the
token is searched and logged in to anew; a signature is tried again, as signing twice harms nobody. A refused PIN is never tried
again: tokens count wrong ones and lock themselves. A call into a module cannot be interrupted; its patience is the module's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore, Lock
from time import monotonic
from typing import Any, TypeVar

from pkcs11 import Attribute, ObjectClass
from pkcs11.exceptions import (
    MechanismInvalid,
    NoSuchKey,
    NoSuchToken,
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    PKCS11Error,
    UserAlreadyLoggedIn,
    UserPinNotInitialized,
)

from common.adapters.pkcs11_module import Pkcs11Module, load_module
from common.adapters.pkcs11_objects import KINDS, Kind, find_object, generate_pair, kind_of, read_public_jwk
from common.errors import Misconfigured, Rejected, TegataError, Unavailable, Unsupported
from common.jose.jwk import parse_public_jwk, thumbprint

Result = TypeVar("Result")

RETRY_AFTER = 5
"""Seconds for which a token that was not found is not searched again."""
_WAIT = 10.0
"""Longest wait of a thread for one of the sessions."""
_WRONG_PIN = (PinIncorrect, PinInvalid, PinLenRange, PinLocked, UserPinNotInitialized)


@dataclass(slots=True)
class _Lent:
    """A session with the private keys that were looked up in it, by CKA_ID."""

    session: Any
    keys: dict[bytes, Any] = field(default_factory=dict)


class Pkcs11Token:
    """One token, logged in to. Safe between threads. `open_token` makes it. Its repr shows the label only."""

    def __init__(self, module: Pkcs11Module, label: str, pin: str, *, sessions: int) -> None:
        self._module = module
        self._label = label
        self._pin = pin
        self._pin_refused = False
        self._lock = Lock()  # of the list of idle sessions; never held during a call
        self._reopening = Lock()
        self._places = BoundedSemaphore(sessions)
        self._idle: list[_Lent] = []
        self._generation = 0
        self._away_until = 0.0
        self._token: Any = None
        self._anchor: Any = None

    def __repr__(self) -> str:
        return f"Pkcs11Token({self._label!r})"

    @property
    def algs(self) -> tuple[str, ...]:
        """JOSE names of the algorithms that this token can make keys for. Raises Unavailable."""
        found = self._call(lambda lent: set(lent.session.token.slot.get_mechanisms()))
        return tuple(alg for alg, kind in KINDS.items() if {kind.generation, kind.signing} <= found)

    def generate(self, alg: str, *, object_id: bytes, label: str) -> Pkcs11Key:
        """A new key pair in the token under this CKA_ID. Where one is there already (we died after making it) that one is taken.

        Raises Unsupported for an algorithm that neither we nor the token know, Unavailable.
        """
        kind = kind_of(alg)
        try:
            jwk = self._call(lambda _: self._find_or_make(kind, object_id, label))
        except MechanismInvalid:
            raise Unsupported("algorithm_not_in_token", known=self.algs) from None
        return self.key(alg, object_id=object_id, public_jwk=jwk)

    def key(self, alg: str, *, object_id: bytes, public_jwk: Mapping[str, Any]) -> Pkcs11Key:
        """The key of this CKA_ID. The token is not asked before something is to be signed: what needs no signature works without it."""
        return Pkcs11Key(self, kind_of(alg), object_id, public_jwk)

    def sign(self, alg: str, object_id: bytes, data: bytes) -> bytes:
        """As JOSE writes it. Raises Unavailable where the token, or the key in it, is not there."""
        kind = kind_of(alg)
        message = data if kind.digest is None else kind.digest(data).digest()

        def act(lent: _Lent) -> bytes:
            key = lent.keys.get(object_id)
            if key is None:
                key = lent.keys[object_id] = find_object(lent.session, ObjectClass.PRIVATE_KEY, object_id)
            return bytes(key.sign(message, mechanism=kind.signing))

        signature = self._call(act)
        if len(signature) != 2 * kind.size:
            raise Unavailable("token_fault", "the token gave a signature of a strange length")
        return signature

    def destroy(self, object_id: bytes) -> None:
        """Deletes the pair; nothing where there is none. Raises Unavailable."""

        def act(_: _Lent) -> None:
            with self._writing() as session:
                for one in list(session.get_objects({Attribute.ID: object_id})):
                    one.destroy()

        self._call(act)

    def connect(self) -> None:
        """Searches the token and logs in. Raises Misconfigured: at start-up, all that goes wrong here is the operator's to mend."""
        try:
            with self._module.shared():
                self._log_in()
        except _WRONG_PIN as error:
            raise Misconfigured("pkcs11_pin", f"the token {self._label} does not take this PIN") from error
        except PKCS11Error as error:
            raise Misconfigured("pkcs11_token", f"no token {self._label} answers in this module") from error

    # -- sessions -----------------------------------------------------------------------------------------------------

    def _call(self, act: Callable[[_Lent], Result]) -> Result:
        """Runs ``act`` with a session; after a failure again, with everything opened anew."""
        for last in (False, False, True):
            generation = self._generation
            try:
                return self._try(act)
            except MechanismInvalid:
                raise
            except PKCS11Error as error:
                if not last:
                    self._reopen(generation, error)
                elif isinstance(error, NoSuchKey):
                    raise Unavailable("key_not_in_token", "the token does not hold this key", retry_after=60) from error
                else:
                    raise Unavailable("token_fault", "the token with the signing keys refuses its work") from error
        raise AssertionError("the last try returns or raises")

    def _try(self, act: Callable[[_Lent], Result]) -> Result:
        if not self._places.acquire(timeout=_WAIT):
            raise Unavailable("token_busy", "the token with the signing keys is busy")
        try:
            with self._module.shared():
                generation, lent = self._borrow()
                done = act(lent)
                with self._lock:  # only one that worked, and is of the present login, goes back
                    if generation == self._generation:
                        self._idle.append(lent)
                return done
        finally:
            self._places.release()

    def _borrow(self) -> tuple[int, _Lent]:
        with self._lock:
            generation = self._generation
            if self._idle:
                return generation, self._idle.pop()
            token = self._token
        if token is None:
            raise NoSuchToken("it is being opened anew")
        return generation, _Lent(token.open())

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        session = self._token.open(rw=True)
        try:
            yield session
        finally:
            session.close()

    def _reopen(self, generation: int, cause: PKCS11Error) -> None:
        """Logs in anew, unless another thread has done so since ``generation``: first as the module stands, then with it restarted."""
        with self._reopening:
            if generation != self._generation:
                return
            if self._pin_refused or monotonic() < self._away_until:
                raise _away() from cause
            with self._lock:
                self._idle.clear()
                self._token = self._anchor = None
            try:
                try:
                    with self._module.shared():
                        self._log_in()
                        return
                except _WRONG_PIN:
                    raise
                except PKCS11Error:
                    self._module.restart()
                    with self._module.shared():
                        self._log_in()
            except _WRONG_PIN as error:
                self._pin_refused = True
                raise _away() from error
            except (PKCS11Error, TegataError) as error:
                self._away_until = monotonic() + RETRY_AFTER
                raise _away() from error

    def _log_in(self) -> None:
        token = self._module.find_token(self._label)
        try:
            anchor = token.open(user_pin=self._pin)
        except UserAlreadyLoggedIn:  # by another opening of the same token in this process
            anchor = token.open()
        with self._lock:
            self._token, self._anchor = token, anchor
            self._generation += 1

    # -- objects ------------------------------------------------------------------------------------------------------

    def _find_or_make(self, kind: Kind, object_id: bytes, label: str) -> dict[str, Any]:
        with self._writing() as session:
            if list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: object_id})):
                return read_public_jwk(kind, find_object(session, ObjectClass.PUBLIC_KEY, object_id))
            public, private = generate_pair(session, kind, object_id, label)
            if private[Attribute.EXTRACTABLE] or not private[Attribute.SENSITIVE]:
                public.destroy()
                private.destroy()
                raise Unavailable("token_fault", "the token makes keys that could be taken out of it")
            return read_public_jwk(kind, public)


class Pkcs11Key:
    """One signing key in a token. Implements `common.ports.Signer`. kid: RFC 7638 thumbprint of the public key."""

    __slots__ = ("_kind", "_object_id", "_proven", "_public", "_token")

    def __init__(self, token: Pkcs11Token, kind: Kind, object_id: bytes, public_jwk: Mapping[str, Any]) -> None:
        plain = parse_public_jwk(dict(public_jwk), alg=kind.alg).jwk
        self._token = token
        self._kind = kind
        self._object_id = object_id
        self._proven = False
        self._public = {**plain, "kid": plain.get("kid") or thumbprint(plain), "alg": kind.alg}

    @property
    def kid(self) -> str:
        return str(self._public["kid"])

    @property
    def alg(self) -> str:
        return self._kind.alg

    def public_jwk(self) -> dict[str, Any]:
        return dict(self._public)

    def sign(self, data: bytes) -> bytes:
        """Raises Unavailable where the token is away, or holds another key under this name."""
        signature = self._token.sign(self._kind.alg, self._object_id, data)
        if not self._proven:  # the first one is verified: names in a token are given by people, too
            try:
                parse_public_jwk(self._public).verify(signature, data)
            except Rejected:
                raise Unavailable("wrong_key_in_token", "the token holds another key under this name") from None
            self._proven = True
        return signature

    def __repr__(self) -> str:
        return f"Pkcs11Key({self.kid!r}, {self.alg})"


def open_token(module: Path, label: str, pin: str, *, sessions: int = 8) -> Pkcs11Token:
    """Loads the module and logs in to the token of this label. sessions: signatures at a time, from this process.

    Raises Misconfigured: no such module, no such token, a PIN that the token does not take.
    """
    token = Pkcs11Token(load_module(module), label, pin, sessions=sessions)
    token.connect()
    return token


def _away() -> Unavailable:
    return Unavailable("token_unavailable", "the token with the signing keys does not answer", retry_after=RETRY_AFTER)
