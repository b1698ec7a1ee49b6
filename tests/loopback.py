"""An HTTP server of a test on a free loopback port: what answers a request comes in, where it answers goes out."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came in; the names of its headers in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    data: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    data: bytes
    status: int = 200
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def serving(answer: Callable[[Request], Answer]) -> Iterator[str]:
    """The base URL at which requests are answered, each in a thread of its own, while the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def serve(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            made = answer(Request(self.command, self.path, headers, data))
            self.send_response(made.status)
            told = {"Content-Type": made.kind, "Content-Length": str(len(made.data)), **made.headers}
            for name, value in told.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(made.data)

        do_GET = do_POST = serve  # noqa: N815

        def handle(self) -> None:
            with suppress(ConnectionError):  # who asked was killed, or did not wait
                super().handle()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}/v1"
        finally:
            http.shutdown()
            thread.join()
