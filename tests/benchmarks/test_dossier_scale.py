"""The benchmark of dossiers at a small part of its size: its dossier holds."""

from __future__ import annotations

from pathlib import Path

import dossier_scale


def test_every_phase_runs(tmp_path: Path) -> None:
    assert dossier_scale.make(tmp_path, days=1, signals=3, every_s=600) == 4 * 144, (
        "the state beside them"
    )
    for name, phase in dossier_scale.PHASES.items():
        assert phase(tmp_path, 1).seconds > 0.0, name
