"""What a browser shows: the look, the words and the few scripts that the three programs share.

Templates, styles and TypeScript of one program live in ``<program>/pages``. Nothing here knows a protocol or a database.
"""
