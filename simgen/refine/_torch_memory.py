"""Seeds for torch out of keyed streams, and what to say when memory runs out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from simgen.errors import Fault, WorkError
from simgen.plugin.protocols import Stream


def torch_seed(rng: Stream) -> int:
    """A seed for a torch generator; it depends on the stream alone."""
    return int(rng.random() * 2**53)


@contextmanager
def out_of_memory(where: str, cure: str) -> Iterator[None]:
    """Say what can be done where a picture does not fit.

    Raises:
        WorkError: out of memory, on the GPU or the CPU.
    """
    try:
        yield
    except torch.OutOfMemoryError:
        torch.cuda.empty_cache()
        raise WorkError(Fault(where, "out of memory on the GPU", cure)) from None
    except RuntimeError as error:
        if "can't allocate memory" not in str(error):
            raise
        raise WorkError(Fault(where, "out of memory", cure)) from None
