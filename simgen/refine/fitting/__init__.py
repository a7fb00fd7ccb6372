"""Fitting the `sensor` refiner to photographs.

Purpose: camera parameters that explain a folder of photographs, each by the robust estimator that
depends least on what the photographs show. In scope: the measurements (`measures`, `noise`) and
the camera that they amount to (`camera`). Out of scope: reading a dataset's folder and writing the
config (pipeline).

Measured on the photographs alone: JPEG quality (quantisation tables, exact), vignetting (radial
fall-off after a tilted plane), lateral colour (radial displacement of red and blue against
green), noise against brightness (flattest blocks; then the simulated camera is tuned until it
shows the same noise after its own mosaic, sharpening and JPEG). Relative to the pictures that are
to be refined: exposure and tint with their spread, sharpness (slope of the steepest edges),
contrast and saturation within narrow bounds, as those depend on content, too.
"""
