"""Text about the learner's answers and the runs' results; without Qt."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence

from engine.protocol.settings import TRAINING_SAMPLES, Settings
from engine.protocol.strategy_files import strategy_label
from gui.lessons.card.margins import is_within_margin
from gui.lessons.cause import Because, RunStart
from gui.lessons.code_block import without_code
from gui.lessons.expression import Claim, Expression, points
from gui.lessons.expression_text import claim_text
from gui.lessons.lesson import Lesson, LessonRun
from gui.lessons.measure_text import POINTS, SHARES, measure_title
from gui.lessons.run_result import STEP_MEASURES, RunResult
from gui.state.curve_buffer import KEPT_HEAD, SOURCE, TARGET, VALIDATION_ACCURACY
from gui.text.layers import cell_position
from gui.text.numbers import distinct_texts, percent, short_number
from gui.text.settings_change import difference_texts, fallback_label

PLAY_WAITS = "Play waits until you have confirmed your answer."
NO_GUESS = "You did not answer before this run."
YOURS, AS_GIVEN = "your settings", "the lesson’s settings"
"""Rows of a table."""
MAX_WORDS = 45
"""Of a card."""
NEAR_RANKS = 3
"""A guessed column is near if it is among so many."""
COUNT_WORDS = ("three", "four", "five", "six", "seven", "eight", "nine")
DIGITS = "12345678"
"""What an option is called, and the key that selects it."""
MAX_BUTTON_CHARACTERS = 32
"""Longest text of a button that a narrow card shows whole."""
VERBS = frozenset({"Run", "Train", "Take", "Pretrain", "Merge", "Start", "Fine-tune"})
"""Words with which the label of a run's button tells what it does."""
PERCENT_MEASURES = frozenset({TARGET, SOURCE, KEPT_HEAD, VALIDATION_ACCURACY})
"""Curves that are shares of all samples, formatted in percent."""
CURVE_TITLES = {curve: measure_title(measure) for measure, curve in STEP_MEASURES.items()}
"""Curve -> its title."""


def verdict(yours: bool, right: bool | None) -> str:
    """Return the verdict below an option.

    >>> verdict(True, None), verdict(True, True), verdict(False, True), verdict(True, False)
    ('Your answer', 'Your answer (correct)', 'Correct', 'Your answer (incorrect)')
    """
    if right is None or not (yours or right):
        return "Your answer" if yours else ""
    if right:
        return "Your answer (correct)" if yours else "Correct"
    return "Your answer (incorrect)"


def confirm_text(label: str) -> str:
    """Return the text of a run's button while it confirms an answer as well.

    >>> confirm_text("Run 30 steps"), confirm_text("Full fine-tuning"), confirm_text("LoRA, rank 4")
    ('Confirm and run 30 steps', 'Confirm and run full fine-tuning', 'Confirm and run LoRA, rank 4')
    >>> confirm_text("Take one step at a learning rate of 1")
    'Confirm and run'
    """
    first, _, rest = label.partition(" ")
    lowered = f"{first.lower()} {rest}" if first[1:].islower() or len(first) == 1 else label
    text = f"Confirm and {'' if first in VERBS else 'run '}{lowered}"
    return text if len(text) <= MAX_BUTTON_CHARACTERS else "Confirm and run"


def value_text(measure: str, value: float) -> str:
    """Format a value of a curve for its axis.

    >>> value_text("target_accuracy", 0.83), value_text("train_loss", 2.31)
    ('83%', '2.31')
    """
    return f"{100 * value:.0f}%" if measure in PERCENT_MEASURES else short_number(value)


def distance_text(measure: str, guess: Sequence[float], truth: Sequence[float]) -> str:
    """Return the sentence about the mean absolute difference of two curves.

    >>> distance_text("target_accuracy", [0.5, 0.6], [0.56, 0.66])
    'On average your curve is 6 points off.'
    """
    pairs = [(a, b) for a, b in zip(guess, truth, strict=True) if math.isfinite(b)]
    if not pairs:
        return "This run has no such curve."
    mean = sum(abs(a - b) for a, b in pairs) / len(pairs)
    if measure not in PERCENT_MEASURES:
        return f"On average your curve is {short_number(mean)} off."
    points = round(100 * mean)
    unit = "point" if points == 1 else "points"
    return f"On average your curve is {points} {unit} off."


