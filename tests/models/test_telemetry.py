"""Nothing that runs the models tells anybody of it."""

import os
import subprocess
import sys
from pathlib import Path

_IMPORTED = """
import urllib.request
urllib.request.urlopen = lambda *a, **k: open("sent", "w").close()
import assistant.models
import openvino, time
from openvino.tools.ovc import telemetry_utils
print(telemetry_utils.tm.__name__)
time.sleep(1)
"""


def test_openvino_tells_nobody_that_it_was_imported(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "CI"} | {"HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTED], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.split() == ["openvino.tools.ovc.telemetry_stub"], done.stderr
    assert not (tmp_path / "sent").exists()
    assert not (tmp_path / "intel").exists()  # where it would count how often it was used
