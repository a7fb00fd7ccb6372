"""Networks by name of the function that builds them, so that a bare machine needs no plugins."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from simgen.detect.job import TrainJob
from simgen.errors import DataError, Fault


def build_network(job: TrainJob, categories: int) -> nn.Module:
    """The network of a job, with the weights that it starts from."""
    params = {**job.params, "trust_pickle": job.trust_pickle}
    return build_named(job.build, params, categories)


def build_named(build: str, params: Mapping[str, Any], categories: int) -> nn.Module:
    """Call `module:function` with settings and number of categories.

    Raises:
        DataError: there is no such function.
    """
    module, _, name = build.partition(":")
    try:
        function: Callable[..., nn.Module] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        cure = "install the package of this detector"
        raise DataError(Fault(build, f"cannot build this detector: {error}", cure)) from None
    return function(params, categories)