def rank_text(rank: int, count: int, moved: float, best: tuple[int, int], most: float) -> str:
    """Return the sentence about the guessed cell's rank by |ΔW|.

    Args: rank: from 1; 0: no cell was guessed.  count: number of cells.  moved: |ΔW| of the guessed
    cell.  best: (row, column) of the cell that moved most.  most: its |ΔW|.

    >>> rank_text(37, 1200, 0.012, (11, 3), 0.09)
    'Your cell changed by 0.012, 37th of 1,200. Row 12, column 4 changed most: 0.09.'
    """
    where = cell_position(*best)
    winner = f"{where[0].upper()}{where[1:]} changed most: {short_number(most)}."
    if rank == 0:
        return winner
    if rank == 1:
        return f"Your cell changed most of all {count:,}: by {short_number(most)}."
    return f"Your cell changed by {short_number(moved)}, {ordinal(rank)} of {count:,}. {winner}"


def column_text(guess: int | None, means: Sequence[float]) -> str:
    """Return the sentence about the guessed column's rank by mean |ΔW|.

    Args: guess: index of the column; None: none was guessed.  means: mean |ΔW| of each column.

    >>> column_text(2, [0.04, 0.01, 0.03])
    'Near: your column 3 changed by 0.03 on average, 2nd of 3. Column 1 changed most: 0.04.'
    >>> column_text(1, [0.04, 0.01, 0.03])
    'Right beside it: your column 2 stands next to the right one. Column 1 changed most: 0.04.'
    """
    best = max(range(len(means)), key=means.__getitem__)
    most = f"Column {best + 1} changed most: {short_number(means[best])}."
    if guess is None:
        return f"{NO_GUESS} {most}"
    if guess == best:
        return f"Exactly: column {best + 1} changed most of all {len(means):,}."
    if abs(guess - best) == 1:
        return f"Right beside it: your column {guess + 1} stands next to the right one. {most}"
    rank = 1 + sum(mean > means[guess] for mean in means)
    near = "Near: your" if rank <= NEAR_RANKS else "Your"
    mean = short_number(means[guess])
    return (
        f"{near} column {guess + 1} changed by {mean} on average, {ordinal(rank)} of "
        f"{len(means):,}. {most}"
    )


def own_run_text(result: RunResult, base: Settings, columns: Collection[str]) -> str:
    """Return what a run with the reader's settings is called in a table.

    Args: base: the lesson's settings.  columns: of the table; what they show is not said twice.
    """
    theirs = result.frame.settings
    changed = [field for field in base.differences(theirs) if field != "seed"]
    told = {"learning_rate"} if "rate" in columns else set()
    told |= {"seed"}
    same = theirs.replace(**{field: getattr(base, field) for field in told})
    texts = difference_texts(same, base, None)
    if not texts:
        return YOURS if changed else AS_GIVEN
    return f"yours: {', '.join(texts)}"


def exception_text(
    claim: Claim, results: Mapping[str, RunResult], names: Mapping[str, str], *, tested: bool
) -> str:
    """Return the remark that a claim does not hold.

    Args: names: run -> its display name.  tested: whether the claim was tested over seeds.
    """
    said, here = claim_text(claim, results, names)
    if tested:
        return (
            f"Your run is an exception. Usually {said}, on average over twelve seeds; here {here}."
        )
    return f"The lesson says: {said}. In your run {here}."


def question_sentence(text: str) -> str:
    """Return the last question in a card's text; empty: there is none.

    >>> question_sentence("Two heads. **Which** of them learns *more*? Choose.")
    'Which of them learns more?'
    """
    sentences = re.split(r"(?<=[.!?:])\s+", without_code(text))
    asked = [sentence for sentence in sentences if sentence.endswith("?")]
    question = re.sub(r"[*$]", "", asked[-1]) if asked else ""
    return f"{question[:1].upper()}{question[1:]}"


def run_all_label(count: int) -> str:
    """Return the label of the button that makes all runs of a card. Args: count: 3 or more.

    >>> run_all_label(3), run_all_label(12)
    ('Run all three', 'Run all 12')
    """
    return f"Run all {dict(enumerate(COUNT_WORDS, 3)).get(count, count)}"


def missing_text(names: Sequence[str]) -> str:
    """Return which earlier runs a card needs. Args: names: their display names.

    >>> missing_text(["layer 1", "layer 3"])
    'This card needs 2 earlier runs: layer 1, layer 3.'
    """
    runs = "an earlier run" if len(names) == 1 else f"{len(names)} earlier runs"
    return f"This card needs {runs}: {', '.join(names)}."


