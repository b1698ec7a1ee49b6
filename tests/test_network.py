"""Proof that nothing leaves this computer: what `check` and the embedded `improve` really connect to, recorded.

A `sitecustomize.py` on PYTHONPATH takes the place of Python's socket calls in the command's own process: it writes down
every address and refuses those that are not loopback. Native code, the engine's, does not pass there; where `strace` is
at hand, the kernel's calls are recorded as well.
"""

import ipaddress
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.models import choose, load, pull

NOTE = (
    "Hi,\n\nI came across your profile and I would like to connect. I need an answer ASAP! "
    "I run the night desk at a small host in Porto.\n\nThank you for your time,\nRui\n"
)
BRIEF = ("--to", "Ana Duarte", "--fact", "gave a talk on queue design", "--fact", "wrote a post on tide tables")
RUN = "from pipeline.cli import main; main()"
SPY = '''"""Write every address down that a socket is to reach, and refuse those beyond loopback."""
import ipaddress, os, socket

def _told(call, host, sock=None):
    if sock is not None and sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    with open(os.environ["SPY_LOG"], "a", encoding="utf-8") as log:
        log.write(f"{call} {host}\\n")
    name = host.decode() if isinstance(host, bytes) else str(host)
    try:
        near = name in ("localhost", "None") or ipaddress.ip_address(name.split("%")[0]).is_loopback
    except ValueError:
        near = False
    if not near:
        raise OSError(101, f"refused by the test: {call} {name}")

class Spy(socket.socket):
    def connect(self, address):
        _told("connect", address[0], self)
        return super().connect(address)

    def connect_ex(self, address):
        _told("connect_ex", address[0], self)
        return super().connect_ex(address)

    def sendto(self, *args):
        _told("sendto", args[-1][0], self)
        return super().sendto(*args)

def _asked(name, real):
    def call(host, *args, **more):
        _told(name, host)
        return real(host, *args, **more)
    return call

socket.socket = Spy
for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
    setattr(socket, name, _asked(name, getattr(socket, name)))
'''
TEMPTATIONS = {
    "OPENAI_API_KEY": "sk-theirs",
    "OPENAI_BASE_URL": "http://192.0.2.1/v1",
    "HTTP_PROXY": "http://192.0.2.2:3128",
    "HTTPS_PROXY": "http://192.0.2.2:3128",
    "ALL_PROXY": "http://192.0.2.2:3128",
    "http_proxy": "http://192.0.2.2:3128",
    "https_proxy": "http://192.0.2.2:3128",
    "all_proxy": "http://192.0.2.2:3128",
    "LANGSMITH_TRACING": "true",
    "LANGSMITH_API_KEY": "ls-theirs",
    "LANGSMITH_ENDPOINT": "http://192.0.2.3",
    "LANGCHAIN_TRACING_V2": "true",
    "LANGCHAIN_API_KEY": "ls-theirs",
}
"""What may lie in an environment and would lead a careless program out; the addresses are for documentation only."""
ADDRESS = re.compile(
    r'sin6?_addr=(?:inet_addr\(|inet_pton\(AF_INET6?, )"([^"]+)"|AF_INET6[^}]*inet_pton\(AF_INET6, "([^"]+)"'
)

Environment = dict[str, str]
Record = Callable[[list[str], Environment], list[str]]


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """Quiet surroundings, with an empty home; the spy is on the path."""
    (tmp_path / "spy").mkdir()
    (tmp_path / "spy" / "sitecustomize.py").write_text(SPY)
    kept = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")}
    path = os.pathsep.join((str(tmp_path / "spy"), os.environ.get("PYTHONPATH", "")))
    return kept | {"PYTHONPATH": path, "SPY_LOG": str(tmp_path / "spy.log"), "HOME": str(tmp_path)}


def spied(command: list[str], environment: Environment) -> list[str]:
    """The hosts that Python's own socket calls were given while a command ran."""
    subprocess.run(command, env=environment, check=True, timeout=300, input=b"", stdout=subprocess.DEVNULL)
    log = Path(environment["SPY_LOG"])
    return [line.split()[1] for line in log.read_text().splitlines()] if log.exists() else []


