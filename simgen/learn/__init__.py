"""What trainings share, whatever they train: limits, learning rate, machine, weights in files.

Purpose: detectors and generators learn by the same rules (a schedule by steps or by the clock,
a moving average, safetensors instead of pickles) and none of it is written twice. In scope: plain
settings (`schedule`), their section in YAML configs (`sections`), the machine, the progress and
the files of tensors (`_torch_*`). Out of scope: networks, data and loops, which belong to the
rooms that train.

`schedule` and `_torch_*` need neither pydantic nor YAML: a bare GPU machine imports them.
"""
