"""Generators: small networks that learn what the user's pictures look like and make new ones.

Purpose: content (textures, backdrops, crops of rare classes) and a model of real photographs for
the refiner `sdedit`, trained on the user's own pictures, with no internet and no licence worries.
In scope: conditional VAE, GAN and diffusion models, their training and sampling. Out of scope:
judging samples (evaluate), the order of the work (pipeline).
"""
