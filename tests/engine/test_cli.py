"""The command line without a window."""

import dataclasses
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import main
from engine.protocol.command_line import collect_settings, parse_arguments
from engine.protocol.number_text import parse_number, parse_whole_number
from engine.protocol.setting import Integer, Number, Setting
from engine.protocol.settings import SETTINGS, Settings
from engine.trainer import Trainer

ROOT = Path(__file__).resolve().parents[2]


@dataclasses.dataclass
class Ended:
    """A command that has ended."""

    returncode: object
    stdout: str
    stderr: str


Run = Callable[..., Ended]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Carry out a command line in this process, which has torch already."""

    def carried_out(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["main.py", *arguments])
        try:
            code: object = main.main()
        except SystemExit as stopped:
            code = stopped.code
        return Ended(code, *capsys.readouterr())

    return carried_out


def _run_process(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip


def test_train_prints_one_json_object() -> None:
    done = _run_process(*"train --strategy lora --rank 4 --learning-rate 3e-3 --steps 30 --seed 0 "
                 "--freeze layer1,layer2 --json".split())  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    settings = Settings(strategy="lora", rank=4, learning_rate=3e-3, frozen=("layer1", "layer2"))
    trainer = Trainer(settings)
    for _ in range(30):
        trainer.step()
    frame = trainer.frame()
    assert result["loss"] == pytest.approx(frame.measurements.train_loss)
    assert result["target_accuracy"] == frame.measurements.target_accuracy
    assert result["source_accuracy"] == frame.measurements.source_accuracy
    assert result["trainable_parameters"] == frame.trainable_parameters == 4 * 80 + 410
    assert [layer["name"] for layer in result["layers"]] == ["layer1", "layer2", "layer3", "head"]
    for printed, layer in zip(result["layers"], frame.layers, strict=True):
        assert printed["shape"] == list(layer.weight.shape)
        assert printed["trainable"] is layer.trainable
        assert printed["updated_sha256"] == _sha256(layer.updated)
        assert printed["weight_sha256"] == _sha256(layer.weight)
    assert result["layers"][0]["updated_sha256"] == result["layers"][0]["weight_sha256"]


def _sha256(matrix: np.ndarray) -> str:
    return hashlib.sha256(matrix.tobytes()).hexdigest()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--rank 31", ["rank", "31", "1 to 30"]),
        ("--rank four", ["rank", "four", "whole number"]),
        ("--learning-rate 0", ["learning_rate", "0.0", "above 0"]),
        ("--learning-rate nan", ["learning-rate", "nan", "not a number"]),
        ("--learning-rate 1e999", ["learning-rate", "1e999", "too large"]),
        ("--rank 1_6", ["rank", "1_6", "whole number"]),
        ("--rank ٣", ["rank", "٣", "whole number"]),
        ("--rank 1,5", ["rank", "1,5", "whole number"]),
        ("--steps 1,5", ["steps", "1,5", "whole number"]),
        ("--alpha 1_000", ["alpha", "1_000", "not a number"]),
        ("--alpha 1,024", ["alpha", "1024 or 1.024"]),
        ("--freeze ,,", ["freeze", "',,'", "at least one layer"]),
        ("--freeze=", ["freeze", "''", "at least one layer"]),
        ("--strategy lorra", ["strategy", "lorra", "lora"]),
        ("--task digits", ["task", "digits", "digits-to-rotated"]),
        ("--freeze layer1,layr2", ["frozen", "layr2", "layer1, layer2, layer3, head"]),
        ("--optimizer rmsprop", ["optimizer", "rmsprop", "adamw"]),
        ("--steps -1", ["steps", "-1", "at least 0"]),
        ("--steps x", ["steps", "x", "whole number"]),
        ("--learning-rate fast", ["learning-rate", "fast", "a number"]),
        ("--bogus", ["--bogus"]),
        ("--schedule exponential", ["schedule", "exponential", "cosine"]),
        ("--warmup-steps -1", ["warmup_steps", "-1", "0 to 1,000,000"]),
        ("--total-steps 0", ["total_steps", "0", "1 to 1,000,000"]),
        ("--label-noise 0.95", ["label_noise", "0.95", "0.9"]),
        ("--dropout lots", ["dropout", "lots", "a number"]),
        ("--batch-norm --batch-size 1", ["batch_size", "at least 2 with BatchNorm"]),
        ("--batch-norm --train-samples 1", ["train_samples", "at least 2 with BatchNorm"]),
        ("--bottleneck 0", ["bottleneck", "0", "1 to 40"]),
        ("--strategy adalora --total-steps none", ["total-steps", "none", "whole number"]),
        ("--schedule cosine --warmup-steps 300", ["warmup_steps", "300", "below total_steps"]),
        (
            "--strategy gradual_unfreezing --schedule linear --total-steps 200",
            ["stage_steps", "75", "3 times it is below total_steps, 200"],
        ),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments: str, words: list, run: Run) -> None:
    done = run("train", *arguments.split())
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ("--size ٦٤٠x٤٨٠", "640x480"), ("--size 1_600x1000", "640x480"),
        ("--measure 1,500", "1500 or 1.500"), ("--measure 86_400", "not a number"),
        ("cost --rank 8,5", "whole number"), ("cost --blocks 3_2", "whole number"),
        ("cost --preset qwen3-4b --method lora --targets ,,", "at least one of q, k, v"),
    ],
)  # fmt: skip
def test_every_option_reads_numbers_and_names_by_the_same_rule(
    arguments: str, word: str, run: Run
) -> None:
    done = run(*arguments.split())
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert word in done.stderr


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS.keys())
def test_the_numbers_of_a_range_are_read_back(setting: Setting) -> None:
    """A range that says 1,000 for fractions would name what is refused if one types it."""
    if not isinstance(setting.kind, Integer | Number):
        return
    parse = parse_number if isinstance(setting.kind, Number) else parse_whole_number
    said = [parse(word) for word in setting.allowed.split() if word[0].isdigit()]
    assert set(said) <= {setting.kind.least, setting.kind.most}
    assert said[0] == setting.kind.least


def test_the_program_ends_with_that_line_and_code() -> None:
    done = _run_process(*"--schedule cosine --warmup-steps 300".split())
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "below total_steps" in done.stderr


def test_every_setting_is_an_option_of_the_window_and_of_train() -> None:
    given = (
        "--strategy adapter --task digits-0-4-to-5-9 --learning-rate 0.01 --rank 3 --alpha 6 "
        "--bottleneck 4 --head-width 5 --optimizer adamw --batch-size 16 --weight-decay 0.1 "
        "--schedule cosine --warmup-steps 20 --total-steps 400 --rate-ratio 8 --rate-decay 2 "
        "--stage-steps 50 --penalty 0.5 --old-samples 50 --dropout 0.1 --patience 30 "
        "--label-noise 0.3 --train-samples 40 --batch-norm --freeze-statistics --freeze layer1 "
        "--seed 7 --width 48 --depth 4 --new-head"
    )
    wanted = Settings(
        strategy="adapter", task="digits-0-4-to-5-9", learning_rate=0.01, rank=3, alpha=6.0,
        bottleneck=4, head_width=5, optimizer="adamw", batch_size=16, weight_decay=0.1,
        schedule="cosine", warmup_steps=20, total_steps=400, rate_ratio=8.0, rate_decay=2.0,
        stage_steps=50, penalty=0.5, old_samples=50, dropout=0.1, patience=30, label_noise=0.3,
        train_samples=40, batch_norm=True, freeze_statistics=True, frozen=("layer1",), seed=7,
        width=48, depth=4, new_head=True,
    )  # fmt: skip
    for command in ([], ["train"]):
        chosen = collect_settings(parse_arguments([*command, *given.split()]))
        assert chosen.keys() == {field.name for field in dataclasses.fields(Settings)}
        assert Settings(**chosen) == wanted
    assert collect_settings(parse_arguments(["--no-batch-norm"])) == {"batch_norm": False}
    assert collect_settings(parse_arguments([])) == {}


def test_a_diverging_run_says_so(run: Run) -> None:
    done = run("train", "--learning-rate", "1e30", "--json")
    assert done.returncode == 1
    assert "diverged" in done.stderr
    assert "step 0 was the last good one" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_strategy_brings_its_defaults_unless_told_otherwise(run: Run) -> None:
    one_step = ("train", "--strategy", "weight_update", "--steps", "1", "--json")
    assert json.loads(run(*one_step).stdout)["settings"]["optimizer"] == "sgd"
    told = run(*one_step, "--optimizer", "adam").stdout
    assert json.loads(told)["settings"]["optimizer"] == "adam"


def test_train_imports_no_qt() -> None:
    code = (
        "import sys; sys.argv = ['deltaw', 'train', '--steps', '1']\n"
        "import main; main.main()\n"
        "assert not [m for m in sys.modules if 'PySide' in m or 'pyqtgraph' in m]"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          timeout=100, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_run_lost_in_its_last_step_says_so(run: Run) -> None:
    done = run("train", "--learning-rate", "1e30", "--steps", "1", "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "diverged" in done.stderr


def test_steps_count_wherever_they_stand(run: Run) -> None:
    before = json.loads(run("--steps", "3", "train", "--json").stdout)
    after = json.loads(run("train", "--steps", "3", "--json").stdout)
    assert before == after
    assert before["steps"] == 3


@pytest.mark.parametrize(
    "arguments", ["--lesson 3 train", "--screenshot x.png train", "--screenshot x --measure 1"]
)
def test_options_that_do_not_go_together_are_refused(arguments: str, run: Run) -> None:
    done = run(*arguments.split())
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_a_reader_who_leaves_early_gets_no_traceback() -> None:
    done = subprocess.run(
        f"{sys.executable} main.py train --steps 1 | true",
        shell=True, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a file of Linux that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_one_line(unbuffered: str) -> None:
    done = subprocess.run(
        f"{sys.executable} main.py cost --preset gpt2 > /dev/full",
        shell=True, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "cannot be written: No space left" in done.stderr
