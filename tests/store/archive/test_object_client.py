"""What is said of a store that is down, refuses, cuts off or answers with anything else."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from object_stores import KEY_ID, SECRET, ObjectServer, with_secret

from domain.errors import StorageError
from store.archive.object_client import ObjectClient, ObjectPlace

Given = Callable[[str], ObjectServer]


@contextlib.contextmanager
def answering(answer: bytes) -> Iterator[ObjectPlace]:
    """A server that says the same to everybody, then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    asker, _ = server.accept()
                except OSError:
                    return
                with asker:
                    asker.recv(65536)
                    asker.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
        yield ObjectPlace("evidence", "", endpoint, "us-east-1", KEY_ID, SECRET)
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def head(status: str, length: int) -> bytes:
    fields = f"Content-Length: {length}\r\nLast-Modified: Mon, 02 Mar 2026 08:00:00 GMT\r\n"
    return f"HTTP/1.1 {status}\r\n{fields}ETag: x\r\nConnection: close\r\n\r\n".encode()


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(StorageError) as raised:
        call()
    assert SECRET not in repr(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.__cause__ is None
    return str(raised.value)


def test_put_get_and_list(object_store: Given) -> None:
    client = ObjectClient(object_store("rclone").place())
    assert client.entries("") == ([], [])
    assert client.listed("a") == []
    client.put("a/b/one", b"12345")
    client.put("a/b/one", b"12345")
    client.put("a/two", b"")
    assert [(it.path, it.size) for it in sorted(client.listed("a"), key=lambda it: it.path)] == [
        ("a/b/one", 5),
        ("a/two", 0),
    ]
    assert client.entries("a") == (["a/b"], ["a/two"])
    assert client.get("a/b/one") == b"12345"
    assert client.first_bytes("a/b/one", 3) == b"123"
    assert client.first_bytes("a/b/one", 300) == b"12345"
    assert client.get("a/three") is client.first_bytes("a/three", 1) is None


@pytest.mark.parametrize("kind", ["moto", "rclone"])
def test_a_listing_of_more_than_a_page_is_whole(object_store: Given, kind: str) -> None:
    server = object_store(kind)
    place = server.place()
    client = ObjectClient(place)
    if kind == "rclone":
        folder = server.folder / place.prefix / "a"
        folder.mkdir(parents=True)
        for number in range(2100):
            (folder / f"{number}").touch()
    else:
        for number in range(1001):
            client.put(f"a/{number}", b"")
    found = [int(it.path.removeprefix("a/")) for it in client.listed("a")]
    assert sorted(found) == list(range(2100 if kind == "rclone" else 1001))


def test_a_wrong_secret_is_said_and_never_shown(object_store: Given) -> None:
    place = object_store("rclone").place()
    client = ObjectClient(with_secret(place, "another secret"))
    for call in (
        lambda: client.entries(""),
        lambda: client.put("a", b"x"),
        lambda: client.get("a"),
    ):
        said = refused(call)
        assert "refuses what its key asks for" in said
        assert "another secret" not in said
    assert SECRET not in repr(place)


@pytest.mark.parametrize("kind", ["moto", "rclone"])
def test_a_bucket_that_is_not_there_is_said(object_store: Given, kind: str) -> None:
    client = ObjectClient(replace(object_store(kind).place(), bucket="nowhere"))
    assert "no such bucket" in refused(lambda: client.entries(""))
    assert "no such bucket" in refused(lambda: client.listed("a"))
    assert "no such bucket" in refused(lambda: client.put("a", b"x"))


def test_a_store_that_is_down_is_said_after_a_few_tries() -> None:
    place = ObjectPlace("evidence", "", "http://127.0.0.1:1", "us-east-1", KEY_ID, SECRET)
    said = refused(lambda: ObjectClient(place).entries(""))
    assert "did not answer as it must (no connection)" in said
    assert "http://127.0.0.1:1" in said


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (head("503 Slow Down", 0), "(503)"),
        (head("200 OK", 1000) + b"cut off", "did not answer as it must"),
        (b"garbage\r\n\r\n", "did not answer as it must"),
        (head("403 Forbidden", 0), "refuses"),
    ],
)
def test_bad_answers_are_said(answer: bytes, said: str) -> None:
    with answering(answer) as place:
        client = ObjectClient(place)
        for call in (lambda: client.get("a"), lambda: client.listed("a")):
            assert said in refused(call)


def test_what_else_stands_in_the_environment_is_not_taken(
    object_store: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "ENDPOINT_URL", "REGION"):
        monkeypatch.setenv(f"AWS_{name}", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ENDPOINT", "http://127.0.0.1:1")
    client = ObjectClient(object_store("rclone").place())
    client.put("a", b"x")
    assert client.get("a") == b"x"
