"""A dossier from a stranger: whatever its bytes are, the verifier ends with a sentence."""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path

import pytest
from forging import Files, files_of, made, put_together
from fuzzing import changed, inputs
from hypothesis import given
from hypothesis import strategies as st
from whole_folder import make

from domain.errors import InputError
from lineproof.dossier import paths
from lineproof.dossier.batch_files import read_batches
from lineproof.verification.verify import verify_dossier

SENTENCE_MAX = 2_500
WORDS = [b"null", b"[]", b"{}", b"\\u0000", b"9" * 400, b"PK\x05\x06", b"\xff" * 8, b"../", b"\n\n"]


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dossiers")
    return made(make(folder / "node"), folder / "honest.zip")


@pytest.fixture(scope="module")
def files(honest: Path) -> Files:
    return files_of(honest)


def _verified(dossier: Path) -> bool:
    try:
        failed = verify_dossier(dossier).failed
        said = None if failed is None else failed.says
    except InputError as error:
        said = str(error)
    assert said is None or 0 < len(said) < SENTENCE_MAX
    return said is None


@inputs(20)
@given(st.data())
def test_changed_bytes_of_the_zip(honest: Path, data: st.DataObject) -> None:
    given_ = data.draw(changed([honest.read_bytes()], WORDS))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "d.zip")
        path.write_bytes(given_)
        _verified(path)


@inputs(20)
@given(st.data())
def test_changed_files_in_a_whole_zip(files: Files, data: st.DataObject) -> None:
    """With a manifest that fits, so that what is behind it is read; nothing of it is believed."""
    name = data.draw(st.sampled_from([it for it in files if it != paths.MANIFEST]))
    spoilt = data.draw(changed([files[name]], WORDS))
    with tempfile.TemporaryDirectory() as folder:
        whole = put_together({**files, name: spoilt}, Path(folder, "d.zip"))
        is_whole = _verified(whole)
    # The policy is the reader's business; its lines may stand in another form.
    assert spoilt == files[name] or not is_whole or name in (paths.POLICY, paths.CHECKPOINT)


@inputs(50)
@given(st.data())
def test_changed_files_of_batches(files: Files, data: st.DataObject) -> None:
    seeds = [content for name, content in files.items() if name.startswith("batches/")]
    said = "batches/a/1.batches"
    try:
        for batch in read_batches(BytesIO(data.draw(changed(seeds, WORDS))), "batches/a/1.batches"):
            assert isinstance(batch.data, bytes)
    except InputError as error:
        said = str(error)
    assert "batches/a/1.batches" in said
