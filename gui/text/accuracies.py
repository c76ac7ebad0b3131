"""Text of accuracies: how sure they are, what they are measured on, what they are held against."""

from __future__ import annotations

import enum
import math

from engine.protocol.catalogue import StrategyInfo, TaskInfo
from engine.protocol.frames import Frame, SplitFacts
from engine.protocol.uncertainty import accuracy_margin
from gui.text.numbers import percent, percent_text, points_text

MAJORITY_GAP = 0.05
"""Lead over guessing from which on naming always the most frequent class is worth a word."""
NOW, KEPT = "With the head as it is now", "With the old head kept"
NEW_HEAD = "The network has a new head. The old one is kept aside, so both measures are the same."
NEVER_LEARNED = "It starts from random weights and never learned the source."
LEARNS_SOURCE = "It learns the source only, from random weights."
NOTHING_TO_FORGET = "It starts from random weights: there is nothing to forget."
FOR_CHOOSING = "Use it to choose settings; test accuracy is for the end."


class SourceHead(enum.Enum):
    """The head that the source's images are judged through."""

    TRAINED = enum.auto()
    """The pretrained one, which the network goes on with."""
    KEPT = enum.auto()
    """The pretrained one, kept aside: the network has a new head."""
    RANDOM = enum.auto()
    """One that was never pretrained, as nothing in the network was."""


def source_head(frame: Frame) -> SourceHead | None:
    """Return the head that the source is judged through. Args: frame: None for a preview."""
    if frame.run == 0 or not frame.layers:
        return None
    if frame.starts_random:
        return SourceHead.RANDOM
    return SourceHead.KEPT if frame.has_new_head else SourceHead.TRAINED


def plus_minus(margin: float) -> str:
    """Return a margin in percentage points with its sign; empty where it is unknown.

    Args: margin: a share; NaN: unknown.

    >>> plus_minus(0.035), plus_minus(math.nan)
    ('±\u202f3.5', '')
    """
    return "" if math.isnan(margin) else f"±\u202f{points_text(margin)}"


def margin_text(accuracy: float | None, facts: SplitFacts) -> str:
    """Return the half-width of an accuracy's 95 % interval in points; empty where it is unknown.

    Args: accuracy: 0…1, or None.  facts: of the split that it was measured on.

    >>> facts = SplitFacts(samples=400)
    >>> margin_text(0.85, facts).split(), margin_text(None, facts)
    (['±', '3.5'], '')
    """
    return "" if accuracy is None else plus_minus(accuracy_margin(accuracy, facts.samples))


def forgotten_points(frame: Frame) -> float | None:
    """Return the source accuracy lost since step 0, a share; None: there was nothing to forget.

    Args: frame: shown.
    """
    if source_head(frame) in (None, SourceHead.RANDOM):
        return None
    return frame.start_source_accuracy - frame.measurements.source_accuracy


def sample_noun(task: TaskInfo | None) -> str:
    """Return what a task's samples are, in the plural. Args: task: None: not known yet."""
    return "samples" if task is not None and task.features else "images"


def target_hint(frame: Frame, task: TaskInfo | None) -> str:
    """Return the tooltip of target accuracy. Args: frame: shown.  task: None: not known yet."""
    accuracy, facts = frame.measurements.target_accuracy, frame.target_test
    if accuracy is None:
        return "There is no head for the target yet."
    about = "" if task is None else f": {task.target}"
    return _lines(
        f"On {_count(facts)}test {sample_noun(task)}, never trained on{about}.",
        _margin_sentence(accuracy, facts),
        _baselines(facts),
        "To choose settings, use validation accuracy.",
    )


def source_hint(frame: Frame, task: TaskInfo | None, strategy: StrategyInfo | None) -> str:
    """Return the tooltip of source accuracy, with both measures by name.

    Args: frame: shown.  task, strategy: of it; None: not known yet.
    """
    now, facts = frame.measurements, frame.source_test
    about = "" if task is None else f": {task.source}"
    kept = f"{KEPT}: {percent(now.source_accuracy_kept_head)}."
    by_head = {
        SourceHead.TRAINED: (
            f"{NOW}: {percent(now.source_accuracy)}. It is what the network answers.",
            f"{kept} That is the head of step 0: any difference comes from the layers below.",
        ),
        SourceHead.KEPT: (kept, NEW_HEAD),
        SourceHead.RANDOM: (_never_learned(strategy),),
        None: (),
    }
    return _lines(
        f"On {_count(facts)}test {sample_noun(task)} of the source task{about}.",
        _margin_sentence(now.source_accuracy, facts),
        _baselines(facts),
        *by_head[source_head(frame)],
    )


def forgotten_hint(frame: Frame, strategy: StrategyInfo | None) -> str:
    """Return the tooltip of what was forgotten, by both measures.

    Args: frame: shown.  strategy: of it; None: not known yet.
    """
    now, start = frame.measurements, frame.start_source_accuracy
    kind = source_head(frame)
    if kind is SourceHead.RANDOM:
        return _lines(NOTHING_TO_FORGET, _never_learned(strategy))
    first = f"Source accuracy lost since step 0, where it was {percent(start)}."
    lost, lost_kept = (
        f"{points_text(start - accuracy)} points"
        for accuracy in (now.source_accuracy, now.source_accuracy_kept_head)
    )
    if kind is SourceHead.TRAINED:
        return _lines(first, f"{NOW}: {lost}.", f"{KEPT}: {lost_kept}.")
    return _lines(first, NEW_HEAD if kind is SourceHead.KEPT else "")


def validation_hint(frame: Frame, task: TaskInfo | None) -> str:
    """Return the tooltip of validation accuracy. Args: frame: shown.  task: None: unknown."""
    facts = frame.validation
    return _lines(
        f"On {_count(facts)}{sample_noun(task)} it does not train on. {FOR_CHOOSING}",
        _margin_sentence(frame.measurements.validation_accuracy, facts),
    )


def baselines(facts: SplitFacts) -> dict[str, float]:
    """Return the accuracies that need no learning, by name: chance, and majority where it matters.

    Args: facts: of a split; of one that is not known yet there are none.

    >>> baselines(SplitFacts(samples=60, classes=2, majority=0.686))
    {'chance': 0.5, 'majority': 0.686}
    """
    if not facts.samples:
        return {}
    found = {"chance": facts.chance}
    if facts.majority - facts.chance > MAJORITY_GAP:
        found["majority"] = facts.majority
    return found


def _baselines(facts: SplitFacts) -> str:
    found = baselines(facts)
    if not found:
        return ""
    guess = f"Guessing would reach {percent_text(found['chance'])}"
    if "majority" not in found:
        return f"{guess}."
    return f"{guess}; always naming the most frequent class, {percent(found['majority'])}."


def _margin_sentence(accuracy: float | None, facts: SplitFacts) -> str:
    margin = margin_text(accuracy, facts)
    return f"{margin} points: the 95\u202f% interval of so many samples." if margin else ""


def _never_learned(strategy: StrategyInfo | None) -> str:
    learns_source = strategy is not None and strategy.learns == "source"
    return LEARNS_SOURCE if learns_source else NEVER_LEARNED


def _count(facts: SplitFacts) -> str:
    return f"{facts.samples:,} " if facts.samples else ""


def _lines(*sentences: str) -> str:
    return "\n".join(filter(None, sentences))