def run_label(lesson: Lesson, run: LessonRun) -> str:
    """Return the label of a run's button: its own, else what a control has otherwise."""
    because = lesson.cause_of(run.name)
    if run.label or because is None:
        default = f"Run {run.steps:,} step{'' if run.steps == 1 else 's'}"
        own = " with these settings" if run.keep_settings else ""
        beside = any(run in card.runs and len(card.runs) > 1 for card in lesson.cards)
        return run.label or f"{default}{own or (f': {run.display_name}' if beside else '')}"
    return f"Control: the same with {_difference(lesson, run.name, because.run)}"


def cause_text(
    because: Because, lesson: Lesson, results: Mapping[str, RunResult], *, in_table: bool = False
) -> str:
    """Return what a run and its control came to, and the cause as far as it shows.

    Args: in_table: the card's table has both: they are called as there, which is shorter.
    """
    name, _, step = because.measure.rstrip("]").partition("[")
    title = measure_title(name)
    values = [
        Expression(f"{run}.{because.measure}").value(results)
        for run in (because.run, because.control)
    ]
    if name in SHARES:
        ours, theirs = map(percent, values)
    elif name in POINTS:
        ours, theirs = (points(value).removeprefix("+") for value in values)
    else:
        ours, theirs = distinct_texts(values[0], values[1], digits=3)
    cause = _cause_sentence(because, results, tested=not lesson.own)
    title = f"{title[0].upper()}{title[1:]}{f' at step {step}' if step else ''}"
    if in_table:
        run, control = (lesson.runs[it].display_name for it in (because.run, because.control))
        return f"{title}: {ours} ({run}), {theirs} ({control}), all else the same.{cause}"
    with_cause = _difference(lesson, because.run, because.control)
    without = _difference(lesson, because.control, because.run)
    return f"{title}: {ours} with {with_cause}; {theirs} with {without}, all else the same.{cause}"


def _cause_sentence(because: Because, results: Mapping[str, RunResult], *, tested: bool) -> str:
    """Return the cause with a space before it; one that one run cannot show is said to be such.

    Args: tested: whether the claim was tested over seeds.
    """
    if not because.claim.holds(results):
        return ""
    if not is_within_margin(because, results):
        return f" Cause: {because.cause}."
    seeds = f"; over twelve seeds, the cause is {because.cause}" if tested else ""
    return f" Too close to call here{seeds}."


def _difference(lesson: Lesson, run: str, other: str) -> str:
    """Return what a run has otherwise than its control, or the control than the run."""
    (field,) = lesson.differences(run, other)
    return setting_words(field, lesson.start(run), lesson.start(other))


def setting_words(field: str, start: RunStart, other: RunStart) -> str:
    """Return how a run that differs from another one in a single setting has it.

    Args: field: of `Settings`, or steps.  start, other: of the two runs.
    """
    settings = start.settings
    match field:
        case "steps":
            return f"{start.steps:,} steps"
        case "new_head":
            return "a new head" if settings.new_head else "the pretrained head"
        case "batch_size":
            return f"batches of {settings.batch_size}"
        case "batch_norm":
            return f"{'' if settings.batch_norm else 'no '}BatchNorm"
        case "train_samples":
            every = f"all {TRAINING_SAMPLES[settings.task]}"
            return f"{settings.train_samples or every} training samples"
        case "strategy":
            label = strategy_label(settings.strategy)
            first = label.partition(" ")[0]
            return label[0].lower() + label[1:] if first[1:].islower() else label
        case "task":
            return fallback_label(settings.task)
    # The words are made for two settings: the rest is the other run's.
    changed = other.settings.replace(**{field: getattr(settings, field)})
    return " and ".join(difference_texts(changed, other.settings, None))


def ordinal(number: int) -> str:
    """Format an ordinal number.

    >>> [ordinal(n) for n in (1, 2, 3, 11, 22, 1200)]
    ['1st', '2nd', '3rd', '11th', '22nd', '1,200th']
    """
    last = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{'th' if number % 100 in (11, 12, 13) else last}"


def length_hint(text: str) -> str:
    """Return that a card's text is too long for a lecture; empty: it is not.

    >>> length_hint("word " * 60)
    'This card has 60 words; 45 fit at the size of a lecture.'
    """
    words = len(without_code(text).split())
    if words <= MAX_WORDS:
        return ""
    return f"This card has {words} words; {MAX_WORDS} fit at the size of a lecture."
