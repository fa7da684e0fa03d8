"""JOSE: keys, signatures, tokens, encryption, SD-JWT. RFC 7515–7519, 7638, 8037, 9901. The only room where jwcrypto is imported."""
