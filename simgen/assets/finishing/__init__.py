"""Finishes: recipes of what happened to a surface become arrays that every engine can use.

`tinting` turns a hue, saturation and value into a matrix. The other kinds are layers of one
`Wear`: `charts` unfolds the object's outside into one picture (six sides of its box, as
`box_uv` sees them) and knows the place and normal of every texel, so that patterns are
functions of space and run on across the sides; `layers` lays dust, dirt, scratches and
fingerprints onto it, `stickers` prints and glues; `realising` puts all together.
"""
