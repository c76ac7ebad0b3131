"""The command line's `cost`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli import run
from engine.cost.plan import METHODS
from engine.protocol.command_line import parse_arguments

ROOT = Path(__file__).resolve().parents[3]


def _cost(capsys: pytest.CaptureFixture[str], arguments: str) -> tuple[int, str, str]:
    try:
        code = run(parse_arguments(["cost", *arguments.split()]))
    except SystemExit as exit_:
        code = exit_.code
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_cost_prints_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = "--preset gpt2-medium --method lora --rank 4 --targets q,v --json"
    code, out, error = _cost(capsys, arguments)
    assert (code, error) == (0, "")
    assert out.count("\n") == 1
    result = json.loads(out)
    assert result["trainable_parameters"] == 393_216
    assert result["total_parameters"] == 354_823_168
    assert result["checkpoint_bytes"] == 4 * 393_216
    assert result["state_bytes"] == 2 * 354_823_168 + (4 + 4 + 8) * 393_216
    memory = result["memory"]
    assert (
        sum(size for name, size in memory.items() if name != "excluded") == (result["memory_bytes"])
    )
    assert result["tasks"] == {
        "count": 10,
        "copies_bytes": 20 * 354_823_168,
        "adapters_bytes": 2 * 354_823_168 + 40 * 393_216,
    }
    full = result["full_memory"]
    assert (full["model_bytes"], full["gradient_bytes"]) == (2 * 354_823_168, 2 * 354_823_168)
    assert (full["second_copy_bytes"], full["optimizer_bytes"]) == (
        4 * 354_823_168, 8 * 354_823_168
    )  # fmt: skip
    assert result["gpus"] == {"8": 1, "16": 1, "24": 1, "48": 1, "80": 1}
    assert (result["rank"], result["targets"]) == (4, ["q", "v"])
    assert "temporary buffers" in result["memory"]["excluded"]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_its_cost(capsys: pytest.CaptureFixture[str], method: str) -> None:
    code, out, error = _cost(capsys, f"--preset roberta-base --method {method} --json")
    assert (code, error) == (0, "")
    result = json.loads(out)
    assert result["method"] == method
    assert 0 < result["trainable_parameters"] <= result["total_parameters"]
    assert _cost(capsys, f"--preset roberta-base --method {method}")[0] == 0


def test_cost_says_what_ten_tasks_take(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _cost(capsys, "--preset llama-3-70b --rank 16 --precision 4")
    assert code == 0
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert "32,768,000 of 70,553,706,496" in lines["trainable"]
    assert "131 MB in 32 bits or 65.5 MB in 16 bits per task" in lines["checkpoint"]
    assert "at least 52.8 GB with 1 × 2,048 tokens, checkpointing" in lines["memory"]
    assert "model 39.5 GB, cast to float32 4.21 GB" in lines["model"]
    assert "on one GPU of 80 GB" in lines["fits"]
    many = "1.41 TB as 10 full copies, 40.8 GB as one model and 10 small files"
    assert many in lines["tasks"]
    assert "not counted: temporary buffers" in out
    assert "arXiv:2407.21783" in lines["shapes"]


def test_ten_full_copies_stay_ten_copies(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _cost(capsys, "--preset gpt3-175b --method full")
    assert "3.49 TB as 10 full copies" in out
    assert "one model" not in out


def test_a_plan_that_no_gpu_holds_says_how_many_would(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _cost(capsys, "--preset llama-3-70b --method full")
    assert "at least 1.2 TB" in out
    assert "on no single GPU: it takes at least 15 of 80 GB, if all divides evenly" in out
    _, out, _ = _cost(capsys, "--preset llama-3-70b --method full --bytes-per-parameter 8")
    assert "8 bytes a trained parameter: torch.optim.AdamW" in out
    assert "at least 8 of 80 GB" in out


def test_what_a_count_leaves_out_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    for method, words in (("vera", "save_projection"), ("adapter_houlsby", "LayerNorms"),
                          ("prefix", "MLP")):  # fmt: skip
        assert words in _cost(capsys, f"--preset gpt2 --method {method}")[1].split("\nnote")[1]


def test_as_many_tasks_as_one_likes(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _cost(capsys, "--preset gpt3-175b --rank 4 --tasks 100 --adapter-bytes 2 --json")
    tasks = json.loads(out)["tasks"]
    assert tasks["count"] == 100
    assert tasks["copies_bytes"] == pytest.approx(35e12, rel=0.01)  # arXiv:2106.09685 §4.2: 35 TB
    assert tasks["adapters_bytes"] == pytest.approx(354e9, rel=0.01)  # and 354 GB


TYPED_MISTRAL = "--blocks 32 --width 4096 --inner 14336 --keys 1024 --vocabulary 32000"


def test_a_model_is_typed_in(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, error = _cost(capsys, f"{TYPED_MISTRAL} --context 32768 --rank 16 --json")
    assert (code, error) == (0, "")
    result = json.loads(out)
    assert result["preset"] is None
    assert result["total_parameters"] == 7_241_732_096  # Mistral 7B, arXiv:2310.06825 table 1
    assert result["trainable_parameters"] == 32 * 16 * (4096 + 4096 + 4096 + 1024)
    assert result["dimensions"]["gated"] is True
    assert result["dimensions"]["biases"] is False
    assert "Llama" in result["source"]


def test_flags_of_a_typed_in_model_outweigh_its_family(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, out, _ = _cost(capsys, f"{TYPED_MISTRAL} --context 32768 --no-gated --biases --json")
    plain = json.loads(out)
    assert (plain["dimensions"]["gated"], plain["dimensions"]["biases"]) == (False, True)
    # No gate in any block; a bias per output, and those of 2 norms in each block and one after.
    biases = 32 * (2 * 4096 + 2 * 1024 + 14336 + 4096 + 2 * 4096) + 4096
    assert plain["total_parameters"] == 7_241_732_096 - 32 * 4096 * 14336 + biases
    _, text, _ = _cost(capsys, f"{TYPED_MISTRAL} --context 32768 --no-gated")
    assert "LoRA on the typed-in model" in text
    assert "not gated, without biases; around the blocks as Llama" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("", ["preset", "gpt2-medium", "--blocks", "--vocabulary"]),
        ("--preset gpt2-medium --width 3", ["preset", "--width", "only one"]),
        ("--width 3 --inner 3", ["--blocks, --vocabulary, --context", "missing"]),
        (f"{TYPED_MISTRAL} --context 0", ["context", "0", "1 to 10,000,000"]),
        (f"{TYPED_MISTRAL} --context 9{'0' * 99}", ["context", "9000", "too large"]),
        (f"{TYPED_MISTRAL} --context 8 --keys 4097", ["keys", "4097", "1 to 4,096"]),
        (
            f"{TYPED_MISTRAL} --context 8 --family t5",
            ["family", "t5", "llama, gemma3, gpt2, bert, roberta"],
        ),
        (f"{TYPED_MISTRAL} --context 8 --method bitfit", ["method", "typed-in", "no biases"]),
        (f"{TYPED_MISTRAL} --context ten", ["context", "ten"]),
        ("--preset gpt2-medium --tasks 0", ["tasks", "0", "1 to 1,000"]),
        ("--preset gpt4", ["preset", "gpt4", "llama-3-8b"]),
        ("--preset gpt2-medium --method qlora", ["method", "qlora", "lora"]),
        ("--preset gpt2-medium --rank 0", ["rank", "0", "1 to 1,024"]),
        ("--preset gpt2-medium --rank four", ["rank", "four"]),
        ("--preset gpt2-medium --targets q,gate", ["targets", "gate", "q, k, v, o, up, down"]),
        ("--preset gpt2-medium --targets ,", ["targets", "q, k, v, o, up, down"]),
        ("--preset gpt2-medium --precision 3", ["precision", "3", "32, 16, 8, 4"]),
        ("--preset gpt2-medium --bottleneck -1", ["bottleneck", "-1", "1 to 1,024"]),
        ("--preset gpt2-medium --batch-size 0", ["batch_size", "0", "1 to 4,096"]),
        ("--preset gpt2-medium --sequence-length 9999", ["sequence_length", "9999", "1 to 1,024"]),
        ("--preset gpt2-medium --adapter-bytes 8", ["adapter_bytes", "8", "4, 2"]),
        ("--preset gpt2-medium --bytes-per-parameter 20", ["bytes_per_parameter", "8, 12, 16, 18"]),
        ("--preset gpt2-medium --tokens 9999", ["tokens", "9999", "1 to 1,024"]),
        ("--preset gpt2-medium --bogus 1", ["--bogus"]),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], arguments: str, words: list[str]
) -> None:
    code, out, error = _cost(capsys, arguments)
    assert (code, out) == (2, "")
    assert error.count("\n") == 1
    for word in words:
        assert word in error


def test_cost_imports_neither_torch_nor_qt() -> None:
    code = (
        "import sys; sys.argv = ['deltaw', 'cost', '--preset', 'gpt2-medium', '--json']\n"
        "import main; assert main.main() == 0\n"
        "assert not {'torch', 'PySide6', 'pyqtgraph', 'gui'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          timeout=100, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["trainable_parameters"] > 0


_ALL_LINEAR = "--targets q,k,v,o,gate,up,down"
_LLAMA_65B = "--blocks 80 --width 8192 --inner 22016 --vocabulary 32000 --context 2048"


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        # unsloth prints 33,030,144 of 4,055,498,240: the adapter itself included
        (f"--preset qwen3-4b --rank 16 {_ALL_LINEAR}", ["33,030,144 of 4,022,468,096 "]),
        ("--preset llama-3.2-1b", [" of 1,235,814,400 "]),  # the head is the embedding
        (f"{_LLAMA_65B} --rank 64 {_ALL_LINEAR}", ["3.2 GB in 32 bits or 1.6 GB in 16 bits per"]),
        (f"{_LLAMA_65B} --rank 64 {_ALL_LINEAR} --adapter-bytes 2", ["3.2 GB in 32 bits or 1.6 "]),
        ("--preset gpt2 --method full", ["checkpoint  249 MB per task"]),
    ],
)
def test_what_others_print_of_the_same_models(
    capsys: pytest.CaptureFixture[str], arguments: str, lines: list[str]
) -> None:
    code, out, error = _cost(capsys, arguments)
    assert (code, error) == (0, "")
    for line in lines:
        assert line in out


def test_an_untied_head_is_counted_once_more(capsys: pytest.CaptureFixture[str]) -> None:
    """Llama-3.2-1B typed in, with the embedding as head and with a head of its own."""
    shape = "--blocks 16 --width 2048 --inner 8192 --vocabulary 128256 --context 131072 --keys 512"
    for switch, total in (("--tied", "1,235,814,400"), ("--no-tied", "1,498,482,688")):
        assert f" of {total} " in _cost(capsys, f"{shape} {switch}")[1]
