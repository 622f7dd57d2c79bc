"""Servers on this machine that stand in for W&B: one that takes everything, and ones that do not."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Server:
    """Accepts what runs send.

    Args:
        status: what it answers everything with; other than 200 it refuses.
        lasting: after so many runs have begun it takes requests and never answers.

    Attributes:
        requests: paths and bodies, as they came.
        begun: the runs that it has let begin.
        hanging: whether it has stopped answering.
    """

    def __init__(self, status: int = 200, lasting: int | None = None) -> None:
        self.requests: list[tuple[str, str]] = []
        self.begun: set[str] = set()
        self.hanging = False
        self.lasting = lasting
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, status))
        self._http.daemon_threads = True
        self._http.handle_error = lambda *_: None  # type: ignore[method-assign]  # those who ask may be killed
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def stop(self) -> None:
        """Refuse all connections from now on."""
        self._http.shutdown()
        self._http.server_close()

    def uploaded(self, part: str) -> list[str]:
        """The bodies of what was sent to paths with this part."""
        return [body for path, body in self.requests if part in path]

    def answer(self, path: str, body: str) -> dict[str, Any]:
        """The answer of W&B, as far as runs need it."""
        if path != "/graphql":
            return {}
        asked = json.loads(body)
        if "UpsertBucket" in asked["query"]:
            self.begun.add(asked["variables"]["name"])
        [name] = re.findall(r"(?:query|mutation)\s+(\w+)", asked["query"])
        return {"data": ANSWERS[name](asked.get("variables") or {}, self.url) if name in ANSWERS else {}}


def _handler(server: Server, status: int) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(errors="replace")
            server.requests.append((self.path, body))
            while server.hanging:
                time.sleep(0.05)
            refusal = {"errors": [{"message": "the key is refused"}]}
            data = json.dumps(server.answer(self.path, body) if status == 200 else refusal).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            server.hanging = server.hanging or len(server.begun) == server.lasting

        do_GET = do_PUT = do_POST

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _bucket(asked: dict[str, Any], _: str) -> dict[str, Any]:
    project = {"id": "p", "name": asked["project"], "entity": {"id": "e", "name": "someone"}}
    bucket = {"id": "b", "name": asked["name"], "displayName": "", "config": "{}", "historyLineCount": 0}
    return {"upsertBucket": {"bucket": {**bucket, "project": project}, "inserted": True}}


def _run_files(asked: dict[str, Any], url: str) -> dict[str, Any]:
    files = [{"name": name, "uploadUrl": f"{url}/upload/{name}"} for name in asked["files"]]
    return {"createRunFiles": {"runID": "b", "uploadHeaders": [], "files": files}}


def _file(name: str, url: str) -> dict[str, Any]:
    return {"id": "f", "name": name, "displayName": name, "uploadUrl": url, "uploadHeaders": []}


def _artifact_files(asked: dict[str, Any], url: str) -> dict[str, Any]:
    names = [each["name"] for each in asked["input"]["artifactFiles"]]
    files = [{**_file(name, f"{url}/artifact/{name}"), "artifact": {"id": "a"}} for name in names]
    return {"createArtifactFiles": {"files": {"edges": [{"node": file} for file in files]}}}


def _manifest(asked: dict[str, Any], url: str) -> dict[str, Any]:
    file = _file("manifest", f"{url}/manifest")
    return {"createArtifactManifest": {"artifactManifest": {"id": "m", "file": file}}}


SEQUENCE = {"id": "s", "latestArtifact": None}
VIEWER = {"id": "1", "entity": "someone", "username": "someone", "flags": "{}", "teams": {"edges": []}}
ANSWERS: dict[str, Callable[[dict[str, Any], str], dict[str, Any]]] = {
    "UpsertBucket": _bucket,
    "CreateRunFiles": _run_files,
    "ArtifactType": lambda *_: {"project": {"artifact": None}},
    "CreateArtifactManifest": _manifest,
    "CreateArtifactFiles": _artifact_files,
    "CreateArtifact": lambda *_: {
        "createArtifact": {"artifact": {"id": "a", "state": "PENDING", "artifactSequence": SEQUENCE}}
    },
    "CommitArtifact": lambda *_: {"commitArtifact": {"artifact": {"id": "a", "digest": "d"}}},
    "Viewer": lambda *_: {"viewer": VIEWER},
    "UpsertView2": lambda *_: {"upsertView": {"view": {"id": "1", "name": "nw-abc-v"}, "inserted": True}},
}


@contextmanager
def serving(status: int = 200, lasting: int | None = None) -> Iterator[Server]:
    """A server for the time of a test."""
    server = Server(status, lasting)
    try:
        yield server
    finally:
        server.lasting, server.hanging = None, False
        server.stop()
