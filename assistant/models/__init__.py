"""The models: the registry, downloading their files, and running them.

In: a model's name and the settings; then texts. Out: files on disk; vectors, logits and written text.
It does not know notes, passages or answers.
"""

import sys

# OpenVINO tells its makers of each import, over the network, unless the package that does so cannot be imported.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
