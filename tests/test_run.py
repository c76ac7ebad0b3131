"""The set-up script, as far as it goes without a network."""

import ast
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import run
from engine.installation import system, torch_build
from engine.installation.pip_settings import network_settings, pip_environment, python_environment
from engine.protocol import display

PLAIN = {"PATH": os.environ["PATH"], "HOME": "/home/student"}


class BecameAnotherProgram(Exception):
    """Raised in place of os.execve, which never returns either."""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project whose .venv needs no making: pip and venv are only recorded."""
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["numpy", "torch>=2,<3"]\n')
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(run, "VENV_PYTHON", tmp_path / ".venv" / "python")
    monkeypatch.setattr(run, "MADE_FOR", tmp_path / ".venv" / "made-for.txt")
    monkeypatch.setattr(run, "INSTALLED", tmp_path / ".venv" / "installed.txt")
    monkeypatch.setattr(torch_build, "torch_index", list)
    monkeypatch.setattr(torch_build, "ask_if_large", lambda *_, agreed: None)
    monkeypatch.setattr(run, "pip_environment", lambda python, environment: {})
    return tmp_path


@pytest.fixture
def installs(project, monkeypatch):
    """What pip was asked to install, in order."""
    asked = []

    def make_venv():
        (project / ".venv").mkdir(exist_ok=True)
        (project / ".venv" / "python").touch()
        asked.append("venv")

    monkeypatch.setattr(run, "make_venv", make_venv)
    monkeypatch.setattr(run, "venv_works", (project / ".venv" / "python").exists)
    monkeypatch.setattr(run, "pip_install", lambda *what: asked.append(what[-1]))
    monkeypatch.setattr(run, "compile_packages", lambda: None)
    return asked


def test_what_is_installed_is_compiled(tmp_path, monkeypatch):
    """Else each start would compile some thousand modules where no bytecode may be written."""
    package = tmp_path / "package"
    (package / "tests").mkdir(parents=True)
    for file in (package / "__init__.py", package / "tests" / "test_it.py"):
        file.write_text("print(1)")
    monkeypatch.setattr(run, "VENV_PYTHON", Path(sys.executable))
    code = f"import sysconfig; sysconfig.get_path = lambda _: {str(tmp_path)!r}; "
    call = run.call
    monkeypatch.setattr(
        run, "call", lambda command, *more: call((*command[:3], code + command[3]), *more)
    )
    run.compile_packages()
    assert len(list(package.glob("__pycache__/*.pyc"))) == 1
    assert not list(package.glob("tests/__pycache__/*"))


@pytest.fixture
def became(monkeypatch):
    """The commands that run.py handed over to, with their environments."""
    calls = []

    def execve(program, command, environment):
        calls.append((command, environment))
        raise BecameAnotherProgram(program)

    monkeypatch.setattr(run, "set_up", lambda extra="", agreed=False: None)
    monkeypatch.setattr(run, "missing_qt_packages", lambda environment: [])
    monkeypatch.setattr(os, "execve", execve)
    return calls


def with_environment(monkeypatch, **values):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in values.items():
        monkeypatch.setenv(name, value)


# --- set up once, and again only when something changed ---


def test_a_finished_set_up_is_not_done_again(installs):
    run.set_up()
    assert installs == ["venv", "torch>=2,<3", "."]
    run.set_up()
    assert len(installs) == 3


def test_the_checking_tools_include_what_the_window_needs(installs):
    run.set_up("dev")
    assert installs[-1] == ".[dev]"
    run.set_up()
    run.set_up("dev")
    assert len(installs) == 3


def test_the_window_does_not_include_the_checking_tools(installs):
    run.set_up()
    run.set_up("dev")
    assert installs[3:] == ["torch>=2,<3", ".[dev]"]


def test_a_changed_pyproject_is_installed_again_in_the_same_place(installs, project):
    run.set_up()
    with (project / "pyproject.toml").open("a") as file:
        file.write("# changed\n")
    run.set_up()
    assert installs[3:] == ["torch>=2,<3", "."]


@pytest.mark.parametrize("what", ["version", "base_prefix"])
def test_another_python_is_another_set_up(installs, monkeypatch, what):
    run.set_up()
    monkeypatch.setattr(sys, what, "something else")
    assert not run.is_set_up("")


def test_a_half_finished_set_up_does_not_count(installs, monkeypatch):
    run.set_up()
    run.INSTALLED.unlink()

    def fail(*what):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "pip_install", fail)
    with pytest.raises(KeyboardInterrupt):
        run.set_up()
    assert not run.is_set_up("")


def test_a_failing_reinstall_forgets_the_earlier_success(installs, project, monkeypatch):
    run.set_up()
    before = (project / "pyproject.toml").read_text()
    (project / "pyproject.toml").write_text(before + "# changed\n")
    monkeypatch.setattr(run, "call", lambda *_, **__: 1)
    monkeypatch.setattr(run, "pip_install", lambda *what: run.stop("no network", 1))
    with pytest.raises(SystemExit):
        run.set_up()
    (project / "pyproject.toml").write_text(before)
    assert not run.is_set_up("")


def test_a_damaged_record_is_no_record(installs):
    run.set_up()
    run.INSTALLED.write_bytes(b"\xff\xfe\x00")
    assert not run.is_set_up("")


# --- a broken or moved .venv is seen ---


def as_venv(folder, python):
    (folder / ".venv").mkdir()
    (folder / ".venv" / "python").symlink_to(python)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("python", ["/nowhere/python3", "/bin/false", sys.executable])
def test_a_venv_that_cannot_be_installed_into_is_made_anew(project, python):
    as_venv(project, python)  # gone; not Python; Python, but of another place
    assert not run.venv_works()


def test_no_venv_does_not_work(project):
    assert not run.venv_works()


def test_a_moved_venv_is_made_anew(project, monkeypatch):
    (project / ".venv").mkdir()
    run.MADE_FOR.write_bytes(run.made_for().encode())
    monkeypatch.setattr(run.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0))
    assert run.venv_works()
    monkeypatch.setattr(run, "ROOT", project / "elsewhere")
    assert not run.venv_works()


# --- what pip is asked for ---


def test_torch_is_pinned_where_pyproject_pins_it():
    assert run.torch_requirement().startswith("torch>=")


def test_pip_failing_is_one_sentence(capsys, monkeypatch):
    monkeypatch.setattr(run, "call", lambda *_, **__: 1)
    monkeypatch.setattr(run, "pip_environment", lambda python, environment: {})
    with pytest.raises(SystemExit) as stopped:
        run.pip_install("torch")
    assert stopped.value.code == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_an_index_that_never_answers_is_not_waited_for():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not torch_build.answers(f"http://127.0.0.1:{silent.getsockname()[1]}/", 0.2)


@pytest.mark.parametrize(
    ("platform", "answers", "options"),
    [
        ("linux", True, ["--index-url", torch_build.CPU_INDEX]),
        ("linux", False, []),
        ("darwin", True, []),
        ("win32", True, []),
    ],
)
def test_the_cpu_index_is_for_linux_and_only_if_it_answers(monkeypatch, platform, answers, options):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(torch_build, "answers", lambda *_: answers)
    assert torch_build.torch_index() == options


# --- whatever pip and Python are told elsewhere ---


def test_pythons_own_modules_are_taken():
    plain = {"PATH": "/bin", "PYTHONUNBUFFERED": "1", "LANG": "C"}
    astray = {"PYTHONPATH": "/x", "PYTHONHOME": "/x", "PYTHONSAFEPATH": "1"}
    assert python_environment({**plain, **astray}).items() >= plain.items()
    assert not astray.keys() & python_environment(astray).keys()


def test_pip_installs_into_the_venv_from_where_the_user_gets_packages(tmp_path, monkeypatch):
    """Of pip's variables and files what says where from stays, and what says where to goes."""
    file = tmp_path / "pip.conf"
    file.write_text(
        "[global]\ntarget = /elsewhere\nextra-index-url = https://one\n  https://two\n"
        "proxy = http://old\n[install]\nuser = true\nproxy = http://new\n"
    )
    astray = {"PIP_TARGET": "/x", "PIP_PREFIX": "/x", "PIP_NO_DEPS": "1", "PIP_DRY_RUN": "1"}
    given = {"PIP_INDEX_URL": "https://mine", "PIP_TRUSTED_HOST": "mine", "PIP_CERT": "/mine.pem"}
    system_files = {"XDG_CONFIG_DIRS": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "none")}
    environment = {**PLAIN, **astray, **given, **system_files, "PIP_CONFIG_FILE": str(file),
                   "PYTHONPATH": "/x"}  # fmt: skip
    (tmp_path / "random.py").write_text("raise ImportError('of the current folder')")
    monkeypatch.chdir(tmp_path)
    told = pip_environment(Path(sys.executable), environment)
    assert not astray.keys() & told.keys()
    assert given.items() <= told.items()
    assert told["PIP_CONFIG_FILE"] == os.devnull
    assert told["PIP_PROXY"] == "http://new"
    assert {"https://one", "https://two"} <= set(told["PIP_EXTRA_INDEX_URL"].split())
    assert "PYTHONPATH" not in told
    assert told["PATH"] == PLAIN["PATH"]


