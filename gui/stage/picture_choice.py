"""Choice of the picture in each place of the stage: W or its codes, ΔW or its gradient."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from PySide6.QtCore import QObject, Signal

from engine.protocol.messages import LayerFrame, MatrixInfo


class PictureChoice(QObject):
    """Which matrix is shown in the place of W, ΔW, W′ or a factor; the same in all rows.

    A picture that a lesson holds comes first, then that of the step looked into, then the user's;
    what the user chooses in place of a held one is shown for as long as that is held.
    """

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._offered: dict[str, MatrixInfo] = {}
        self._chosen: dict[str, str] = {}
        """Place -> name of the picture that the user chose for it."""
        self._in_step: dict[str, str] | None = None
        """The same while a step is looked into; None: none is."""
        self._held: frozenset[str] = frozenset()
        self._instead_of_held: dict[str, str] = {}
        """Place -> name of the picture that the user chose in place of a held one."""

    def offer(self, infos: Iterable[MatrixInfo], step: Collection[str] | None = None) -> None:
        """Take what a frame contains: what was asked for is shown as soon as it is there.

        Args: step: names of what the phase of a step is about, as long as one is looked into.
        """
        offered = {info.name: info for info in infos if info.in_place_of}
        new = [info for name, info in offered.items() if name not in self._offered]
        for name in self._offered.keys() - offered.keys():
            if self._offered[name].asked_for:
                self._chosen.pop(self._offered[name].in_place_of, None)
        self._offered = offered
        self._chosen |= {info.in_place_of: info.name for info in new if info.asked_for}
        if step is None:
            self._in_step = None
        else:
            self._in_step = {offered[name].in_place_of: name for name in step if name in offered}

    def alternatives(self, place: str) -> tuple[MatrixInfo, ...]:
        """Return what can be shown in a place beside the matrix itself."""
        return tuple(info for info in self._offered.values() if info.in_place_of == place)

    def shown(self, place: str) -> MatrixInfo | None:
        """Return what is shown in a place; None: the matrix itself."""
        alternatives = self.alternatives(place)
        held = next((info for info in alternatives if info.name in self._held), None)
        instead = self._instead_of_held.get(place)
        if instead is None and (held is not None or place in self._held):
            return held
        choice = self._chosen if self._in_step is None else self._in_step
        name = instead or choice.get(place)
        return next((info for info in alternatives if info.name == name), None)

    def stand_ins(self, layer: LayerFrame) -> dict[str, str]:
        """Return name of each matrix that has a place -> name of the layer's that stands there."""
        found: dict[str, str] = {}
        for place in {info.in_place_of for info in self._offered.values()}:
            shown = self.shown(place)
            name = place if shown is None or layer.factor(shown.name) is None else shown.name
            found |= dict.fromkeys((place, *(it.name for it in self.alternatives(place))), name)
        return found

    def choose(self, place: str, name: str) -> None:
        """Show a matrix in a place. Args: name: the place's own: the matrix itself."""
        alternatives = {info.name for info in self.alternatives(place)}
        if self._held & {place, *alternatives}:
            self._instead_of_held[place] = name
        else:
            (self._chosen if self._in_step is None else self._in_step)[place] = name
        self.changed.emit()

    def hold(self, names: Collection[str]) -> None:
        """Show these matrices whatever was chosen. Args: names: none: no longer."""
        self._held, self._instead_of_held = frozenset(names), {}
        self.changed.emit()
