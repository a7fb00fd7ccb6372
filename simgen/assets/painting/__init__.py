"""Pictures on objects: printed labels, book covers, the skins of fruit.

Each picture is given by numbers alone (colours, a seed of its own), as textures are.
"""
