"""The licences of what is installed and fetched: each is known and allowed, and the page says it."""

import tomllib
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

import licences
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from assistant.models.catalogue import MODELS

ROOT = Path(__file__).parent.parent.parent
INSTALLED = licences.tree()
PAGE = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
LISTED = dict(row.strip("| ").split(" | ")[:2] for row in PAGE.splitlines() if row.startswith("| "))
MIT = "Permission is hereby granted, free of charge"
TWO = "Redistributions of source code must retain\nthe above copyright notice"
THREE = f"{TWO}\nNeither the name may be used to endorse\nor promote products"


def package(folder: Path, metadata: str, text: str = "") -> Distribution:
    place = folder / "some-1.dist-info"
    (place / "licenses").mkdir(parents=True)
    (place / "METADATA").write_text(f"Metadata-Version: 2.1\nName: some\nVersion: 1\n{metadata}\n", encoding="utf-8")
    (place / "licenses" / "LICENSE.txt").write_text(text, encoding="utf-8")
    (place / "RECORD").write_text("some-1.dist-info/METADATA,,\nsome-1.dist-info/licenses/LICENSE.txt,,\n")
    return PathDistribution(place)


@pytest.mark.parametrize("name", INSTALLED)
def test_every_package_that_is_installed_has_a_licence_that_is_allowed(name: str) -> None:
    licence = licences.licence_of(name, INSTALLED[name])
    assert licences.allowed(licence), f"{licence}: see BY_HAND in .ci/licences.py"


def test_the_page_lists_every_dependency_and_model() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].items()
    lines = project["dependencies"] + [line for extra, some in extras if extra not in licences.OURS for line in some]
    names = {canonicalize_name(Requirement(line).name) for line in lines}
    assert names | MODELS.keys() <= LISTED.keys(), "write the page anew with: make licences"
    assert {name: LISTED[name] for name in MODELS} == {name: model.licence for name, model in MODELS.items()}


def test_the_page_lists_nothing_that_is_not_allowed() -> None:
    packages = {name: licence for name, licence in LISTED.items() if name not in (*MODELS, "package", "model")}
    assert len(packages) > 100
    assert not [name for name, licence in packages.items() if not licences.allowed(licence)]


@pytest.mark.parametrize(
    ("metadata", "text", "licence"),
    [
        ("License-Expression: MIT", "", "MIT"),
        ("License-Expression: apache-2.0 OR mit\nLicense: BSD", "", "Apache-2.0 OR MIT"),
        ("License: Apache License, Version 2.0", "", "Apache-2.0"),
        ("License: MIT License\n        \n        Copyright (c) 2020 Somebody", "", "MIT"),
        ("Classifier: License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)", "", "MPL-2.0"),
        ("Classifier: License :: OSI Approved :: BSD License", TWO, "BSD-2-Clause"),
        ("Classifier: License :: OSI Approved :: BSD License\nLicense: BSD", THREE, "BSD-3-Clause"),
        ("Classifier: License :: OSI Approved :: BSD License", MIT, "BSD"),
        ("License: see our website", MIT, "see our website"),
        ("Classifier: Programming Language :: Python", "", "none"),
    ],
)
def test_a_licence_is_read_in_whatever_way_it_is_said(tmp_path: Path, metadata: str, text: str, licence: str) -> None:
    assert licences.licence_of("some", package(tmp_path, metadata, text)) == licence


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("GPL-3.0-only", False),
        ("MIT AND AGPL-3.0-or-later", False),
        ("BSD", False),
        ("none", False),
    ],
)
def test_each_part_of_a_licence_must_be_allowed(licence: str, allowed: bool) -> None:
    assert licences.allowed(licence) is allowed
