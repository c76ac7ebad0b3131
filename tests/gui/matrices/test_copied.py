"""What is copied of a matrix that is a part or an overview is called so."""

import numpy as np
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from gui.matrices.copied import copy_matrix, copy_value
from gui.matrices.matrix_view import MatrixView
from gui.matrices.viewport import CellBlocks

FOUR = np.array([[0.1, -0.2], [3e-8, np.inf]], np.float32)


def test_numbers_are_called_what_they_are() -> None:
    whole, blocks = CellBlocks((2, 2)), CellBlocks((8, 8), 0, 0, 4, 4)
    assert copy_matrix(FOUR, whole, is_part=False).text == "Copy the matrix as text"
    assert copy_matrix(FOUR, CellBlocks((8, 8), 3, 3), is_part=True).text == (
        "Copy the visible part as text"
    )
    assert copy_matrix(FOUR, blocks, is_part=True).text == "Copy the blocks’ values as text"
    assert copy_matrix(FOUR[:, :1], whole, is_part=False).text == "Copy the values as text"
    assert copy_value(0.1, blocks).text == "Copy the largest value of the block"
    assert copy_matrix(FOUR, whole, is_part=False).take() == "0.1\t-0.2\n3e-08\tinf"


def test_a_part_is_copied_as_it_is_known(qtbot: QtBot) -> None:
    view = MatrixView("W")
    qtbot.addWidget(view)
    assert view.copies(None) == (), "nothing is drawn yet"
    view.draw(FOUR, 1.0, blocks=CellBlocks((8, 8), 4, 4))
    assert view.value_at(5, 4) == np.float32(3e-8)
    assert view.value_at(0, 0) is None and view.value_at(9, 0) is None
    view.set_cross(5, 4)
    texts = [copy.text for copy in view.copies(None)]
    assert texts == ["Copy the value", "Copy the visible part as text", "Copy the picture"]
    assert isinstance(view.copies(None)[-1].take(), QImage)
