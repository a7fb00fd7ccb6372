"""Augmented samples while something trains: a sequence, for any data loader."""

from __future__ import annotations

from pathlib import Path

from simgen.augment.chain import kept_outputs
from simgen.dataset.reader import Dataset
from simgen.pipeline.augmenting.gate import AugmentConfig
from simgen.pipeline.augmenting.sources import AugmentedSource
from simgen.records.sample import Sample
from simgen.sampling.streams import KeyedStream


class AugmentedDataset:
    """Frames of a dataset, augmented anew in every epoch; a map-style set as torch calls it.

    Sample `i` of an epoch depends on the seed, the epoch and `i` alone, whatever the worker; in
    epoch 0 it is what `simgen augment` writes. Pickles: workers open the files themselves.

    Args:
        root: of the dataset.
        config: chain and donors.
        epoch: number of the pass; a new one has other draws.

    Raises:
        SimgenError: a dataset or donor cannot be used.
    """

    def __init__(self, root: Path, config: AugmentConfig, epoch: int = 0) -> None:
        self.root, self.config, self.epoch = root, config, epoch
        self._source: AugmentedSource | None = None
        self._open()

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_source": None}

    def __len__(self) -> int:
        return len(self._open().frames)

    def __getitem__(self, index: int) -> Sample:
        """Sample number `index`, augmented.

        Raises:
            IndexError: there is none.
        """
        source = self._open()
        frame = source.frames[index]
        scope = "frame" if self.epoch == 0 else f"epoch{self.epoch}.frame"
        rng = KeyedStream(self.config.file.seed, scope, frame, "augment")
        return source.sample(frame, rng)

    def _open(self) -> AugmentedSource:
        if self._source is None:
            links = self.config.links()
            outputs = kept_outputs(links, Dataset.open(self.root).manifest.outputs)
            self._source = AugmentedSource(self.root, self.config.donors, links, outputs)
        return self._source
