"""The commands about models: list the registry, and pull a model."""

import argparse
import sys
from typing import Any

from assistant.cli.terminal import bar, print_json
from assistant.config import Settings
from assistant.models import registry as models


def run_models(options: argparse.Namespace, settings: Settings) -> int:
    """List the registry."""
    if options.json:
        print_json([_as_json(model, models.is_here(model, settings)) for model in models.MODELS.values()])
        return 0
    for model in models.MODELS.values():
        state = "here" if models.is_here(model, settings) else f"fetch with: {models.pull_command(model)}"
        licence = f"{model.licence}, to be accepted: {model.terms}" if model.terms else model.licence
        print(f"{model.name}  ({model.kind}, {model.size / 1e6:.0f} MB, {licence})  {state}")
        print(f"  {model.description}\n  from {'; '.join(str(source) for source in model.sources)}")
        if model.kind is models.Kind.LANGUAGE:
            print(f"  {_suited(model)}")
    return 0


def _suited(model: models.Model) -> str:
    """Say whether this machine's memory suffices for a language model, and whether it was tried."""
    import psutil

    there = psutil.virtual_memory().total
    fits = "fits" if _fits(model) else "does not fit"
    needs = f"needs about {model.memory / 1e9:.1f} GB of memory: {fits}, this machine has {there / 1e9:.0f} GB"
    cores = psutil.cpu_count(logical=False) or 1
    return f"{needs} and {cores} core{'s' * (cores > 1)}" + "; not tried here" * (not model.tried)


def _fits(model: models.Model) -> bool:
    """Tell whether the model leaves a quarter of the memory to everything else."""
    import psutil

    return model.memory <= 0.75 * psutil.virtual_memory().total


def run_pull(options: argparse.Namespace, settings: Settings) -> int:
    """Pull a model."""
    model = models.find(options.name)
    with bar(model.name, "B") as advance:
        place = models.pull(model.name, settings, advance, options.accept_licence)
    print(f"{model.name} is at {place}", file=sys.stderr)
    return 0


def _as_json(model: models.Model, here: bool) -> dict[str, Any]:
    return {
        "name": model.name,
        "kind": model.kind.value,
        "description": model.description,
        "licence": model.licence,
        "terms": model.terms or None,
        "bytes": model.size,
        "sha256": model.sha256,
        "sources": [str(source) for source in model.sources],
        "here": here,
        "memory": model.memory if model.kind is models.Kind.LANGUAGE else None,
        "fits": _fits(model) if model.kind is models.Kind.LANGUAGE else None,
        "tried": model.tried,
    }
