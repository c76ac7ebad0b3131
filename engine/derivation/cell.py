"""The derivation of a cell: what its number is made of, and how the last step moved it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.derivation.step import TracedStep
from engine.model.derivation_lines import formula_line, sum_line
from engine.model.layer import Layer
from engine.model.network import Adapter, derive_adapter_output
from engine.protocol.derivation import CellAddress, CellDerivation, DerivationLine
from engine.protocol.matrices import Array, Matrix
from engine.protocol.schedules import schedule_factor
from engine.training.run import Run
from engine.training.stochastic_state import frozen_batchnorm_layers

_Drawn = Matrix[Tensor] | Matrix[Array]
W_IS_FIXED = (
    "W is kept as it was before the first step. What training adds to this weight is ΔW, and the "
    "network computes with their sum, W′."
)


@torch.no_grad()
def derive_cell(
    run: Run,
    trace: TracedStep | None,
    address: CellAddress,
    measured: tuple[Matrix[Array], ...] = (),
) -> CellDerivation | None:
    """Derive the number at a cell as it stands, and how the last step moved it.

    Args: run: that the cell belongs to.  trace: the last step; None: it was not traced.
    address: of the cell.  measured: further matrices of the cell's layer, (out, in).
    Returns: None where there is no such cell.
    """
    layer = dict(run.network.layers()).get(address.layer)
    if layer is None:
        return None
    drawn: tuple[_Drawn, ...] = (*run.strategy.factors(layer), *layer.statistics(), *measured)
    matrix = next((each for each in drawn if each.name == address.matrix), None)
    cell = _Cell(run, trace, layer, address, matrix)
    return cell.derive() if cell.exists else None


class _Cell:
    def __init__(
        self,
        run: Run,
        trace: TracedStep | None,
        layer: Layer,
        address: CellAddress,
        drawn: _Drawn | None,
    ) -> None:
        self._run, self._trace, self._layer, self._address = run, trace, layer, address
        self._name, self._matrix = address.layer, address.matrix
        self._row, self._column = address.row, address.column
        self._drawn = drawn
        """The matrix, where it is not W, ΔW or W′."""
        self._role = "" if drawn is None else drawn.info.role

    @property
    def exists(self) -> bool:
        own = self._matrix in ("weight", "delta", "updated")
        if self._drawn is None and not own:
            return False
        rows, columns = self._layer.shape if self._drawn is None else self._drawn.values.shape
        return 0 <= self._row < rows and 0 <= self._column < columns

    def derive(self) -> CellDerivation:
        moved = self._moved()
        move, note = self._move(moved)
        return CellDerivation(
            cell=self._address,
            step=self._run.steps_taken,
            value=self._value(),
            value_lines=self._made_of(),
            moved=moved,
            move=move,
            path=self._path(),
            note=note,
        )

    # ------------------------------------------------------------ as it stands

    def _value(self) -> float:
        row, at = slice(self._row, self._row + 1), self._column
        if self._matrix == "weight":
            return float(self._layer.original[self._row, at])
        if self._matrix == "delta":
            return float(self._layer.delta(row)[0, at])
        if self._matrix == "updated":
            return float(self._layer.updated(row)[0, at])
        assert self._drawn is not None
        return float(self._drawn.values[self._row, at])

    def _made_of(self) -> tuple[DerivationLine, ...]:
        stored = self._run.strategy.derivations.get(self._matrix)
        if stored is not None and self._layer.update is not None:
            return stored(self._layer, self._row, self._column)
        if self._matrix == "delta":
            return self._delta()
        if self._matrix == "updated":
            return self._updated()
        if self._role == "bias":
            return self._bias_delta()
        if self._role == "gradient" and self._trace is not None:
            return self._loss_gradient(f"{self._name}.weight", "Gᵢⱼ")
        return ()

    def _delta(self) -> tuple[DerivationLine, ...]:
        layer, row, column = self._layer, self._row, self._column
        if layer.update is not None:
            return layer.update.derive_delta(row, column, layer.weight)
        now, before = layer.weight[row, column], layer.original[row, column]
        return (formula_line("ΔWᵢⱼ", "W′ᵢⱼ − Wᵢⱼ", "{} − {}", now, before),)

    def _updated(self) -> tuple[DerivationLine, ...]:
        if self._layer.update is None:
            return ()
        lines, before = self._delta(), self._layer.original[self._row, self._column]
        return *lines, formula_line("W′ᵢⱼ", "Wᵢⱼ + ΔWᵢⱼ", "{} + {}", before, lines[-1].value)

    def _bias_delta(self) -> tuple[DerivationLine, ...]:
        layer, row = self._layer, self._row
        if layer.update is not None:
            return layer.update.derive_bias(row, layer.weight)
        assert layer.bias is not None
        assert layer.original_bias is not None
        now, before = layer.bias[row], layer.original_bias[row]
        return (formula_line("Δbᵢ", "b′ᵢ − bᵢ", "{} − {}", now, before),)

    # ------------------------------------------------------------ how a step moves it

    def _moved(self) -> str:
        """Name of the parameter or the buffer that the cell's number is one of."""
        update, key = self._layer.update, self._matrix
        if self._role == "statistic":
            return f"{self._name}.norm.{key}"
        if update is not None and key in dict(update.named_parameters()):
            return f"{self._name}.update.{key}"
        own = "weight" if key in ("delta", "updated") else "bias" if self._role == "bias" else ""
        moves = own and update is None
        name = f"{self._name}.{own}"
        return name if moves and self._run.strategy.trains(name) else ""

    def _move(self, moved: str) -> tuple[tuple[DerivationLine, ...], str]:
        """The lines, and what to know of them."""
        run, trace = self._run, self._trace
        if self._matrix == "weight":
            return (), W_IS_FIXED
        if self._drawn is not None and self._drawn.info.no_step:
            return (), self._drawn.info.no_step
        if not run.settings.is_studied:
            return (), "Not available for a network this large."
        if run.steps_taken == 0:
            return (), "No step has been taken yet."
        if trace is None:
            return (), "The last step was not traced."
        if self._role == "statistic":
            return self._statistic(moved)
        if moved in trace.moves:
            return self._step(moved), ""
        followed = any(name.startswith(f"{self._name}.update.") for name in trace.moves)
        return self._asked() if followed and not moved else ((), self._frozen())

    def _frozen(self) -> str:
        run, block = self._run, self._name.partition(".")[0]
        unfreeze_at = run.unfreeze_steps().get(block, 0)
        if run.steps_taken <= unfreeze_at and block not in (run.settings.frozen or ()):
            return f"{self._name} waits until step {unfreeze_at}: until then it has no gradient."
        if block in run.frozen():
            return f"{self._name} is locked: it has no gradient."
        return f"The strategy freezes {self._name}: it has no gradient."

    def _asked(self) -> tuple[tuple[DerivationLine, ...], str]:
        """What the loss asks of a number that is made of others."""
        made = "It is not trained directly; it is computed from the trained parameters."
        if self._matrix in ("delta", "updated"):
            return self._loss_gradient(f"{self._name}.weight", "∂L/∂W′ᵢⱼ"), made
        return self._loss_gradient(f"{self._name}.bias", "∂L/∂b′ᵢ"), made

    def _loss_gradient(self, name: str, symbol: str = "g") -> tuple[DerivationLine, ...]:
        """∂L/∂θ without the penalty. Args: name: of the parameter."""
        trace = self._traced()
        inputs, grad_output = trace.dry_run.inputs_and_grads[self._name]
        _, key = name.rsplit(".", 1)
        n, grad_outputs = trace.count, trace.grad_output(self._name)[:, self._row]
        if key == "bias":
            return (sum_line(symbol, "1/n · Σ δᵢ", grad_outputs, scale=1 / n),)
        if ".update." not in name:
            x = inputs[:, self._column]
            return (sum_line(symbol, "1/n · Σ δᵢ · xⱼ", grad_outputs, x, scale=1 / n),)
        then = trace.network.get_submodule(self._name)
        assert isinstance(then, Layer)
        assert then.update is not None
        return then.update.derive_gradient(
            key, self._row, self._column, trace.gradient(self._name), grad_output, then
        )

    def _step(self, name: str) -> tuple[DerivationLine, ...]:
        """From the batch to the number after the step."""
        trace, place = self._traced(), self._place
        lines = list(self._loss_gradient(name))
        penalty, g = trace.strategy.derive_penalty, lines[-1].value
        if penalty is not None and name in trace.penalties:
            lines += penalty(trace.network, trace.settings, name, place)
            lines.append(formula_line("g′", "g + ∂P", "{} + {}", g, lines[-1].value))
        lines += self._rate(name)
        key = name.rsplit(".", 1)[1]
        lines += trace.moves[name].lines(place, self._symbol)
        now = trace.after.get_submodule(self._name)
        assert isinstance(now, Layer)
        if now.update is not None:
            lines += now.update.derive_after_step(key, self._row, self._column, lines[-1].value)
        return tuple(lines)

    def _rate(self, name: str) -> tuple[DerivationLine, ...]:
        """η, where it is not the one that is set."""
        trace = self._traced()
        share = schedule_factor(trace.settings, trace.step - 1)
        speed = trace.strategy.lr_multiplier(name, trace.settings)
        parts = [(trace.settings.learning_rate, "η₀"), (share, "schedule"), (speed, "speed")]
        used = [parts[0], *(part for part in parts[1:] if part[0] != 1.0)]
        if len(used) == 1:
            return ()
        text, pattern = " · ".join(word for _, word in used), " · ".join("{}" for _ in used)
        value = trace.dry_run.learning_rate * speed
        return (formula_line("η", text, pattern, *(number for number, _ in used), value=value),)

    def _statistic(self, name: str) -> tuple[tuple[DerivationLine, ...], str]:
        """BatchNorm's running mean or variance: no gradient moves it, but each batch does."""
        trace = self._traced()
        norm = trace.network.get_submodule(f"{self._name}.norm")
        assert isinstance(norm, nn.BatchNorm1d)
        if self._name in frozen_batchnorm_layers(trace.network, trace.settings):
            return (), "BatchNorm's statistics do not change while their layer is frozen."
        n, z = trace.count, trace.outputs(self._name)[:, self._row]
        share, before = float(norm.momentum or 0.0), float(norm.get_buffer(self._matrix)[self._row])
        if self._matrix == "running_mean":
            seen, symbol = sum_line("z̄ᵢ", "1/n · Σ zᵢ", z, scale=1 / n), "meanᵢ"
        else:
            away = z - z.mean()
            seen = sum_line("s²ᵢ", "1/(n − 1) · Σ (zᵢ − z̄ᵢ)²", away, away, scale=1 / (n - 1))
            symbol = "varᵢ"
        text, pattern = f"(1 − ρ) · {symbol} + ρ · {seen.symbol}", "(1 − {}) · {} + {} · {}"
        after = formula_line(symbol, text, pattern, share, before, share, seen.value)
        return (seen, after), "It has no gradient: each batch updates it."

    def _path(self) -> tuple[DerivationLine, ...]:
        """Through the adapter that the cell is one of."""
        block, _, part = self._name.partition(".")
        trace = self._trace
        adapter = None if trace is None else trace.network.get_submodule(block)
        if trace is None or not isinstance(adapter, Adapter) or self._matrix == "weight":
            return ()
        inputs = trace.dry_run.inputs_and_grads[f"{block}.down"][0][0]
        hidden = trace.dry_run.hidden[block][0]
        if part == "up":
            return derive_adapter_output(adapter, self._row, self._column, hidden, inputs)
        heaviest = int(adapter.up.updated()[:, self._row].abs().argmax())
        return derive_adapter_output(adapter, heaviest, self._row, hidden, inputs)

    @property
    def _place(self) -> int:
        """In the flat parameter."""
        columns = (self._layer if self._drawn is None else self._drawn.values).shape[1]
        return self._row * int(columns) + self._column

    @property
    def _symbol(self) -> str:
        """What the number is called while it moves."""
        if self._drawn is None:
            return "W′"
        info = self._drawn.info
        return "b′" if info.role == "bias" else info.symbol or info.title

    def _traced(self) -> TracedStep:
        assert self._trace is not None
        return self._trace
