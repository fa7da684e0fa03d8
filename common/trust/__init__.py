"""Trust: anchors of a deployment, where an issuer's key comes from, and who may issue what."""
