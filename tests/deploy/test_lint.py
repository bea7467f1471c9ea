"""The Dockerfile, compose.yaml and the manifests for Kubernetes, read by the linters of their trades."""

import shutil
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yamllint.config
import yamllint.linter
from deploy_parts import COMPOSE, KUBERNETES, ROOT, Document, documents

RULES = yamllint.config.YamlLintConfig(
    "{extends: default, rules: {line-length: {max: 120}, document-start: disable, octal-values: enable}}"
)


@pytest.mark.parametrize("file", [COMPOSE, *KUBERNETES], ids=lambda file: file.name)
def test_yaml_is_clean(file: Path) -> None:
    assert list(yamllint.linter.run(file.read_text(encoding="utf-8"), RULES)) == []


def test_compose_follows_its_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("version", ["1.30", kubernetes_validate.latest_version()])
@pytest.mark.parametrize("document", documents(), ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_kubernetes_knows_every_field(document: Document, version: str) -> None:
    kubernetes_validate.validate(document, version, strict=True)


def test_the_dockerfile_is_clean() -> None:
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if linter is None and sys.platform != "linux":
        pytest.skip("hadolint is not published for this system")
    assert linter
    done = subprocess.run([linter, str(ROOT / "Dockerfile")], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout
