"""The cost calculator across the seam."""

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from engine.cli import run
from engine.cost import answers
from engine.cost.plan import METHODS
from engine.cost.presets import MODELS
from engine.protocol.codec import MessageDecoder, MessageEncoder
from engine.protocol.command_line import parse_arguments
from engine.protocol.command_queue import CommandQueue
from engine.protocol.messages import Catalogue, CostEstimate, EstimateCost, Play
from engine.protocol.settings import Settings
from engine.protocol.sizes import byte_text
from tests.engine.process_driver import engine


def _answer(plan: dict[str, Any]) -> CostEstimate:
    return answers.estimate_cost(EstimateCost(plan))


def test_an_answer_holds_what_the_command_line_prints(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = (
        "cost --preset llama-3-8b --method dora --rank 32 --targets q,v --precision 4 --json"
    )
    assert run(parse_arguments(arguments.split())) == 0
    printed = json.loads(capsys.readouterr().out)
    plan = {"preset": "llama-3-8b", "method": "dora", "rank": 32, "targets": ("q", "v"),
            "precision": 4}  # fmt: skip
    estimate = _answer(plan)
    assert (estimate.plan, estimate.problem, estimate.field) == (plan, "", "")
    assert json.loads(json.dumps(estimate.values)) == printed


def test_a_question_comes_back_equal_through_bytes() -> None:
    plan = {"dimensions": {"blocks": 2, "gated": False}, "targets": ("q",), "rank": "four"}
    question = MessageDecoder().decode(MessageEncoder().encode(EstimateCost(plan)))
    assert isinstance(question, EstimateCost)
    estimate = MessageDecoder().decode(MessageEncoder().encode(answers.estimate_cost(question)))
    assert isinstance(estimate, CostEstimate)
    assert estimate.plan == plan


@pytest.mark.parametrize(
    ("plan", "field", "problem"),
    [
        ({"preset": "roberta-base", "rank": 0}, "rank", "must be a whole number from 1 to 768"),
        (
            {"preset": "roberta-base", "rank": "four"},
            "rank",
            "must be a whole number from 1 to 768",
        ),
        ({"preset": "roberta-base", "targets": ()}, "targets", "must be at least one of q, k, v"),
        ({"preset": "roberta-base", "targets": "q"}, "targets", "must be at least one of q, k, v"),
        ({"preset": ["roberta-base"]}, "preset", "must be one of llama-3.2-1b"),
        ({"preset": "llama-3-8b", "method": "bitfit"}, "method", "must be another one: Llama-3-8B"),
        ({"preset": "llama-3-8b", "method": "full", "precision": 4}, "precision", "must be 32 or"),
        ({"preset": "llama-3-8b", "precision": 16.0}, "precision", "must be one of 32, 16, 8, 4"),
        ({"preset": "llama-3-8b", "tasks": 1001}, "tasks", "whole number from 1 to 1,000"),
        ({"preset": "llama-3-8b", "bogus": 1}, "bogus", "must be one of the fields"),
        ({"dimensions": {"blocks": 1}}, "width", "must be a whole number from 1 to 100,000"),
        ({}, "preset", "must be one of"),
    ],
)
def test_a_bad_plan_is_answered_with_its_field_and_what_would_do(
    plan: dict[str, Any], field: str, problem: str
) -> None:
    estimate = _answer(plan)
    assert (estimate.plan, estimate.values, estimate.field) == (plan, {}, field)
    assert problem in estimate.problem


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.tuples(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)
_fields = st.sampled_from(
    ["preset", "dimensions", "method", "rank", "bottleneck", "tokens", "targets", "precision",
     "tasks", "bytes_per_parameter", "adapter_bytes", "batch_size", "sequence_length",
     "checkpointing", "nonsense"]
)  # fmt: skip


@given(st.dictionaries(_fields, _anything))
def test_nonsense_is_answered_not_raised(plan: dict[str, Any]) -> None:
    estimate = _answer({"preset": "gpt2-medium", **plan})
    assert bool(estimate.problem) == (not estimate.values)


def test_the_catalogue_offers_what_can_be_asked() -> None:
    catalogue = answers.catalogue()
    assert catalogue.precisions == (32, 16, 8, 4)
    assert {method.name for method in catalogue.methods} == set(METHODS)
    for model in catalogue.models:
        parameters = MODELS[model.name].parameters
        assert model.source
        for method in catalogue.methods:
            known = [name for name in method.targets if name in model.projections]
            estimate = _answer({"preset": model.name, "method": method.name,
                                "targets": tuple(known)})  # fmt: skip
            assert estimate.values or estimate.field == "method"
            assert estimate.values.get("total_parameters", parameters) == parameters
        # What it says one would type is the model.
        typed = _answer({"dimensions": model.dimensions})
        assert typed.values["total_parameters"] == parameters
    assert {model.dimensions["family"] for model in catalogue.models} == {
        family.name for family in catalogue.families
    }


def test_of_questions_that_wait_only_the_newest_counts() -> None:
    inbox = CommandQueue()
    for rank in range(1, 9):
        inbox.put(EstimateCost({"preset": "gpt2-medium", "rank": rank}))
    assert inbox.take(0) == [EstimateCost({"preset": "gpt2-medium", "rank": 8})]


def test_an_engine_answers_while_it_trains() -> None:
    plan = {"preset": "gpt3-175b", "rank": 4}
    with engine(Settings(strategy="lora")) as driver:
        assert driver.wait_for(Catalogue).cost == answers.catalogue()
        driver.send(Play())
        driver.frame(lambda frame: frame.step > 5)
        driver.send(EstimateCost(plan), EstimateCost({"preset": "none"}))
        estimates = [driver.wait_for(CostEstimate)]
        if estimates[0].plan == plan:  # taken before the second came
            assert estimates[0].values["trainable_parameters"] == 18_874_368
            estimates.append(driver.wait_for(CostEstimate))
        assert estimates[-1].field == "preset"
        step = driver.frame().step
        assert driver.frame(lambda frame: frame.step > step).playing


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1 kB"), (999_499, "999 kB"),
        (999_500, "1 MB"), (65_536_000, "65.5 MB"), (350_000_000_000, "350 GB"),
        (1_411_074_129_920, "1.41 TB"), (10**15, "1 PB"), (1_370 * 10**15, "1.37 EB"),
        (12 * 10**21, "12,000 EB"),
    ],
)  # fmt: skip
def test_bytes_are_written_in_decimal_units(count: int, text: str) -> None:
    assert byte_text(count) == text