def test_a_variable_comes_before_a_file():
    assert network_settings(":env:.proxy='b'\nglobal.proxy='a'") == {"PIP_PROXY": "b"}
    assert network_settings("freeze.timeout='10'\nnonsense\nglobal.user='true'") == {}


def test_a_broken_file_of_pip_is_for_pip_to_name(tmp_path):
    file = tmp_path / "pip.conf"
    file.write_text("nonsense")
    told = pip_environment(
        Path(sys.executable), {**PLAIN, "PIP_CONFIG_FILE": str(file), "PIP_TARGET": "/x"}
    )
    assert told["PIP_CONFIG_FILE"] == str(file)
    assert "PIP_TARGET" not in told


# --- what cannot work is said before the download ---


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda patch: patch(sys, "platform", "darwin"), "Intel Macs"),
        (lambda patch: patch(torch_build.sysconfig, "get_config_var", lambda name: 1), "threaded"),
        (lambda patch: patch(torch_build.sysconfig, "get_config_var",
                             lambda name: name == "SOABI" and "cpython-312-x86_64-linux-musl"),
         "musl"),
        (lambda patch: patch(sys, "maxsize", 2**31 - 1), "32-bit"),
        (lambda patch: patch(sys.implementation, "name", "pypy"), "CPython"),
    ],
    ids=["Intel Mac", "free-threaded", "musl", "32 bits", "PyPy"],
)  # fmt: skip
def test_a_python_without_builds_is_named(monkeypatch, change, words, capsys, installs):
    monkeypatch.setattr(torch_build.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "platform", "linux")
    change(monkeypatch.setattr)
    with pytest.raises(SystemExit) as stopped:
        run.set_up()
    assert (stopped.value.code, installs) == (2, [])
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert words in said


