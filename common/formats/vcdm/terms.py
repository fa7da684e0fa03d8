"""The words of the data model that more than one module needs. VCDM 2.0 §4, VCDM 1.1 §4."""

from __future__ import annotations

from typing import Final

CONTEXT_V2 = "https://www.w3.org/ns/credentials/v2"
CONTEXT_V1 = "https://www.w3.org/2018/credentials/v1"
VERSION_OF_CONTEXT = {CONTEXT_V2: 2, CONTEXT_V1: 1}

CREDENTIAL = "VerifiableCredential"
CREDENTIAL_IRI = "https://www.w3.org/2018/credentials#VerifiableCredential"
PRESENTATION = "VerifiablePresentation"
ENVELOPED_CREDENTIAL: Final = "EnvelopedVerifiableCredential"
ENVELOPED_PRESENTATION: Final = "EnvelopedVerifiablePresentation"
