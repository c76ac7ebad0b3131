"""A lesson for tests, with one of everything."""

from pathlib import Path

import msgspec

from gui.lessons.file import read_lesson
from gui.lessons.lesson import Lesson

EVERYTHING = """+++
number = 3
title = "Everything"
strategy = "lora"
source = "a paper"

[settings]
learning_rate = 0.01
rank = 2
+++
## The idea
```toml
highlight = ["layer1.delta", "rank", "layer2.lock"]
```
An idea: $\\Delta W = B A$.

## A question
```toml
[[run]]
name = "low"
steps = 20
seconds = 0.1
[[run]]
name = "full"
label = "Train everything"
steps = 30
seconds = 0.1
[run.settings]
strategy = "full"
[choice]
name = "guess"
options = ["fewer", "as many", "more"]
measure = "low.body_trainable - full.body_trainable"
below = [0.0, 1.0]
```
Does it train fewer weights than full fine-tuning?

## The answer
```toml
page = "curves"
reveal = ["guess"]
claims = ["low.target > 1"]
always = ["low.body_trainable == 460"]
[chart]
of = "target_accuracy"
runs = ["low", "full"]
```
{low.body_trainable|count} against {full.body_trainable|count}; {low.target|percent}.

## A curve
```toml
[[run]]
name = "again"
steps = 10
seconds = 0.1
[curve]
name = "drawn"
of = "source_accuracy"
run = "again"
```
Draw it.

## A cell
```toml
reveal = ["drawn"]
[[run]]
name = "third"
steps = 10
seconds = 0.1
[cell]
name = "place"
layer = "layer1"
run = "third"
```
Point at it.

## Break it
```toml
reveal = ["place"]
highlight = ["rate"]
[set]
learning_rate = 0.3
```
Far too fast.

## A quiz
```toml
[choice]
name = "q1"
options = ["yes", "no"]
answer = 2
reasons = ["not so", "it is not"]
```
Is W frozen in full fine-tuning?
"""


def everything(folder: Path, *changes: tuple[str, str], own: bool = False) -> Lesson:
    """The lesson, with pieces of its file replaced."""
    text = EVERYTHING
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file = folder / "03-everything.md"
    file.write_text(text, encoding="utf-8")
    return msgspec.structs.replace(read_lesson(file), own=own)
