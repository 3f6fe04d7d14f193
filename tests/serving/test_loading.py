"""What is loaded is what was deployed: each check with a positive control and a twin that must fail.

Each refusal is seen from outside, as the platform sees it: /ping says 500, no prediction is given, the log says why.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import skops.io
from serving_process import ServingProcess
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from serving_containers.sklearn import archive
from serving_containers.sklearn.manifest import FORMAT, ModelRefused
from serving_containers.sklearn.model import load, open_model
from serving_containers.sklearn.packaging import Package


def _content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _repack(folder: Path) -> str:
    """The digest of an archive of what the folder holds now: an attacker's best effort to hide a change."""
    return archive.digest(_content(folder))


def _edit_manifest(folder: Path, **changes: Any) -> None:
    path = folder / archive.MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def _replace_model(folder: Path, content: bytes) -> None:
    """Puts another model into the folder, with a manifest that agrees with it."""
    (folder / archive.MODEL).write_bytes(content)
    _edit_manifest(folder, model_sha256=hashlib.sha256(content).hexdigest())


def test_the_untouched_model_is_loaded(model_folder: Path, packed: Package) -> None:
    """The positive control of every test here."""
    assert load(model_folder, packed.sha256).manifest == packed.manifest


def _flip_a_byte(folder: Path) -> None:
    path = folder / archive.MODEL
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _rename_a_feature(folder: Path) -> None:
    _edit_manifest(folder, features=["a", "b", "c", "d"])


def _reformat(folder: Path) -> None:
    _edit_manifest(folder)


@pytest.mark.parametrize("tamper", [_flip_a_byte, _rename_a_feature, _reformat])
def test_any_change_after_the_deployment_is_refused(
    model_folder: Path, packed: Package, tamper: Callable[[Path], None]
) -> None:
    tamper(model_folder)
    with pytest.raises(ModelRefused, match=f"{packed.sha256} was deployed"):
        load(model_folder, packed.sha256)


def test_a_model_file_that_the_manifest_does_not_describe_is_refused(model_folder: Path) -> None:
    """Also where the whole was packed again, so that the digest of the archive agrees."""
    _flip_a_byte(model_folder)
    with pytest.raises(ModelRefused, match=r"not the file that manifest\.json describes"):
        load(model_folder, _repack(model_folder))


def test_other_files_in_the_folder_are_refused(model_folder: Path, packed: Package) -> None:
    (model_folder / "inference.py").write_text("print('hello')")
    with pytest.raises(ModelRefused, match=r"inference\.py"):
        load(model_folder, packed.sha256)
    (model_folder / "inference.py").unlink()
    (model_folder / archive.MANIFEST).unlink()
    with pytest.raises(ModelRefused, match=r"manifest\.json"):
        load(model_folder, packed.sha256)
    with pytest.raises(ModelRefused, match="cannot be read"):
        load(model_folder / "nowhere", packed.sha256)


@pytest.mark.parametrize("library", ["scikit-learn", "numpy", "scipy", "skops"])
def test_another_version_of_a_library_is_refused_by_name(model_folder: Path, packed: Package, library: str) -> None:
    skewed = packed.manifest.libraries | {library: "0.1.0"}
    _edit_manifest(model_folder, libraries=skewed)
    with pytest.raises(ModelRefused, match=rf"{library} 0\.1\.0 \(here: .*train it again"):
        load(model_folder, _repack(model_folder))


def test_a_patch_release_matters_for_scikit_learn_only(model_folder: Path, packed: Package) -> None:
    def with_patch(library: str) -> dict[str, str]:
        major, minor, *_ = packed.manifest.libraries[library].split(".")
        return packed.manifest.libraries | {library: f"{major}.{minor}.99"}

    _edit_manifest(model_folder, libraries=with_patch("numpy"))
    load(model_folder, _repack(model_folder))
    _edit_manifest(model_folder, libraries=with_patch("scikit-learn"))
    with pytest.raises(ModelRefused, match="scikit-learn"):
        load(model_folder, _repack(model_folder))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format": "bulkhead-sklearn/2"}, "bulkhead-sklearn/2"),
        ({"features": []}, "features"),
        ({"features": ["a", "b"]}, "4 features"),
        ({"surprise": 1}, "surprise"),
        ({"model_sha256": "short"}, "model_sha256"),
    ],
)
def test_a_wrong_manifest_is_refused_with_the_field(model_folder: Path, changes: dict[str, Any], reason: str) -> None:
    assert changes.get("format") != FORMAT
    _edit_manifest(model_folder, **changes)
    with pytest.raises(ModelRefused, match=reason):
        load(model_folder, _repack(model_folder))