@pytest.mark.parametrize(
    ("platform", "machine"), [("linux", "x86_64"), ("darwin", "arm64"), ("win32", "AMD64")]
)
def test_an_ordinary_python_is_supported(monkeypatch, platform, machine):
    monkeypatch.setattr(torch_build.platform, "machine", lambda: machine)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(torch_build, "_takes_long_paths", lambda: False)
    assert torch_build.why_unsupported(Path("/home/student/deltaw")) == ""


@pytest.mark.parametrize(("long_paths", "said"), [(False, True), (True, False)])
def test_a_path_too_long_for_windows_is_counted(monkeypatch, long_paths, said):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(torch_build, "_takes_long_paths", lambda: long_paths)
    problem = torch_build.why_unsupported(Path("/" + "x" * 75))
    assert bool(problem) == said
    if said:
        assert "has 76 characters" in problem
        assert "at most 63" in problem
        assert torch_build.why_unsupported(Path("/" + "x" * 62)) == ""


# --- how large PyTorch's build is ---


CUDA = {"torch": "https://a/torch.whl", "nvidia-cublas": "https://a/cublas.whl"}


@pytest.fixture
def build(monkeypatch):
    """Makes pip want these files, of these sizes, and somebody answer; returns what to call."""

    def make(files, sizes, answer):
        stdin = SimpleNamespace(isatty=lambda: answer is not None, readline=lambda: answer)
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr(torch_build, "_wanted_files", lambda *_: files)
        monkeypatch.setattr(torch_build, "file_bytes", lambda address, _: sizes[address])
        return lambda agreed=False: torch_build.ask_if_large((), {}, "torch", agreed=agreed)

    return make


