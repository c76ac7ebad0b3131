"""The engine process before its first step."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CODE = """
import json, sys, threading
from engine.process import worker
from engine.protocol.command_queue import CommandQueue
from engine.protocol.messages import Catalogue, Configure, Frame, RequestFrame, Step
from engine.protocol.settings import Settings

loaded, done = [], threading.Event()

class Outbox:
    command = 1

    def put(self, message):
        if isinstance(message, Catalogue):
            loaded.append(set(sys.modules))
        if isinstance(message, Frame) and message.step == 8:
            loaded.append(set(sys.modules))
            done.set()

    def put_frame(self, frame, measurements):
        self.put(frame)

commands = CommandQueue()
for optimizer in ("sgd", "momentum", "adam", "adamw"):
    commands.put(Configure(Settings(optimizer=optimizer)))
    commands.put(Step(2))
commands.put(RequestFrame())
engine = threading.Thread(target=worker._train, args=(commands, Outbox(), Settings()))
engine.start()
while not done.wait(0.05):
    commands.put(RequestFrame())
commands.close()
engine.join()
late = (name for name in loaded[1] - loaded[0] if name.startswith("torch"))
print(json.dumps(sorted(late)))
"""


def test_torch_imports_nothing_once_play_can_be_pressed() -> None:
    """The catalogue enables Play; torch.optim's first optimizer imports some 800 modules."""
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, timeout=100,
        check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == []
