"""JSON-LD 1.1 (the W3C recommendations of 2020): a document → expanded form → RDF, over pinned contexts, losing nothing silently."""

from common.proofs.expand.direct import to_nquads, to_quads, to_quads_with_places
from common.proofs.expand.expansion import expand
from common.proofs.expand.n_quads import expanded_to_quads

__all__ = ["expand", "expanded_to_quads", "to_nquads", "to_quads", "to_quads_with_places"]
