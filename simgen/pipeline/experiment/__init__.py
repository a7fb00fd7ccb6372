"""Experiments: what a detector learns from which data, judged on the same real photographs.

Purpose: one command renders what is missing, trains every arm with every detector and seed,
predicts, evaluates, compares each arm with a baseline on the same images, and writes one table
with intervals and costs. In scope: the matrix and its order (`gate`), the work (`stages`), the
numbers (`results`). Out of scope: how to train (detect), what to measure (evaluate), how it looks
(report).

Resuming. Each piece is a folder of its own with its own refusal of other input: datasets
(`data/NAME`, see the run folder's manifest), detectors (`detectors/ARM.DETECTOR.SEED`, see
`TrainJob.identity`). What is finished is not made again; what was interrupted goes on. Nothing
that was judged is judged with other settings in silence: results are cheap and always made anew.

Choices are to be made on `real.val`; `real.train` is the only real data that arms may learn from.
"""
