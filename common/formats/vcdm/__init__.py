"""The W3C Verifiable Credentials Data Model itself, however it is secured: rules of the document, 2.0 to write and read, 1.1 to read.

No signature is looked at here, no network is asked, and nothing here makes a claim believable: formats do, in their ``verify``.
"""
