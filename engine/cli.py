"""The command line without a window."""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from engine.protocol.command_line import collect_settings, print_error
from engine.protocol.frames import SplitFacts
from engine.protocol.messages import Frame, LayerFrame
from engine.protocol.settings import Settings, SettingsError
from engine.protocol.uncertainty import accuracy_margin

if TYPE_CHECKING:
    from torch import Tensor

    from engine.model.layer import Layer
    from engine.trainer import Trainer

INTERRUPTED = 130
"""Exit code after Ctrl+C."""


def run(options: argparse.Namespace) -> int:
    """Carry out a subcommand. Args: options: as parsed.  Returns: the exit code."""
    try:
        if options.command == "cost":
            from engine.cost.answers import print_cost

            code = print_cost(options)
        else:
            code = train(options)
        sys.stdout.flush()  # what cannot be written is told here, not by the interpreter at its end
        return code
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        # The interpreter must not try to write the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # whoever read has heard enough
            return 0
        return print_error(f"the result cannot be written: {error.strerror}", exit_code=1)


def train(options: argparse.Namespace) -> int:
    """Train without a window, print the result. Args: options: as parsed.  Returns: exit code."""
    from engine.resources import ResourceError
    from engine.strategies import STRATEGIES
    from engine.trainer import Trainer
    from engine.training.divergence import DivergedError, has_diverged

    given = collect_settings(options)
    try:
        named = Settings(**{k: v for k, v in given.items() if k in ("strategy", "task")})
        trainer = Trainer(Settings(**{**STRATEGIES[named.strategy].defaults, **given}))
        _take_steps(trainer, options.steps)
    except (SettingsError, ResourceError) as error:
        return print_error(error)
    except DivergedError as error:
        return print_error(error, exit_code=1)
    frame = trainer.frame()
    loss = frame.measurements.train_loss
    if has_diverged(loss):
        lost = DivergedError(
            frame.step, loss, frame.settings.learning_rate, trainer.run.last_good_step
        )
        return print_error(lost, exit_code=1)
    result = _as_json(frame, trainer) if options.json else _as_text(frame)
    sys.stdout.write(result + "\n")
    sys.stdout.flush()
    return 0


def _take_steps(trainer: Trainer, count: int) -> None:
    """Train; where the settings stop early, end at the best step."""
    from engine.history.history import History
    from engine.training.early_stopping import EarlyStopping

    if trainer.settings.patience is None:
        for _ in range(count):
            trainer.step()
        return
    history, stopping = History(trainer), EarlyStopping(trainer.run)
    for _ in range(count):
        trainer.step()
        history.record_step()
        stopped = stopping.check()
        if stopped is not None:
            history.go_to(stopped.best_step)
            return


def _as_json(frame: Frame, trainer: Trainer) -> str:
    whole, measured = dict(trainer.network.layers()), frame.measurements
    return json.dumps(
        {
            "loss": measured.train_loss,
            "validation_loss": measured.validation_loss,
            "target_accuracy": measured.target_accuracy,
            "source_accuracy": measured.source_accuracy,
            "source_accuracy_kept_head": measured.source_accuracy_kept_head,
            "validation_accuracy": measured.validation_accuracy,
            "start_source_accuracy": frame.start_source_accuracy,
            "target_samples": frame.target_test.samples,
            "source_samples": frame.source_test.samples,
            "trainable_parameters": frame.trainable_parameters,
            "total_parameters": frame.total_parameters,
            "steps": frame.step,
            "settings": dataclasses.asdict(frame.settings),
            "layers": [_layer_as_json(layer, whole[layer.name]) for layer in frame.layers],
        },
        allow_nan=False,
    )


def _layer_as_json(layer: LayerFrame, whole: Layer) -> dict[str, Any]:
    from engine.model.delta_chunks import iter_changes

    return {
        "name": layer.name,
        "shape": list(layer.shape),
        "trainable": layer.trainable,
        "trainable_parameters": layer.trainable_parameters,
        "delta_norm": layer.delta_norm,
        "proofs": {check.name: check.holds for check in layer.measured.checks},
        "weight_sha256": _sha256([whole.original]),
        "updated_sha256": _sha256(updated for _, _, updated in iter_changes(whole)),
    }


def _sha256(parts: Iterable[Tensor]) -> str:
    """Of the little-endian float32 values, row by row. Args: parts: some rows at a time."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.detach().numpy().astype("<f4", copy=False).data)
    return digest.hexdigest()


def _accuracy_text(accuracy: float | None, facts: SplitFacts) -> str:
    """Return 85.0% ± 3.5; a dash where there is none."""
    if accuracy is None:
        return "–"
    return f"{accuracy:.1%} ± {100 * accuracy_margin(accuracy, facts.samples):.1f}"


def _source_lines(frame: Frame) -> list[str]:
    """Return source accuracy, and with the old head kept where that is another measure."""
    measured, facts = frame.measurements, frame.source_test
    now = _accuracy_text(measured.source_accuracy, facts)
    lines = [f"source accuracy  {now} (before: {frame.start_source_accuracy:.1%})"]
    if not frame.has_new_head:
        kept = _accuracy_text(measured.source_accuracy_kept_head, facts)
        lines.append(f"  old head kept  {kept}")
    return lines


def _as_text(frame: Frame) -> str:
    measured = frame.measurements
    target = _accuracy_text(measured.target_accuracy, frame.target_test)
    validation = _accuracy_text(measured.validation_accuracy, frame.validation)
    lines = [
        f"{frame.settings.strategy} on {frame.settings.task}, {frame.step:,} steps",
        f"loss             {measured.train_loss:.4f} (validation {measured.validation_loss:.4f})",
        f"target accuracy  {target} (validation {validation})",
        *_source_lines(frame),
        f"trainable        {frame.trainable_parameters:,} of {frame.total_parameters:,}",
    ]
    for layer in frame.layers:
        out, inputs = layer.shape
        moves = f"{layer.trainable_parameters:,} move" if layer.trainable else "frozen"
        lines.append(
            f"  {layer.name:<14} {out} × {inputs:<4} {moves:<12} ‖ΔW‖ {layer.delta_norm:.4f}"
        )
    return "\n".join(lines)
