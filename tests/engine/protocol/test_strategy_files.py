"""The list of the strategies' files, in a folder that came from a Mac."""

from pathlib import Path

import pytest

from engine.protocol import strategy_files
from engine.protocol.strategy_files import matrix_names, strategy_names


def test_hidden_files_are_no_strategies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("lora.py", "_shared.py"):
        (tmp_path / name).write_text('MatrixInfo(name="lora_A")', encoding="utf-8")
    (tmp_path / "._lora.py").write_bytes(b"\x00\xff\x05\x16")
    monkeypatch.setattr(strategy_files, "_FOLDER", tmp_path)
    monkeypatch.setattr(strategy_files, "_ENGINE", tmp_path)
    functions = strategy_names, matrix_names
    for function in functions:
        function.cache_clear()
    try:
        assert strategy_names() == ("lora",)
        assert matrix_names() == {"lora_A"}
    finally:
        for function in functions:
            function.cache_clear()
