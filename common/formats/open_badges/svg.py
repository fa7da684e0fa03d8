"""The credential in an SVG, read by an XML parser that takes no document type, no entities and no other encoding than UTF-8.

So there is nothing that could grow (entity bombs), reach out (external entities), or be read in two ways (encodings).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from common.errors import Malformed

SVG = "http://www.w3.org/2000/svg"
OPEN_BADGES = "https://purl.imsglobal.org/ob/v3p0"
PREFIX = "openbadges"
MAX_DEPTH = 256
MAX_ELEMENTS = 100_000
_SEPARATOR = " "  # between namespace and name; neither has one
_ROOT = f"{SVG}{_SEPARATOR}svg"
_CREDENTIAL = f"{OPEN_BADGES}{_SEPARATOR}credential"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSvg:
    """verify: the attribute of that name, and body: the text, of each credential. root_at: byte where the svg tag begins.

    declared: what the prefix ``openbadges`` stands for at the root, None where nothing is said.
    """

    credentials: tuple[tuple[str | None, str], ...] = field(repr=False)
    root_at: int
    declared: str | None


class _Reader:
    def __init__(self) -> None:
        self.parser = expat.ParserCreate("utf-8", _SEPARATOR)
        self.parser.buffer_text = True
        self.parser.XmlDeclHandler = self.declaration
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.parser.EntityDeclHandler = self.refuse
        self.parser.ExternalEntityRefHandler = self.refuse
        self.parser.StartNamespaceDeclHandler = self.namespace
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.found: list[tuple[str | None, str]] = []
        self.open: tuple[str | None, list[str]] | None = None
        self.root_at = 0
        self.declared: str | None = None
        self.depth = self.elements = 0

    def declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ("utf-8", "us-ascii"):
            raise _bad("it is not in UTF-8")

    def refuse(self, *_anything: object) -> NoReturn:
        raise _bad("it declares a document type")

    def namespace(self, prefix: str | None, uri: str | None) -> None:
        if self.depth == 0 and prefix == PREFIX:
            self.declared = uri or ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self.depth == 0:
            if name != _ROOT:
                raise _bad("its outermost element is not svg")
            self.root_at = self.parser.CurrentByteIndex
        self.depth += 1
        self.elements += 1
        if self.depth > MAX_DEPTH or self.elements > MAX_ELEMENTS or self.open is not None:
            raise _bad("it is nested too deeply or has too much in it")
        if name == _CREDENTIAL:
            self.open = (attributes.get("verify"), [])

    def end(self, name: str) -> None:
        self.depth -= 1
        if name == _CREDENTIAL and self.open is not None:
            self.found.append((self.open[0], "".join(self.open[1])))
            self.open = None

    def text(self, data: str) -> None:
        if self.open is not None:
            self.open[1].append(data)


def read_svg(image: bytes) -> ReadSvg:
    """The credentials in a picture, unproven. Raises Malformed("bad_svg")."""
    reader = _Reader()
    try:
        image.decode("utf-8")
        reader.parser.Parse(image, True)
    except UnicodeDecodeError:
        raise _bad("it is not in UTF-8") from None
    except expat.ExpatError as error:
        raise _bad(f"it is no XML ({expat.ErrorString(error.code)})") from None
    return ReadSvg(credentials=tuple(reader.found), root_at=reader.root_at, declared=reader.declared)


def root_tag_end(image: bytes, root_at: int) -> int:
    """The byte of the ``>`` that ends the svg tag. A quoted attribute may hold such a sign, too. image: well-formed."""
    quote = 0
    for at in range(root_at, len(image)):
        byte = image[at]
        if quote:
            quote = 0 if byte == quote else quote
        elif byte in b"\"'":
            quote = byte
        elif byte == ord(">"):
            return at
    raise _bad("its outermost element does not end")


def _bad(why: str) -> Malformed:
    return Malformed("bad_svg", f"this picture cannot be read: {why}")
