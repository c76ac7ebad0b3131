"""What is known to hold a window up stays out of it."""

import ast
from pathlib import Path

import gui

FOLDER = Path(gui.__file__).parent
SLOW = {"dumps", "loads", "deepcopy", "tolist", "collect", "svd", "sleep", "join", "wait", "recv"}
"""Calls that take long on much data, holding the interpreter's lock, or that wait."""
ALLOWED = {
    ("palette.py", "tolist"): "255 colours",
    ("inspector/line_text.py", "tolist"): "a sum's terms, at most ten times a second",
    ("matrices/cell_reading.py", "tolist"): "a row or a column",
    ("text/plain_numbers.py", "tolist"): "the matrix that somebody copies",
    ("plots/copied_values.py", "tolist"): "the curves that somebody copies",
    ("help/versions.py", "loads"): "one line of metadata, when the dialog opens",
    ("text/glossary.py", "loads"): "some 40 kB of TOML, when the glossary opens",
    ("stage/sparkline.py", "tolist"): "the few points that it is painted with",
    ("state/curve_buffer.py", "tolist"): "the points since the last frame",
    ("lessons/toml_reader.py", "loads"): "a few lines of TOML, once a card",
    ("lessons/answers.py", "loads"): "at most four megabytes, before the window opens",
    ("lessons/card/questions.py", "tolist"): "some thirty points, once",
    ("lessons/card/plots.py", "tolist"): "some thirty points, once",
    ("lessons/card/cells.py", "tolist"): "a mean a column, once",
    ("compare/estimates.py", "tolist"): "the test samples of four runs, ten times a second",
    ("timeline/bar.py", "join"): "a few words",
    ("lessons/expression_text.py", "join"): "the two sides of a sum",
    ("frame_benchmark.py", "tolist"): "figures, at the end",
    ("frame_benchmark.py", "dumps"): "figures, at the end",
    ("frame_benchmark.py", "sleep"): "the window is left alone on purpose",
    ("shell/gc_timer.py", "collect"): "what is due, of what is young",
}


def _calls(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and not isinstance(node.func.value, ast.Constant)  # ", ".join(…) of a few words
    }


def test_what_takes_long_or_waits_is_called_only_where_it_is_little() -> None:
    calls = {
        (file.relative_to(FOLDER).as_posix(), call)
        for file in FOLDER.rglob("*.py")
        for call in _calls(file) & SLOW
    }
    assert calls == ALLOWED.keys()


def test_no_matrix_is_left_to_pyqtgraph() -> None:
    """One NaN in a picture of 4,096² costs it 121 ms; `gui.matrices.heatmap` draws them itself."""
    words = ("ImageItem", "ImageView", "useOpenGL=True")
    texts = {file: file.read_text(encoding="utf-8") for file in FOLDER.rglob("*.py")}
    assert not [(file, word) for file, text in texts.items() for word in words if word in text]
