"""Open Badges 3.0 as pictures: a credential baked into a PNG or SVG, and taken out again (§5.3, "Baked Badge").

What comes out of a picture is a text like any other and proves nothing until its format has verified it.
"""