class _Harmful:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._path),)


class _OwnEstimator(BaseEstimator):
    n_features_in_ = 4

    def predict(self, rows: Any) -> Any:
        return rows


def test_a_pickle_is_never_opened(model_folder: Path, tmp_path: Path) -> None:
    """The twin shows that opening it would have done harm."""
    harm = pickle.dumps(_Harmful(tmp_path / "harmed"))
    _replace_model(model_folder, harm)
    with pytest.raises(ModelRefused, match="not a skops file"):
        load(model_folder, _repack(model_folder))
    assert not (tmp_path / "harmed").exists()
    pickle.loads(harm)  # noqa: S301 - the twin
    assert (tmp_path / "harmed").exists()


@pytest.mark.parametrize(
    ("harmful", "named"),
    [
        (FunctionTransformer(shutil.rmtree), "shutil"),
        (FunctionTransformer(subprocess.getoutput), "subprocess.getoutput"),
        (Pipeline([("run", FunctionTransformer(eval))]), "builtins.eval"),
        (_OwnEstimator(), "_OwnEstimator"),
    ],
    ids=["shutil.rmtree", "subprocess", "eval", "own class"],
)
def test_types_that_are_not_trusted_are_refused_by_name(model_folder: Path, harmful: Any, named: str) -> None:
    """Even where digest, manifest and versions agree. The twin: skops would load it if it were told to."""
    content = skops.io.dumps(harmful)
    _replace_model(model_folder, content)
    with pytest.raises(ModelRefused, match=f"not trusted: .*{named}"):
        load(model_folder, _repack(model_folder))
    assert skops.io.loads(content, trusted=skops.io.get_untrusted_types(data=content)) is not None


def test_what_is_not_an_estimator_is_refused(packed: Package, model_folder: Path) -> None:
    _replace_model(model_folder, skops.io.dumps({"just": "data"}))
    with pytest.raises(ModelRefused, match="not a fitted estimator"):
        open_model(_content(model_folder), _repack(model_folder))
    assert packed


def test_a_refused_model_makes_the_server_unready_and_says_why(model_folder: Path, packed: Package) -> None:
    """Never ready with a failed model: /ping 500, /invocations 500 with the reason, and the reason in the log."""
    _flip_a_byte(model_folder)
    with ServingProcess(model_folder, packed.sha256) as server:
        refused = server.wait_for("model refused", "model loaded")
        assert "was deployed" in refused["reason"]
        status, _, body = server.call("GET", "/ping")
        assert status == 500
        assert json.loads(body)["reason"] == refused["reason"]
        status, _, body = server.invoke(b'{"instances": [[1, 2, 3, 4]]}')
        assert status == 500
        assert refused["reason"] in json.loads(body)["error"]
        assert server.stop() == 0


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, "BULKHEAD_MODEL_SHA256 is missing"),
        ({"BULKHEAD_MODEL_SHA256": "ABC"}, "BULKHEAD_MODEL_SHA256='ABC'"),
        ({"BULKHEAD_ALLOW_UNPINNED_MODEL": "1", "BULKHEAD_MAX_BODY_BYTES": "6MB"}, "BULKHEAD_MAX_BODY_BYTES='6MB'"),
        ({"BULKHEAD_ALLOW_UNPINNED_MODEL": "1", "SAGEMAKER_BIND_TO_PORT": "70000"}, "SAGEMAKER_BIND_TO_PORT='70000'"),
    ],
)
def test_a_bad_setting_ends_the_server_with_its_name(
    model_folder: Path, environment: dict[str, str], named: str
) -> None:
    with ServingProcess(model_folder, None, **environment) as server:
        assert named in server.wait_for("bad setting")["reason"]
        assert server.process.wait(60) == 2


def test_an_unpinned_model_is_served_only_where_that_is_allowed(model_folder: Path) -> None:
    """The positive control of the refusal above."""
    with ServingProcess(model_folder, None, BULKHEAD_ALLOW_UNPINNED_MODEL="1") as server:
        server.wait_for("model loaded")
        assert server.ping() == 200
