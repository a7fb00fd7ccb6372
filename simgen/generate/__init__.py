"""Generators: small networks that learn what the user's pictures look like and make new ones.

Purpose: content (textures, backdrops, crops of rare classes) and a model of real photographs for
the refiner `sdedit`, trained on the user's own pictures, with no internet and no licence worries.
In scope: a conditional VAE, a GAN and a diffusion model, their training and sampling. Out of
scope: judging samples (evaluate), the order of the work (pipeline).

How it runs:
- `config` makes a `job.GeneratorJob` of a YAML file: plain frozen data, also as JSON, with every
  picture listed and a part of them held out for judging.
- `_torch_training.train(job, out)` does the rest; `python -m simgen.generate` runs it on a bare
  GPU machine, which needs torch, OpenCV and safetensors, and diffusers for `diffusion`.
- Batch number n is the same pictures whenever it is made: a function of seed and n. Sample number
  n is the same picture whatever the batch: its noise is keyed by seed and n.
- A diffusion model is kept in the layout of diffusers (`unet/`, `scheduler/`), so that other
  programs load it, too; it is what the refiner `sdedit` takes.

Networks are the standard ones, small: Kingma and Welling 2014 (VAE), Sohn et al. 2015
(conditional VAE), Radford et al. 2016 with the hinge loss and projection of Miyato and Koyama 2018
(GAN), Ho et al. 2020 on diffusers' UNet2DModel (diffusion).
"""
