"""A run that goes on and on in the real window, left alone or used now and then."""

from __future__ import annotations

import gc
import os
import random
import time
from collections.abc import Callable

from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog

from engine.protocol.settings import Settings
from gui.analysis.tabs import PAGES
from gui.theme import Scheme, appearance
from tests.benchmarks.driven import Driven, driven, run_events
from tests.benchmarks.processes import children, memory, open_files, threads

SAMPLE_SECONDS = 5.0
USE_SECONDS = 1.0
"""Between two things that the user does."""


class User:
    """Somebody who tries everything that could leave something behind."""

    def __init__(self, user: Driven) -> None:
        self._user, self._session = user, user.session
        self._random = random.Random(0)
        self._acts: tuple[Callable[[], object], ...] = (
            self._choose_strategy, self._choose_task, self._move_sliders, self._freeze,
            self._open_page, self._reset, self._open_dialog, self._dress, self._undo, self._resize,
        )  # fmt: skip

    def act(self) -> None:
        """Do one thing, and see that it trains on."""
        self._random.choice(self._acts)()
        self._session.playback.play()

    def _choose_strategy(self) -> None:
        names = [info.name for info in self._session.state.strategies()]
        self._session.editor.choose_strategy(self._random.choice(names))

    def _choose_task(self) -> None:
        catalogue = self._session.state.catalogue
        assert catalogue is not None
        self._session.editor.update(
            task=self._random.choice([task.name for task in catalogue.tasks])
        )

    def _move_sliders(self) -> None:
        for _ in range(10):
            self._session.editor.update(
                rank=self._random.randint(1, 30), learning_rate=10 ** self._random.uniform(-4, -2)
            )
            run_events(0.02)

    def _freeze(self) -> None:
        self._session.editor.freeze(
            f"layer{self._random.randint(1, 3)}", self._random.random() < 0.5
        )

    def _open_page(self) -> None:
        self._user.window.show_tab(self._random.choice(PAGES))

    def _reset(self) -> None:
        self._session.playback.reset()

    def _open_dialog(self) -> None:
        button = self._user.find(self._random.choice(["costButton", "helpButton"]), QAbstractButton)
        assert isinstance(button, QAbstractButton)
        button.click()
        run_events(0.3)
        for dialog in self._user.window.findChildren(QDialog):
            dialog.close()

    def _dress(self) -> None:
        appearance.set_scheme(self._random.choice([Scheme.LIGHT, Scheme.DARK]))
        appearance.set_text_scale(self._random.choice([1.0, 1.0, 1.3]))

    def _undo(self) -> None:
        self._session.undo_stack.undo()

    def _resize(self) -> None:
        self._user.window.resize(*self._random.choice([(1280, 720), (1600, 1000), (1100, 640)]))


def sample(user: Driven) -> dict[str, float]:
    """What is held and counted now; memory in MiB."""
    engine = user.session.host.process_id
    assert engine is not None
    frame = user.session.state.frame
    held = {"window": memory(os.getpid()), "engine": memory(engine)}
    others = [child for child in children(os.getpid()) if child != engine]
    return {
        "step": 0 if frame is None else frame.step,
        **{f"{who}_rss": each.rss for who, each in held.items()},
        **{f"{who}_pss": each.pss for who, each in held.items()},
        **{f"{who}_private": each.private for who, each in held.items()},
        "others_rss": sum(memory(child).rss for child in others),
        "window_threads": threads(os.getpid()),
        "engine_threads": threads(engine),
        "window_files": open_files(os.getpid()),
        "engine_files": open_files(engine),
        "widgets": len(QApplication.allWidgets()),
        "objects": len(gc.get_objects()),
    }


def long_run(
    minutes: float, *, used: bool, strategy: str
) -> tuple[list[float], list[dict[str, float]], str | None]:
    """Train for so long. Returns: seconds since the start, what was held then, the last notice."""
    seconds: list[float] = []
    samples: list[dict[str, float]] = []
    with driven(Settings(strategy=strategy)) as user:
        user.wait(lambda frame: frame.step == 0)
        someone = User(user)
        user.session.playback.play()
        began = time.monotonic()
        while (passed := time.monotonic() - began) < 60 * minutes:
            if not seconds or passed - seconds[-1] >= SAMPLE_SECONDS:
                gc.collect()
                seconds.append(passed)
                samples.append(sample(user))
            if used:
                someone.act()
            run_events(USE_SECONDS)
        notice = user.session.state.notice
    return seconds, samples, None if notice is None else notice.text