def test_a_small_build_is_not_asked_about(build, capsys):
    build({"torch": "a"}, {"a": 190_000_000}, None)()
    build({}, {}, None)()  # pip cannot say: it will when it installs
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_a_no_is_the_end(build, capsys, answer):
    with pytest.raises(SystemExit) as stopped:
        build(CUDA, {"https://a/torch.whl": 9e8, "https://a/cublas.whl": 4.2e9}, answer)()
    assert stopped.value.code == 2
    assert "5.1 GB, most of it CUDA" in capsys.readouterr().err


def test_a_yes_goes_on(build):
    ask = build(CUDA, {"https://a/torch.whl": 9e8, "https://a/cublas.whl": None}, "y\n")
    ask()


def test_a_script_is_not_asked_but_told(build, capsys):
    """And goes on with --yes. A size that nobody says is not taken for none."""
    ask = build(CUDA, {"https://a/torch.whl": 9e8, "https://a/cublas.whl": None}, None)
    with pytest.raises(SystemExit) as stopped:
        ask()
    said = capsys.readouterr().err
    assert stopped.value.code == 2
    assert "at least 0.9 GB" in said
    assert "--yes" in said
    ask(agreed=True)


def test_a_file_of_this_machine_has_its_size(tmp_path):
    file = tmp_path / "with space.whl"
    file.write_bytes(b"123")
    assert torch_build.file_bytes(file.as_uri(), {}) == 3
    assert torch_build.file_bytes((tmp_path / "none").as_uri(), {}) is None


@pytest.mark.parametrize("arguments", [["--yes"], ["--yes", "train"], ["train", "--yes"]])
def test_yes_is_for_the_set_up_alone(monkeypatch, arguments):
    asked = []
    monkeypatch.setattr(run, "start", lambda rest, agreed: asked.append((rest, agreed)) or 0)
    assert run.main(arguments) == 0
    assert asked == [([name for name in arguments if name != "--yes"], True)]


# --- handing over ---


@pytest.mark.skipif(os.name == "nt", reason="a child process there")
@pytest.mark.parametrize(
    "arguments",
    [[], ["--lesson", "lora"], ["--lesson", "with space", "--strategy=lora"]],
)
def test_arguments_reach_main_untouched(became, monkeypatch, arguments):
    with_environment(monkeypatch, DISPLAY=":0")
    monkeypatch.setattr(run, "why_no_window", lambda environment: "")
    with pytest.raises(BecameAnotherProgram):
        run.start(arguments)
    command, environment = became[0]
    assert command == [str(run.VENV_PYTHON), str(run.ROOT / "main.py"), *arguments]
    assert "QT_QPA_PLATFORM" not in environment


@pytest.mark.skipif(os.name == "nt", reason="a child process there")
@pytest.mark.parametrize(
    ("arguments", "platform"),
    [
        (["--screenshot", "x.png"], "offscreen"),
        (["--measure=5"], "offscreen"),
        (["train", "--json"], None),
        (["--help"], None),
        (["--lesson", "lora", "-h"], None),
    ],
)
def test_without_a_display_what_can_run_runs(became, monkeypatch, arguments, platform):
    monkeypatch.setattr(sys, "platform", "linux")
    with_environment(monkeypatch)
    with pytest.raises(BecameAnotherProgram):
        run.start(arguments)
    assert became[0][1].get("QT_QPA_PLATFORM") == platform


