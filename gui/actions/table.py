"""The table of actions: name, words and keys of everything that the window can do.

Menus, keys, palette, the list of keys and the tooltips of buttons are made of it.
"""

from __future__ import annotations

import dataclasses

SIGNS = {
    "Right": "→", "Left": "←", "Up": "↑", "Down": "↓", "PgDown": "Page ↓", "PgUp": "Page ↑",
}  # fmt: skip
"""Name of a key in a `QKeySequence` -> what is printed on it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Action:
    """One thing that a user can do."""

    name: str
    """Unique, and the object name of its QAction."""
    text: str
    """In menus and in the palette; an ellipsis where a window opens that asks."""
    hint: str
    """One sentence, without its keys."""
    keys: tuple[str, ...] = ()
    """As `QKeySequence` writes them; the first one is shown."""
    icon: str = ""
    """Of resources/icons."""
    repeats: bool = False
    """Whether a key that is held down does it again and again."""

    @property
    def shown_keys(self) -> tuple[str, ...]:
        """Its keys as they are printed on a keyboard."""
        return tuple(show_key(key) for key in self.keys)

    @property
    def tooltip(self) -> str:
        """The hint, and its first key in brackets."""
        return f"{self.hint} ({self.shown_keys[0]})" if self.keys else self.hint


def show_key(key: str) -> str:
    """Return a key as it is printed on a keyboard. Args: key: as `QKeySequence` writes it."""
    *held, last = key.removesuffix("+").split("+") if key.endswith("++") else key.split("+")
    last = "+" if key.endswith("+") else last
    signs = {"-": "−", **SIGNS}
    return "+".join([*(one for one in held if one), signs.get(last, last)])


MENUS: dict[str, tuple[tuple[Action, ...], ...]] = {
    "File": (
        (Action("print", "Print…", "Print the stage as it is seen, in light colours, on one page",
                ("Ctrl+P",)),),
        (Action("quit", "Quit", "Close the window and end the engine", ("Ctrl+Q",)),),
    ),
    "Edit": (
        (
            Action("undo", "Undo", "Undo the last change", ("Ctrl+Z",), repeats=True),
            Action("redo", "Redo", "Redo what was undone", ("Ctrl+Shift+Z", "Ctrl+Y"),
                   repeats=True),
        ),
        (
            Action("copy", "Copy", "Copy what has the keyboard, or what is pointed at",
                   ("Ctrl+C",)),
            Action("context_menu", "Context menu", "Open the menu of what has the keyboard, or "
                   "of what is pointed at", ("Shift+F10",)),
        ),
        (
            Action("preferences", "Preferences…", "Set theme, text size, colours and speed",
                   ("Ctrl+,",)),
        ),
    ),
    "View": (
        (
            Action("network", "Network", "A sample flows through W and W′, side by side; "
                   "draw your own", ("N",)),
            Action("compare", "Compare", "Compare strategies side by side", ("V",)),
            Action("methods", "Which method?", "Which method suits your situation?", ("W",),
                   icon="compass"),
            Action("runs", "Runs", "Every run since the program began, to be opened again", ("U",)),
            Action("costs", "Costs", "What fine-tuning a large model costs", ("C",)),
        ),
        (
            Action("curves", "Curves", "Beside the stage: loss, accuracy, size of ΔW",
                   ("Ctrl+1",)),
            Action("spectrum", "Spectrum", "Beside the stage: the singular values of ΔW",
                   ("Ctrl+2",)),
            Action("scale", "Scale", "Beside the stage: ΔW scaled up and down", ("Ctrl+3",)),
            Action("merge", "Merge", "Beside the stage: W′ merged and rounded", ("Ctrl+4",)),
        ),
        (
            Action("left_column", "Left column", "Show or hide lessons and the sample", ("L",)),
            Action("right_column", "Right column", "Show or hide charts and settings", ("P",)),
            Action("full_screen", "Full screen", "The window on the whole screen, or not",
                   ("F11",)),
            Action("layout", "Reset the layout", "Columns and dividers as they were at first"),
        ),
        (
            Action("theme", "Light or dark", "Switch between light and dark", ("T",),
                   icon="sun-moon"),
            Action("larger", "Larger text", "Make all text larger", ("Ctrl++", "Ctrl+=", "+", "="),
                   repeats=True),
            Action("smaller", "Smaller text", "Make all text smaller", ("Ctrl+-", "-"),
                   repeats=True),
            Action("normal", "Normal text", "The ordinary size of text", ("Ctrl+0",)),
        ),
    ),
    "Run": (
        (
            Action("play", "Play or pause", "Train, or pause", ("Space",), icon="play"),
            Action("step", "One step", "Take one step, or go one step on", ("Right",),
                   icon="step-forward", repeats=True),
            Action("step_back", "One step back", "Go one step back", ("Left",), repeats=True),
            Action("first", "First step", "Go to the first step", ("Home",)),
            Action("newest", "Newest step", "Go to the newest step", ("End",)),
        ),
        (
            Action("next_branch", "Next branch", "Go to the next branch of the run",
                   ("Ctrl+Right",)),
            Action("previous_branch", "Previous branch", "Go to the branch before it",
                   ("Ctrl+Left",)),
        ),
        (Action("step_view", "Look into a step", "One optimizer step in five phases: forward, "
                "loss, gradient, optimizer, ΔW → W′", ("M",)),),
        (Action("reset", "Reset", "A new run from the same initial weights", ("R",),
                icon="rotate-ccw"),),
    ),
    "Lesson": (
        (
            Action("lessons", "List of lessons", "Go to the list of lessons; ↑ ↓ and Enter open "
                   "one, as 1 … 9 do", ("Ctrl+L",), icon="book-open"),
            Action("next_card", "Next card", "Go to the next card", ("PgDown",), repeats=True),
            Action("previous_card", "Previous card", "Go to the card before it", ("PgUp",),
                   repeats=True),
        ),
        (
            Action("present", "Present", "Full screen and large type, for a room", ("F",),
                   icon="presentation"),
            Action("present_first", "Present from the first card", "Begin to present, at the "
                   "first card of the lesson", ("F5",)),
            Action("controls", "Controls before the room", "Presenting: show or hide the "
                   "controls", ("H",)),
            Action("notes", "Speaker’s notes", "Presenting: notes in a window of their own",
                   ("S",)),
            Action("black", "Black screen", "Presenting: black, until any key is pressed",
                   ("B", ".")),
        ),
        (
            Action("folder", "Folder for your lessons", "Open it: a Markdown file in it appears "
                   "in the list"),
            Action("clear_one", "Delete the answers of this lesson…", "Of the lesson that is "
                   "open, or marked in the list"),
            Action("clear_all", "Delete all answers…", "Answers and progress of every lesson"),
        ),
    ),
    "Help": (
        (
            Action("glossary", "Glossary", "Every symbol and word of the window, in a sentence "
                   "each", ("F1",)),
            Action("keys", "Keys", "All keys", ("?",), icon="circle-help"),
            Action("palette", "Find an action…", "Find an action, a strategy, a task or a "
                   "lesson by its name", ("Ctrl+K",)),
            Action("tour", "Tour", "Four stops: W, ΔW, a lock, the rank"),
        ),
        (
            Action("log", "Show the log…", "Where the program keeps its files, and what went "
                   "wrong"),
            Action("report", "Report a problem…", "A text with versions, settings and the log, "
                   "to copy; nothing is sent"),
        ),
        (Action("about", "About ΔW", "Versions and licences"),),
    ),
}  # fmt: skip
"""Menu -> its groups, between which a line is drawn."""

ACTIONS = {action.name: action for groups in MENUS.values() for group in groups for action in group}
"""Name -> action, in the order of the menus."""


def tooltip_of(name: str) -> str:
    """Return the tooltip of the button that does an action. Args: name: of the action."""
    return ACTIONS[name].tooltip
