"""Detectors: trained on labelled images, then used to find the same things in other images.

Purpose: train on any simgen dataset or COCO file, several of them mixed by share, and write COCO
results for a folder of pictures or a COCO file. In scope: reading labels, matching categories by
name, label styles, crops and colours, the loop, checkpoints, inference whole or in tiles. Out of
scope: metrics (evaluate), experiments over many trainings (pipeline), writing datasets.

How a training runs:
- `config` makes a `job.TrainJob` of a YAML file: plain frozen data, also as JSON.
- `_torch_training.train(job, out)` does the rest. It needs torch, torchvision, safetensors and
  what they need, and accelerate for several GPUs; neither pydantic nor YAML nor the geometry
  libraries. `python -m simgen.detect` runs it on a bare GPU machine.
- Sample number n is the same crop whenever and wherever it is made: a function of seed and n.
  With steps or epochs as limit an interrupted training therefore ends with the same weights, bit
  for bit, on one CPU, build and number of threads. With `max_minutes` the schedule follows the
  clock.
- Where a GPU makes the pixels (`_torch_crop_feed`), crops and labels are the same, filters and
  noise are its own: weights differ from those of another machine, as they do anyway.
- A training is over when `card.json` is there; running again then changes nothing.

Scale is the setting that decides most: `view.side` is the longer side of a whole image in
pixels, at inference and as scale 1 of the training crops. A detector sees objects in crops as
large as it will see them in whole images, however large the photographs are.

Label style: people draw boxes as they like. `square_boxes: 1.15` turns the tight boxes of a
synthetic set into centred squares of 1.15 longer sides before crops are cut, so that the
detector learns to answer in the style of the real set.

Weights are safetensors. A pickle is refused unless `trust_pickle` says otherwise; torchvision's
published weights are taken from torch's cache after their digest was checked.
"""
