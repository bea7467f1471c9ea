"""What the Dockerfile, compose.yaml and the manifests for Kubernetes promise, held against the code."""

import re
import shlex
from dataclasses import fields
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from deploy_parts import (
    COMPOSE,
    KUBERNETES,
    ROOT,
    command,
    containers,
    documents,
    environment,
    filled,
    pods,
    services,
    step,
    steps,
)

from assistant import __version__
from assistant.cli.main import build_parser
from assistant.config import Settings
from assistant.server.access import Access
from assistant.server.doors.health import METRICS, OPEN

SETTINGS = {f"ASSISTANT_{field.name.upper()}" for field in fields(Settings)}
TEXTS = [ROOT / "Dockerfile", COMPOSE, *KUBERNETES, ROOT / "docs" / "deploy.md"]
NUMBER = "10001"
PORT = build_parser().parse_args(["serve"]).port
NOWHERE = Path("no such file")
OURS = [name for name, service in services().items() if service["image"].startswith("notes-assistant:")]


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: file.name)
def test_every_setting_that_is_named_is_one_that_the_program_knows(file: Path) -> None:
    named = set(re.findall(r"\bASSISTANT_[A-Z_]+\b", file.read_text(encoding="utf-8")))
    assert named <= SETTINGS and (named or file.name in ("storage.yaml", "index.yaml"))


@pytest.mark.parametrize("name", OURS)
def test_compose_gives_settings_that_a_server_starts_with(name: str) -> None:
    settings = Settings.read(NOWHERE, environment() | services()[name]["environment"])
    access = Access.to("0.0.0.0", settings)
    assert access.knows("localhost:443") and access.token == "something"
    assert settings.store_address == "http://milvus:19530" and "@postgres/" in settings.serve_database
    assert str(settings.threads) == services()[name]["deploy"]["resources"]["limits"]["cpus"]
    assert (str(settings.notes), str(settings.models), str(settings.index)) == ("/notes", "/models", "/data/index")


def test_kubernetes_gives_settings_that_the_program_takes() -> None:
    [plain], [secret] = documents("ConfigMap"), documents("Secret")
    assert not plain["data"].keys() & secret["stringData"].keys()
    settings = Settings.read(NOWHERE, environment() | plain["data"] | secret["stringData"])
    assert all(str(settings.threads) == each["resources"]["limits"]["cpu"] for each in containers())
    [ingress] = documents("Ingress")
    [service] = documents("Service")
    names = {rule["host"] for rule in ingress["spec"]["rules"]} | {service["metadata"]["name"]}
    assert set(settings.serve_names.split(",")) == names
    mounted = {place["mountPath"] for each in containers() for place in each["volumeMounts"]}
    assert str(settings.serve_accounts.parent if settings.serve_accounts else "") in mounted


@pytest.mark.parametrize(
    "told",
    [command(), *(services()[name]["command"] for name in OURS), *(each["args"] for each in containers())],
    ids=" ".join,
)
def test_every_command_is_one_that_the_program_has(told: list[str]) -> None:
    done = build_parser().parse_args(told)
    assert step("ENTRYPOINT") == '["assistant"]' and getattr(done, "host", "0.0.0.0") == "0.0.0.0"


def test_everything_is_at_the_program_s_own_port() -> None:
    assert step("EXPOSE") == str(PORT) and f"127.0.0.1:{PORT}/livez" in step("HEALTHCHECK")
    checks = [str(services()[name]["healthcheck"]) for name in OURS if "healthcheck" in services()[name]]
    assert len(checks) == 2 and all(f"127.0.0.1:{PORT}/readyz" in check for check in checks)
    [server] = [each for each in containers() if each["name"] == "assistant"]
    [service] = documents("Service")
    assert server["ports"] == [{"name": "http", "containerPort": PORT}]
    assert service["spec"]["ports"] == [{"name": "http", "port": PORT, "targetPort": "http"}]


def test_the_proxy_passes_on_to_each_server_by_a_name_that_it_answers_to() -> None:
    content = filled(yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["configs"]["caddyfile"]["content"])
    passed = re.findall(r"([\w-]+):(\d+)", content)
    servers = [name for name in OURS if "healthcheck" in services()[name]]
    assert passed == [(name, str(PORT)) for name in servers] and len(servers) == 2
    assert all(services()[name]["hostname"] == name for name in servers)
    assert "lb_policy cookie" in content


def test_what_watches_asks_where_everybody_may() -> None:
    ours = "\n".join(file.read_text(encoding="utf-8") for file in TEXTS)
    assert set(re.findall(r"/(?:live|ready|health)z\b", ours)) == {*OPEN, "/healthz"}  # the last is Milvus's own
    [server] = [each for each in containers() if each["name"] == "assistant"]
    probes = [server[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")]
    assert probes == ["/livez", "/livez", "/readyz"]
    assert "health_uri /readyz" in ours and f"path: {METRICS}" in ours


def images() -> list[str]:
    own = [each["image"] for each in containers()]
    return [*(service["image"] for service in services().values()), *own, step("ARG").split("=")[1]]


@pytest.mark.parametrize("image", sorted(set(images())))
def test_an_image_has_a_version_and_ours_is_the_program_s(image: str) -> None:
    name, _, tag = image.partition(":")
    assert re.search(r"\d+\.\d+", tag) and (name != "notes-assistant" or tag == __version__)


def test_nothing_of_ours_runs_as_root_or_writes_beside_its_volumes() -> None:
    assert step("USER") == f"{NUMBER}:{NUMBER}" and f"-o {NUMBER} -g {NUMBER} /data /models /notes" in step("RUN")
    assert step("VOLUME") == '["/data", "/models", "/notes"]' and step("WORKDIR") == environment()["HOME"] == "/data"
    for name in OURS:
        service = services()[name]
        assert service["read_only"] and service["tmpfs"] == ["/tmp"] and service["cap_drop"] == ["ALL"]
        assert [volume.split(":")[1] for volume in service["volumes"]] == ["/notes", "/models", "/data"]
    for pod in pods():
        person = pod["spec"]["securityContext"]
        assert person["runAsNonRoot"] and {person["runAsUser"], person["fsGroup"]} == {int(NUMBER)}
        assert not pod["spec"]["automountServiceAccountToken"]
    for each in containers():
        closed = each["securityContext"]
        assert closed["readOnlyRootFilesystem"] and not closed["allowPrivilegeEscalation"]
        assert {"/notes", "/models", "/data", "/tmp"} <= {place["mountPath"] for place in each["volumeMounts"]}


def test_what_the_image_is_built_of_is_there_and_reaches_the_builder() -> None:
    copied = [shlex.split(rest)[:-1] for word, rest in steps() if word == "COPY" and "--from" not in rest]
    sources = [source for each in copied for source in each]
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    let = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    assert rules[0] == "*" and set(sources) == let and all((ROOT / source).exists() for source in sources)
    assert any(fnmatch("assistant/__pycache__", rule) for rule in rules if not rule.startswith("!"))


def test_what_a_manifest_names_of_another_is_there() -> None:
    there = {(each["kind"], each["metadata"]["name"]) for each in documents()}
    for pod in pods():
        for volume in pod["spec"]["volumes"]:
            if claim := volume.get("persistentVolumeClaim"):
                assert ("PersistentVolumeClaim", claim["claimName"]) in there
    for each in containers():
        assert all(("ConfigMap", one["configMapRef"]["name"]) in there for one in each["envFrom"][:1])
        assert all(("Secret", one["secretRef"]["name"]) in there for one in each["envFrom"][1:])
    [budget], [service], [policy] = (documents(kind) for kind in ("PodDisruptionBudget", "Service", "NetworkPolicy"))
    [server, index] = (pod["metadata"]["labels"] for pod in pods())
    assert matches(budget["spec"]["selector"]["matchLabels"], server) and matches(service["spec"]["selector"], server)
    assert not matches(service["spec"]["selector"], index)
    assert all(matches(policy["spec"]["podSelector"]["matchLabels"], each) for each in (server, index))


def matches(selector: dict[str, Any], labels: dict[str, Any]) -> bool:
    return selector.items() <= labels.items()