def traced(command: list[str], environment: Environment) -> list[str]:
    """The internet addresses that the kernel was given by the command, its threads and its children."""
    log = Path(environment["SPY_LOG"]).with_suffix(".strace")
    watch = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg,bind", "-o", str(log)]
    done = subprocess.run([*watch, *command], env=environment, timeout=300, check=False, input=b"", capture_output=True)
    assert done.returncode == 0, done.stderr
    return [
        "".join(found) for line in log.read_text().splitlines() if "AF_INET" in line for found in ADDRESS.findall(line)
    ]


RECORDERS: dict[str, Record] = {"spy": spied} | ({"strace": traced} if shutil.which("strace") else {})


def beyond(hosts: list[str]) -> list[str]:
    """Those that are not this computer."""
    return [host for host in hosts if host != "localhost" and not ipaddress.ip_address(host).is_loopback]


@pytest.fixture(params=RECORDERS.values(), ids=RECORDERS)
def record(request: pytest.FixtureRequest) -> Iterator[Record]:
    """Each way of recording that is at hand."""
    return request.param


def python(code: str, *args: str) -> list[str]:
    """A Python program as a command."""
    return [sys.executable, "-c", code, *args]


@pytest.mark.parametrize("command", [("check", "--json"), ("rules", "--coverage"), ("models",)])
def test_what_needs_no_model_opens_no_connection(
    record: Record, environment: Environment, tmp_path: Path, command: tuple[str, ...]
) -> None:
    """`check`, `rules` and `models` reach nobody, not even this computer, whatever lies in the environment."""
    (tmp_path / "good.md").write_text(
        "Hi Ana, your talk on queue design changed how I page people. I run the night desk "
        "at a small host in Porto. What would you do differently today?\n\nThank you for your time,\nRui\n"
    )
    args = (*command, str(tmp_path / "good.md")) if command[0] == "check" else command
    assert record(python(RUN, *args), environment | TEMPTATIONS) == []


@pytest.mark.model
@pytest.mark.parametrize("tempted", [False, True], ids=["plain", "tempted"])
def test_the_embedded_model_reaches_this_computer_only(
    record: Record, environment: Environment, tmp_path: Path, tempted: bool
) -> None:
    """With the model present, `improve` talks to its own engine on loopback and to nobody else; and it does talk."""
    place = pull(choose(load()))
    (tmp_path / "note.md").write_text(NOTE)
    there = environment | {"TACTFUL_CACHE": str(place.parent.parent)} | (TEMPTATIONS if tempted else {})
    hosts = record(python(RUN, "improve", str(tmp_path / "note.md"), *BRIEF), there)
    assert hosts
    assert beyond(hosts) == []


REACH_OUT = """import socket
s = socket.socket(socket.{family}, socket.{kind})
s.settimeout(0.2)
try:
    s.{call}
except OSError as error:
    print(error)
"""
CONTROLS = {
    "connect": REACH_OUT.format(family="AF_INET", kind="SOCK_STREAM", call="connect(('192.0.2.9', 9))"),
    "connect_ex": REACH_OUT.format(family="AF_INET", kind="SOCK_STREAM", call="connect_ex(('192.0.2.9', 9))"),
    "sendto": REACH_OUT.format(family="AF_INET", kind="SOCK_DGRAM", call="sendto(b'x', ('192.0.2.9', 9))"),
    "connect on IPv6": REACH_OUT.format(family="AF_INET6", kind="SOCK_STREAM", call="connect(('2001:db8::9', 9))"),
}


@pytest.mark.parametrize("code", CONTROLS.values(), ids=CONTROLS)
def test_the_recorders_see_what_goes_elsewhere(record: Record, environment: Environment, code: str) -> None:
    """The control: a program that does reach out is recorded, by each recorder that is at hand."""
    hosts = record(python(code), environment | ({"PYTHONPATH": ""} if record is traced else {}))
    assert beyond(hosts) == hosts != []


def test_the_spy_refuses_what_goes_elsewhere(environment: Environment) -> None:
    """Also a name to look up, and the OpenAI SDK on its way out, are stopped by the spy before they leave."""
    for code in (
        "import socket; socket.getaddrinfo('example.com', 443)",
        "import socket; socket.create_connection(('192.0.2.9', 9))",
        "from openai import OpenAI; OpenAI(api_key='x', base_url='http://192.0.2.9/v1', max_retries=0).models.list()",
    ):
        done = subprocess.run(python(code), env=environment, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode != 0
        assert "refused by the test" in done.stderr
    assert "192.0.2.9" in Path(environment["SPY_LOG"]).read_text()
