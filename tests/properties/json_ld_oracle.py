"""PyLD's reading of a document, made strict from outside: the second opinion on the bytes that get signed."""

from __future__ import annotations

import copy
from typing import Any

import pyoxigraph
from pyld import ContextResolver, jsonld

from common.errors import Unsupported
from common.proofs.contexts import ContextStore

_NO_BASE = "x-oracle-base://relative/"


class OracleRefused(Exception):
    """PyLD did not read the document, or would have lost or invented something."""


class OracleCrashed(Exception):
    """PyLD fell over the document: no opinion."""


def _dropped(term: str | None) -> None:
    raise OracleRefused(f"dropped {term}")


def oracle_quads(document: Any, contexts: ContextStore) -> str:
    """N-Quads by PyLD, canonicalised by pyoxigraph. Raises OracleRefused, OracleCrashed."""

    def load(address: str, _options: Any) -> dict[str, Any]:
        found = copy.deepcopy(contexts.document(address))
        return {"contextUrl": None, "documentUrl": address, "document": found}

    options = {
        "base": _NO_BASE,
        "documentLoader": load,
        "contextResolver": ContextResolver({}, load),
        "rdfDirection": "i18n-datatype",
        "format": "application/n-quads",
    }
    try:
        text = jsonld.JsonLdProcessor(on_property_dropped=_dropped).to_rdf(copy.deepcopy(document), options)
    except Exception as error:  # its errors are of many kinds
        cause: BaseException = error
        while cause.__cause__ is not None:
            cause = cause.__cause__
        kind = OracleRefused if isinstance(cause, (jsonld.JsonLdError, OracleRefused, Unsupported)) else OracleCrashed
        raise kind(repr(cause)) from error
    if "x-oracle-base:" in text:
        raise OracleRefused("a relative IRI")
    try:
        dataset = pyoxigraph.Dataset(pyoxigraph.parse(text.encode(), pyoxigraph.RdfFormat.N_QUADS, lenient=True))
    except SyntaxError as error:
        raise OracleRefused("not N-Quads") from error
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(sorted(f"{quad} .\n" for quad in dataset))
