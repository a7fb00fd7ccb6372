"""A dataset in the formats of others: one file for each, found as plugins (`simgen.writers`).

Purpose: any training pipeline or benchmark reads what simgen made. In scope: spelling samples in
a format's files, and the checks that the format needs. Out of scope: computing a label that the
sample does not have; deciding where the output goes (pipeline), which gives writers an empty
folder and renames it when all is there.

- Pictures are hard-linked where the format takes the file as it is, and copied with
  `link: false`.
- What a format cannot say is an error that names the frame, or left out where its docstring
  says so; nothing is invented.
- Pixel coordinates: simgen's pixel centres lie at +0.5. Integer-centred formats (COCO's
  keypoints, BOP, KITTI) get 0.5 less in cx, cy and points; boxes are edges everywhere.
"""
