"""Photos of nobody: one drawn face, as the JPEG 2000 code streams (ISO/IEC 15444-1, without a file format around) that cards hold.

Drawn from ellipses for these cards. A portrait of another holder is the same face with a comment of its own in the stream (`portrait_of`).
"""

from __future__ import annotations

from base64 import b64decode

MONOCHROME = b64decode(
    "/0//UQApAAAAAABaAAAAeAAAAAAAAAAAAAAAWgAAAHgAAAAAAAAAAAABBwEB/1IADAAAAAEAAwQEAAD/XAAXQmc4Z1BnUGdoUAVQBVBHV9NX01di"
    "/2QAJQABQ3JlYXRlZCBieSBPcGVuSlBFRyB2ZXJzaW9uIDIuNS40/5AACgAAAAACjgAB/5PH0WEUAEXAZ+5pLwNteSlgDwuXxEzxDY3oPtfju079"
    "aumSohNOWH5szspPUwv6lEThgGPdXi67XLP1dV/LgyxaeKE3Rz4hCS+DCZDqBQcgEDDkn8fqL35+ImHmVIuIIH0laqB2x9D+HyMYfGpAt0EWYp4K"
    "t6TlEEKUK2CSK9XDkC1c5ZNajX56yPGY1h2MApgpIN0T9u11SoUCepV77DxtRNrK/I+pzUfqn8x8KxvzChKZOwzOiqD6iIZrbj2kXterYp58couf"
    "cPlesu6klb/FurCsH2kipV6lOvleqCOY3KA0DoXeeNRYh/9t7SMU48P1xl2tvS8CEm5oJA73Y+ebfCdxlxm1z5KVHw3kO1y56eN3AahAPId80pdN"
    "YpNDDNFQ5Nlq43nKVhE15nbliJQFbbHJo9Jf6oQ2mYThn92TOb3p6CmIwI6drXk8j5XJuiC3PIx9knCCEkLTKWe0nkvVx/iEygShZGQOYnTrcU3w"
    "fsrtxPUx4Pf9wKl31aN/LYacFvdim8W583iKPabmn5tr3Mv+xYh71otV/GY/3RA/HKzGkCm7duNikhXYTZVyolMHBGDGLqyhCxv9nLn/dinqBVrH"
    "w6zDuiQWyOmFLGiVLvKlZEuava9YO0PdkWq32DCzhDxeUYkYh3ERXlq1GuyOfTzvS43KW8zVfoNs3GIdowulpUFhfNLLAN3RbJy80OnxluSGG85i"
    "r4M2L04n1HXvI3HxraPLh3nfyM936pTessvTJ4AvneZtAfL/ZY1mA73cC72N22c8KDq8DhFK0ynzZfqAY1NHYWgTJezSnpTpUuwqro8L/znGX3zz"
    "WwyMR8auYh9GVVYpNt7cOKVox0AM/9k="
)
"""90 × 120 dots in grey."""
COLOUR = b64decode(
    "/0//UQAvAAAAAABpAAAAjAAAAAAAAAAAAAAAaQAAAIwAAAAAAAAAAAADBwEBBwEBBwEB/1IADAAAAAEAAwQEAAD/XAAXQmc4Z1BnUGdoUAVQBVBH"
    "V9NX01di/2QAJQABQ3JlYXRlZCBieSBPcGVuSlBFRyB2ZXJzaW9uIDIuNS40/5AACgAAAAAFQwAB/5PHx2IUAFK8yQWJB6VmFt3cvnBu1Xe0tv4L"
    "FAb3BclGcyS+8EDNP/Y0hpBKrcqYnE7ergpx1CNQgJYB5RE4fT5uXDJT9tKElPNalPl+OfNl8nDHx3MsQA88E9WTH0JgIhmanDREIsfLaBQAUuCJ"
    "dG3P4vlokou1nzKGevCrGLe4O8AL/1zYvTUoC4xUn/HLJbW1c9vAX3QRPWXigzNUk4ZquGaF+JHcwc7LgqzvYEwCoqcyShEcYwhWiHHQ8lY4g5nJ"
    "IsrRG81ZTieEsaFp6Vhpx8toFABS4Il0bc/i+WiSjtoPpXV/0OMeh4YQM8Ffrry8h/BV5QHQuwxENdmJOIskam6w/M4c7qlRQREUZMApWzMB9owL"
    "krQG2hOVHUFUDCI78kcSKzUOP95G0QW9DtneV3VKcdveEXbTa1THxpIfEng5XGVd9+5We7cqZPsAYvBmKF1eXFs4njC75FBxN4icrnJ79B4mxjJA"
    "ai7MZbBj7YetdzbHdCNdMuLrRWOrPLHZHXUCV9VQkt/uCysLDyizbMVdMZYotXXyo4+8PUclHqbCGLGvx8ieHwvwdbBlXffuVnu3KmT7AHG2NjrS"
    "n5CyA+y19P7ukmSjqB0Q96KyvHx3H5MyQGniInJI/4BWo1kDWnmuAdRNuTRefzZ70K/860HRKLNsxV0xqeb1SCVcuuOJHrLtZ9G/RFVopv+Dx8ii"
    "Hwuw+FplXffuVnvQpo89eHXfks+XfXflCEnsEtiEyBMKklnbLxt0cBWCMgqXMkBp4lKvJaf/CfJrDM3kqI/Pff3SxXfsTFBiE3oos3wagrkitaHP"
    "tYFX5mWGbq7Y7kj50LvqZc+G1jtLHWDCDvqw+elnqw6Vf+sC2ODIEblls4OsGuaLxc3XEkKevRfoZ6FNtoICjiOFR9RF0vgoVPmExJHMCGbTTHe2"
    "e9RyZCe4lRYeGF1PwnUxKqr+HMJ1yaSBBb4HDrDYCypIGYmrBvFjDYYqb+Mayy3xMMSAv/TPht47Ux1gwc7x3R91480Yn+A9gDbnopPFWcHmdVSv"
    "9C5vtMxntXFSLrLaSuGeQWUSQCWKmZggYZ0FYN7jr5HMCGbTTHe2iNOQyr30aCdBljbMRbUVr+cuTxScaViGgLzelmTH3SSfjuekJGSfG/o8T3kU"
    "aqSpEKC4v3Xvaisxz4bOO0cdZMHO8d0fdePNGJ/gPYA257cCEGE6FRVwQ7nH+1hjcJG1ATMuIycR5M0nsBPly99o8Lklz5HMCGbTTHfBvsoBSTC5"
    "JlwN2zCfIn7zPU4DPQE13RRLM18xjuekJH1ikU+Vh9Q7Hnj1m5xOEDrk2VHUFOHnTWPwVQDhWdJxmaoSZS/lbSnJ2K/qsJujyh6lX7+MmwKlGBvI"
    "Gh5qXZgIYLMxOd1JXEt7UdbJUQnyHttMMpey/kIIkTedTWTwNuQo+Ewj8AvlGujly6sBg5VdnlDT/J+GsUJpwwQYSoaWgNa1u9fMdgQEQ+g0Wh8y"
    "Q2H5VeHnUWHm3Nfvth703ShdK7iLtQVr7SoxJL+jzcxBBv0QmBEttDuQdd2bT8SOW8Lf64XmpmebbDteu+ACdOUSspK9BHLBvTLopJIcCtsaWEvC"
    "yavvOtUvWMwUTIXKPYM9VoKBcx95AoYtXCZPJKl/B7X3iT5eVitl/ojPJT8fsqhcJt0yUX8FrYjSmsYVjjXhuoYdZNfvth703ShdK7kreh2w7tQt"
    "VLb9I2oCca5RHeChYUpoOAzS3U/g6CrMFEyFyj2DPVaHI4bek7SQ9NbeHGHdx5DX/9k="
)
"""105 × 140 dots in colour."""


def portrait_of(name: str, stream: bytes) -> bytes:
    """The stream with a comment (marker COM, §A.9.2) before its first tile: no two holders have the same photo to the byte."""
    text = name.encode()[:64]
    comment = b"\xff\x64" + (4 + len(text)).to_bytes(2, "big") + b"\x00\x01" + text
    tile = stream.index(b"\xff\x90\x00\x0a")
    return stream[:tile] + comment + stream[tile:]
