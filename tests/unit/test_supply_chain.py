"""What comes with the app: bounds on both sides, licences that its own allows, and a lock of what was tested."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

#: Licences that GPL-3.0-or-later may be combined with, as packages name theirs, in small letters.
ALLOWED = (
    r"mit(-0|-cmu)?|iscl?|0bsd|bsd(-[23]-clause)?|[23]-clause bsd|apache(-2\.0| software)?|apache.* 2\.0"
    r"|psf(-2\.0)?|python software foundation|mpl(-2\.0)?|mozilla public.*|lgpl.*|gpl.*v?3.*|gpl-2\.0.*"
    r"|gnu general public v2.*|zlib|hpnd|cc0(-1\.0)?|unlicense|historical permission.*|llvm-exception|bsl-1\.0"
    r"|dfsg approved"
)
#: What names no licence that can be read by a program, and what theirs is.
READ_BY_HAND = {"pyvirtualcam": "GPL-2.0-or-later"}


def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def closure(requirements):
    """All packages that the app brings here, by name."""
    found: dict[str, Distribution] = {}
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if name in found or (requirement.marker is not None and not requirement.marker.evaluate({"extra": ""})):
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # of another system
        waiting += [Requirement(text) for text in found[name].requires or ()]
    return found


def licence_of(found):
    meta = found.metadata
    classifiers = [
        each.rpartition("::")[2].strip() for each in meta.get_all("Classifier", []) if each.startswith("License")
    ]
    texts = [meta.get("License-Expression"), *classifiers, (meta.get("License") or "").strip().splitlines()[:1]]
    return next((text if isinstance(text, str) else text[0] for text in texts if text), "")


def is_allowed(licence):
    parts = re.split(r"\s+(?:and|or|with)\s+|[;,()]", licence.lower())
    words = [re.sub(r"\blicen[cs]e(d)?\b|\bthe\b", "", part).strip() for part in parts]
    return bool([word for word in words if word]) and all(re.fullmatch(ALLOWED, word) for word in words if word)


def test_each_package_has_a_lower_and_an_upper_bound(project_root):
    made = project(project_root)
    loose = []
    for text in [*made["dependencies"], *made["optional-dependencies"]["train"]]:
        operators = {each.operator for each in Requirement(text).specifier}
        if not ({">=", "<"} <= operators or "==" in operators):
            loose.append(text)
    assert not loose


def test_the_lowest_releases_are_read_from_the_bounds(project_root):
    made = importlib.util.spec_from_file_location("lowest", project_root / "scripts" / "lowest_versions.py")
    module = importlib.util.module_from_spec(made)
    made.loader.exec_module(module)
    assert module.lowest(["numpy>=2.0,<3", "media.pipe==0.10.33"]) == ["numpy==2.0", "media.pipe==0.10.33"]
    with pytest.raises(ValueError, match="no lower bound"):
        module.lowest(["numpy<3"])
    assert len(module.lowest(project(project_root)["dependencies"])) > 10
    assert module.lowest_of_all([["onnxruntime>=1.20", "av==2"], ["ONNXRuntime>=1.22"]]) == [
        "av==2",
        "ONNXRuntime==1.22",
    ]


def test_the_lock_is_within_the_bounds(project_root):
    lines = (project_root / "requirements-lock.txt").read_text(encoding="utf-8").splitlines()
    locked = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    locked = {re.sub(r"[-_.]+", "-", name).lower(): Version(version) for name, version in locked.items()}
    made = project(project_root)
    for text in [*made["dependencies"], *made["optional-dependencies"]["train"]]:
        requirement = Requirement(text)
        assert locked[requirement.name.lower()] in requirement.specifier, text


def test_every_package_of_the_app_has_a_licence_that_ours_allows(project_root):
    packages = closure(project(project_root)["dependencies"])
    assert len(packages) > 20
    named = {name: READ_BY_HAND.get(name) or licence_of(found) for name, found in packages.items()}
    wrong = {name: licence for name, licence in named.items() if not is_allowed(licence)}
    assert not wrong


@pytest.mark.parametrize(
    "licence", ["MIT", "BSD-3-Clause AND Apache-2.0 WITH LLVM-exception", "GPL v3", "MPL-2.0 AND MIT"]
)
def test_free_licences_are_known(licence):
    assert is_allowed(licence)


@pytest.mark.parametrize(
    "licence", ["", "UNKNOWN", "Other/Proprietary License", "CC-BY-NC-4.0", "MIT AND Proprietary", "AGPL"]
)
def test_others_are_not(licence):
    assert not is_allowed(licence)
