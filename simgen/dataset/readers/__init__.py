"""Foreign sets become samples: one file for each format, found as plugins (`simgen.readers`).

Purpose: real, labelled photographs look like rendered frames to every later stage. In scope: the
formats' labels, and pictures checked and kept as they are. Out of scope: writing anything.

Everything that is wrong with the label files is found before the first frame is made; what is
wrong with a picture costs that frame. Boxes stay as people drew them; masks become RLE. EXIF
turns: labels are of the pixels as stored, unless only the turned picture has the size that the
labels say; then it is turned and stored as PNG.
"""