@pytest.mark.parametrize("arguments", [[], ["--lesson", "train"], ["--strategy=lora"]])
def test_without_a_display_a_window_is_refused_in_one_sentence(
    became, monkeypatch, capsys, arguments
):
    monkeypatch.setattr(sys, "platform", "linux")
    with_environment(monkeypatch, DISPLAY="")
    with pytest.raises(SystemExit) as stopped:
        run.start(arguments)
    said = capsys.readouterr()
    assert stopped.value.code == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "--screenshot" in said.err
    assert "train" in said.err
    assert not became


# --- the system's own libraries ---


def test_missing_libraries_are_named_by_package(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(system, "loads", lambda library: library != "libEGL.so.1")
    assert run.missing_qt_packages(PLAIN) == [("libegl1", "libglvnd-egl")]


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, False),
        ({"DISPLAY": ":0"}, True),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "xcb"}, True),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, False),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "alive"}, False),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "dead"}, True),
    ],
)
def test_x11_libraries_are_wanted_only_on_x11(monkeypatch, variables, wanted):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(system, "loads", lambda library: False)
    alive = {"WAYLAND_DISPLAY": "alive"}
    monkeypatch.setattr(display, "_wayland_answers", lambda given: alive.items() <= given.items())
    debian = {package for package, _ in run.missing_qt_packages({**PLAIN, **variables})}
    assert ("libxcb-cursor0" in debian) == wanted
    assert "libegl1" in debian


BARE = "linux-vdso libc libm libdl libpthread librt ld-linux libgcc_s libstdc++ libz libresolv"
"""Libraries of every Debian, by the beginnings of their names."""

COME_ALONG = {
    "libglib2.0-0": ["libgthread-2.0.so.0"],
    "libgl1": ["libX11-xcb.so.1", "libxcb-randr.so.0", "libxcb-sync.so.1", "libxcb-xfixes.so.0"],
}
"""What a Debian package brings beside what its library links; libgl1 has Mesa behind it."""


def _linked(library):
    """What a library links, all in all, as ldd sees it: name -> file, None where there is none."""
    done = subprocess.run(["ldd", library], capture_output=True, text=True, check=False)
    found = {}
    for line in done.stdout.splitlines():
        name, arrow, place = line.strip().partition(" => ")
        if arrow:
            found[name] = None if place.startswith("not found") else place.split(" (")[0]
    return found


@pytest.mark.skipif(
    not (sys.platform.startswith("linux") and shutil.which("ldd")), reason="needs ldd"
)
@pytest.mark.parametrize("platform", ["offscreen", "xcb"])
def test_the_libraries_are_those_that_qt_links(platform):
    """All that Qt links and does not bring along is named, or comes with what is named."""
    qt = Path(importlib.util.find_spec("PySide6").origin).parent
    named = dict(system.QT_LIBRARIES) | (system.X11_LIBRARIES if platform == "xcb" else {})
    linked = _linked(qt / "Qt" / "plugins" / "platforms" / f"libq{platform}.so")
    for module in ("QtCore", "QtGui", "QtWidgets", "QtSvg"):
        linked |= _linked(next(qt.glob(f"{module}.*.so")))
    assert len(linked) > 20
    come_with = set(named)
    for name, (debian, _) in named.items():
        come_with |= set(COME_ALONG.get(debian, ()))
        place = linked.get(name)
        if place is not None:
            come_with |= set(_linked(place))
    ours = {name for name, place in linked.items() if place and str(qt.parent) in place}
    bare = tuple(BARE.split())
    missing = {name for name in linked if not name.startswith(bare)} - ours - come_with
    assert missing == set()
    assert set(named) <= set(linked), "named for nothing"


