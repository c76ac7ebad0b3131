"""Bytes that the training of a small Llama really takes, counted tensor by tensor."""

import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

from engine.cost.cost import Cost, compute_cost
from engine.cost.plan import CostPlan

KINDS = ("full", "lora", "qlora")


class Measured(NamedTuple):
    """Bytes of each term, as the calculator names them, and the most that was alive at once."""

    model_and_cast: int
    added: int
    gradients: int
    moments: int
    activations: int
    logits: int
    peak: int


def make_plan(kind: str, dimensions: dict[str, int], tokens: tuple[int, int]) -> CostPlan:
    """The plan of a training. Args: tokens: sequences, and tokens of each."""
    plan = {"method": "full", "bytes_per_parameter": 8} if kind == "full" else {"method": "lora"}
    batch_size, sequence_length = tokens
    return CostPlan.from_mapping({
        "dimensions": dimensions, "precision": 4 if kind == "qlora" else 16,
        "batch_size": batch_size, "sequence_length": sequence_length, "checkpointing": False,
        **plan,
    })  # fmt: skip


def terms(cost: Cost) -> Measured:
    """The calculator's figures under the same names."""
    return Measured(
        cost.model_bytes + cost.cast_bytes, cost.added_bytes, cost.gradient_bytes,
        cost.optimizer_bytes, cost.activation_bytes, cost.logit_bytes, cost.memory_bytes,
    )  # fmt: skip


def calculated(plan: CostPlan) -> Measured:
    """The calculator's figures of a plan."""
    return terms(compute_cost(plan))


def measure(kind: str, plan: CostPlan) -> Measured:
    """Train two batches and take one step, as people do with transformers, PEFT, bitsandbytes."""
    torch.manual_seed(0)
    model = _model(kind, plan)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained)
    tokens = torch.randint(0, plan.model.dimensions.vocabulary,
                           (plan.batch_size, plan.sequence_length or 1))  # fmt: skip

    def backward() -> None:
        model(
            input_ids=tokens, attention_mask=torch.ones_like(tokens), labels=tokens
        ).loss.backward()

    fixed = [*model.parameters(), *_quantisation(model)]
    with saved_for_backward(fixed) as saved:
        backward()
    logits = sum(size for size, shape in saved if shape[-1:] == (plan.model.dimensions.vocabulary,))
    optimizer.step()
    gradients = _storage_bytes(p.grad for p in trained if p.grad is not None)
    states = [t for s in optimizer.state.values() for t in s.values() if t.numel() > 1]
    optimizer.zero_grad()
    with _LiveBytes() as live:
        backward()
        backward()
        optimizer.step()
    added = [p for name, p in model.named_parameters() if "lora_" in name]
    return Measured(
        model_and_cast=_storage_bytes(fixed) - _storage_bytes(added),
        added=_storage_bytes(added),
        gradients=gradients,
        moments=_storage_bytes(states),
        activations=sum(size for size, _ in saved) - logits,
        logits=2 * logits,  # the gradient is as large as what is saved
        peak=_storage_bytes(fixed) + _storage_bytes(states) + live.peak,
    )


def _model(kind: str, plan: CostPlan) -> nn.Module:
    from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
    from transformers import LlamaConfig, LlamaForCausalLM

    d = plan.model.dimensions
    heads = d.width // 32
    model: Any = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=d.vocabulary, hidden_size=d.width, intermediate_size=d.inner,
            num_hidden_layers=d.blocks, num_attention_heads=heads,
            num_key_value_heads=(d.keys or d.width) // 32, use_cache=False,
        )
    ).to(torch.bfloat16)  # fmt: skip
    if kind == "qlora":
        _quantise(model)
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    if kind != "full":
        model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj", "v_proj"]))
    return model.train()


def _quantise(model: Any) -> None:
    """Replace the blocks' matrices by NF4, as loading a model in 4 bits does."""
    import bitsandbytes as bnb

    for layer in model.model.layers:
        linear = [(n, m) for n, m in layer.named_modules() if isinstance(m, nn.Linear)]
        for name, module in linear:
            new = bnb.nn.Linear4bit(
                module.in_features, module.out_features, bias=False, quant_type="nf4",
                compute_dtype=torch.bfloat16, compress_statistics=True,
            )  # fmt: skip
            new.weight = bnb.nn.Params4bit(
                module.weight.data, requires_grad=False, quant_type="nf4",
                compress_statistics=True, module=new,
            )  # fmt: skip
            parent, _, last = name.rpartition(".")
            setattr(layer.get_submodule(parent), last, new)
    model.to("cpu")  # packs the codes
    model.is_loaded_in_4bit = True


def _quantisation(model: nn.Module) -> Iterator[Tensor]:
    """Scales of the packed matrices, and the scales of these."""
    for parameter in model.parameters():
        state = getattr(parameter, "quant_state", None)
        if state is not None:
            yield from (state.absmax, state.offset, state.state2.absmax)


def _storage_bytes(tensors: Iterable[Tensor]) -> int:
    return sum({t.untyped_storage().data_ptr(): t.untyped_storage().nbytes()
                for t in tensors}.values())  # fmt: skip


@contextmanager
def saved_for_backward(fixed: list[Tensor]) -> Iterator[list[tuple[int, tuple[int, ...]]]]:
    """Collect (bytes, shape) of what autograd keeps, each memory once, and no parameter."""
    known = {tensor.untyped_storage().data_ptr() for tensor in fixed}
    kept: dict[int, Tensor] = {}
    sizes: list[tuple[int, tuple[int, ...]]] = []

    def pack(tensor: Tensor) -> Tensor:
        pointer = tensor.untyped_storage().data_ptr()
        if pointer not in known and pointer not in kept:
            kept[pointer] = tensor  # no other tensor gets its place meanwhile
            sizes.append((tensor.untyped_storage().nbytes(), tuple(tensor.shape)))
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        yield sizes


class _LiveBytes(TorchDispatchMode):
    """Adds up the memory of all tensors made within it, and remembers the most."""

    def __init__(self) -> None:
        super().__init__()
        self.peak = self._now = 0
        self._sizes: dict[int, int] = {}

    def __torch_dispatch__(self, func: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        tree_map_only(Tensor, self._add, made)
        return made

    def _add(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        key = storage._cdata  # noqa: SLF001, the same for every view; memory may be unmade yet
        if key not in self._sizes:
            self._sizes[key] = storage.nbytes()
            self._now += self._sizes[key]
            self.peak = max(self.peak, self._now)
            weakref.finalize(storage, self._drop, key)

    def _drop(self, key: int) -> None:
        self._now -= self._sizes.pop(key)
