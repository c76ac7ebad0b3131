"""Parts of the window that the present card may ring."""

from __future__ import annotations

from engine.protocol.messages import Frame
from gui.lessons.controller import LessonController
from gui.lessons.highlight_targets import CONTROL_TARGETS, Target


def card_highlight(controller: LessonController, frame: Frame | None) -> tuple[Target, ...]:
    """Return what the card speaks of; while another run is on the stage, no number of a run.

    Args: frame: on the stage.
    """
    card, lesson, results = controller.card, controller.lesson, controller.results
    if card is None or lesson is None:
        return ()
    spoken = lesson.runs_told_by(card).union(run.name for run in card.runs)
    unmade = controller.unmade_runs(card)
    made = {results[name].frame.run for name in spoken if name in results}
    if frame is None or unmade or not made or controller.active_run or frame.run in made:
        return card.highlight
    own = card.settings or any(run.keep_settings for run in card.runs)
    return tuple(name for name in card.highlight if own and name in CONTROL_TARGETS)