def test_other_systems_bring_their_own_libraries(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(system, "loads", lambda library: False)
    assert run.missing_qt_packages(PLAIN) == []


MISSING = [("libegl1", "libglvnd-egl"), ("libgl1", "libglvnd-glx")]


def as_user(monkeypatch, uid, commands):
    monkeypatch.setattr(os, "geteuid", lambda: uid, raising=False)
    monkeypatch.setattr(system.shutil, "which", lambda name: name if name in commands else None)


@pytest.mark.parametrize(
    ("commands", "how"),
    [
        (["apt-get"], "sudo apt-get install libegl1 libgl1"),
        (["dnf"], "sudo dnf install libglvnd-egl libglvnd-glx"),
        ([], "sudo apt-get install libegl1 libgl1"),
    ],
)
def test_a_user_is_told_the_command(monkeypatch, capsys, commands, how):
    as_user(monkeypatch, 1000, commands)
    with pytest.raises(SystemExit) as stopped:
        run.provide_packages(MISSING)
    assert stopped.value.code == 2
    assert capsys.readouterr().err.endswith(how + "\n")


def test_root_on_debian_installs(monkeypatch):
    as_user(monkeypatch, 0, ["apt-get"])
    ran = []
    monkeypatch.setattr(system, "apt_get", lambda *arguments: not ran.append(arguments))
    run.provide_packages(MISSING)
    assert [command[0] for command in ran] == ["update", "install"]
    assert ran[1][-2:] == ("libegl1", "libgl1")


def test_root_is_told_the_command_where_apt_fails(monkeypatch, capsys):
    as_user(monkeypatch, 0, ["apt-get"])
    monkeypatch.setattr(system, "apt_get", lambda *arguments: False)
    with pytest.raises(SystemExit):
        run.provide_packages(MISSING)
    assert "sudo apt-get install libegl1 libgl1" in capsys.readouterr().err


def test_nothing_missing_is_nothing_said(monkeypatch, capsys):
    run.provide_packages([])
    assert capsys.readouterr().err == ""


# --- checking ---


@pytest.fixture
def tools(monkeypatch):
    """Commands that `run.py test` ran; fill `codes` with tool -> exit code to let them fail."""
    ran, codes = [], {}

    def call(command, environment, folder=None, **_):
        ran.append(command[2:])
        return codes.get(command[2], 0)

    monkeypatch.setattr(run, "provide_packages", lambda missing: None)
    monkeypatch.setattr(run, "set_up", lambda extra="", agreed=False: None)
    monkeypatch.setattr(run, "call", call)
    return ran, codes


def test_every_check_runs_and_pytest_is_last(tools):
    ran, _ = tools
    assert run.test(["-k", "lora"]) == 0
    assert [command[0] for command in ran] == ["ruff", "ruff", "mypy", "pytest"]
    assert ran[-1] == ["pytest", "-k", "lora"]


@pytest.mark.parametrize("tool", ["ruff", "mypy", "pytest"])
def test_one_failure_fails_the_whole_and_stops_nothing(tools, tool):
    ran, codes = tools
    codes[tool] = 3
    assert run.test([]) != 0
    assert len(ran) == 4


# --- endings ---


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), 130), (OSError(28, "No space left on device"), 1)]
)
def test_no_traceback_for_what_can_happen(monkeypatch, capsys, error, code):
    def fail(arguments, agreed):
        raise error

    monkeypatch.setattr(run, "start", fail)
    try:
        ended = run.main([])
    except SystemExit as stopped:
        ended = stopped.code
    assert ended == code
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_an_old_python_can_read_it_and_is_told(monkeypatch):
    source = Path(run.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 6))
    assert "__future__" not in source  # an unknown one is a syntax error
    monkeypatch.setattr(sys, "version_info", (3, 8, 10))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer, and this is Python 3\.8"):
        exec(compile(tree, "run.py", "exec"), {"__name__": "run", "__file__": run.__file__})
