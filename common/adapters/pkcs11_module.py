"""A PKCS#11 module (a shared library of a token's maker), loaded once in a process and initialised for several threads.

python-pkcs11 calls ``C_Initialize(NULL)``, by which an application promises to use one thread only (v2.40 §5.4): SoftHSM then switches
its locks off. So we initialise the module ourselves, with CKF_OS_LOCKING_OK, and hand python-pkcs11 the initialised library.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, Lock
from typing import Any, cast

from pkcs11 import _pkcs11
from pkcs11.exceptions import GeneralError, NoSuchToken, PKCS11Error

from common.errors import Misconfigured

_OS_LOCKING_OK = 2
_OK, _CANT_LOCK, _ALREADY_INITIALIZED = 0x0, 0xA, 0x191
_RESTART_WAIT = 10.0
"""Longest wait for calls in work before a module is restarted."""


class _Arguments(ctypes.Structure):
    """CK_C_INITIALIZE_ARGS."""

    _fields_ = (
        ("create_mutex", ctypes.c_void_p),
        ("destroy_mutex", ctypes.c_void_p),
        ("lock_mutex", ctypes.c_void_p),
        ("unlock_mutex", ctypes.c_void_p),
        ("flags", ctypes.c_ulong),
        ("reserved", ctypes.c_void_p),
    )


class _Functions(ctypes.Structure):
    """The beginning of CK_FUNCTION_LIST."""

    _fields_ = (
        ("version", ctypes.c_ubyte * 2),
        ("initialize", ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p)),
        ("finalize", ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p)),
    )


class Pkcs11Module:
    """The library, for all of its tokens. `shared` wraps every call; `restart` waits until none is in work."""

    def __init__(self, path: str) -> None:
        library = ctypes.CDLL(path)
        functions = ctypes.POINTER(_Functions)()
        if library.C_GetFunctionList(ctypes.byref(functions)) != _OK:
            raise OSError("no PKCS#11 functions")
        self._library = library  # held, or it would be unloaded
        self._functions = functions
        self._idle = Condition()
        self._in_work = 0
        self._one_at_a_time: Lock | None = None
        self._initialize()
        # Without its __init__, which would initialise once more:
        self._lib: Any = cast(Any, _pkcs11.lib).__new__(_pkcs11.lib, path)

    def _initialize(self) -> None:
        arguments = _Arguments(flags=_OS_LOCKING_OK)
        answer = self._functions.contents.initialize(ctypes.addressof(arguments))
        if answer == _CANT_LOCK:  # a module without threads: then we let one call in at a time
            self._one_at_a_time = Lock()
            answer = self._functions.contents.initialize(None)
        if answer not in (_OK, _ALREADY_INITIALIZED):
            raise GeneralError(f"C_Initialize answered {answer:#x}")

    @contextmanager
    def shared(self) -> Iterator[None]:
        """For the length of a call into the module."""
        with self._idle:
            self._in_work += 1
        try:
            if self._one_at_a_time is None:
                yield
            else:
                with self._one_at_a_time:
                    yield
        finally:
            with self._idle:
                self._in_work -= 1
                self._idle.notify_all()

    def restart(self) -> None:
        """Finalises and initialises: what makes many modules see a token that went and came back. All sessions end.

        Raises PKCS11Error where calls in work do not end, or the module does not start again.
        """
        with self._idle:
            if not self._idle.wait_for(lambda: self._in_work == 0, timeout=_RESTART_WAIT):
                raise GeneralError("calls into the module do not end")
            self._functions.contents.finalize(None)
            self._initialize()

    def find_token(self, label: str) -> Any:
        """The token of this label. Raises NoSuchToken where there is none, or several: which one would it be?"""
        found = []
        for slot in self._lib.get_slots(token_present=True):
            try:
                token = slot.get_token()
            except PKCS11Error:  # an empty slot, or a token of another kind: not ours
                continue
            if token.label == label:
                found.append(token)
        if len(found) != 1:
            raise NoSuchToken(f"{len(found)} tokens have this label")
        return found[0]


_loaded: dict[str, Pkcs11Module] = {}
_loading = Lock()


def load_module(path: Path) -> Pkcs11Module:
    """The module of this file, the same object every time. Raises Misconfigured."""
    name = str(path)
    with _loading:
        if name not in _loaded:
            try:
                _loaded[name] = Pkcs11Module(name)
            except (OSError, AttributeError, PKCS11Error) as error:
                raise Misconfigured("pkcs11_module", f"{path.name} is no PKCS#11 module that can be loaded") from error
        return _loaded[name]
