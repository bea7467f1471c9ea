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
    return 0


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
    }
