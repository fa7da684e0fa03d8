"""The guarded fetch against a real server: what it refuses to ask, and what it refuses to swallow."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from common.adapters.guarded_network import GuardedNetwork, deadline
from common.adapters.http import Exchange, GuardedFetch
from common.errors import Misconfigured, Refused, Unavailable
from common.keys.software import SoftwareKey
from common.x509.sandbox_ca import CertificateAuthority, Use, issue_leaf, make_ca
from tests.common.adapters_http.conftest import RudeServer, _Handler


@pytest.fixture
def fetch() -> Iterator[GuardedFetch]:
    with GuardedFetch(sandbox=True, timeout=20.0, max_bytes=100_000) as guarded:
        yield guarded


def test_a_sandbox_asks_this_machine(fetch: GuardedFetch, server: RudeServer) -> None:
    answer = fetch.get(f"{server.address}/hello", accept="text/plain")
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"hello", "text/plain")
    method, target, headers, _ = server.requests[0]
    assert (method, target, headers["accept"], headers["user-agent"]) == ("GET", "/hello", "text/plain", "Tegata/1")


def test_production_does_not(server: RudeServer) -> None:
    port = server.address.rpartition(":")[2]
    with GuardedFetch() as guarded:
        for host in (
            "localhost",
            "127.0.0.1",
            "[::1]",
            "2130706433",
            "0x7f.1",
            "127.1",
            "0.0.0.0",
            "[::ffff:127.0.0.1]",
        ):
            for scheme in ("http", "https"):
                with pytest.raises((Refused, Unavailable)) as error:
                    guarded.get(f"{scheme}://{host}:{port}/hello")
                assert isinstance(error.value, Refused) or host == "0x7f.1", host
    assert server.requests == []


def test_errors_of_http_are_answers(fetch: GuardedFetch, server: RudeServer) -> None:
    assert fetch.get(f"{server.address}/nowhere").status == 404


def test_posting(fetch: GuardedFetch, server: RudeServer) -> None:
    fetch.post(
        f"{server.address}/hello", body=b"a=b", content_type="application/x-www-form-urlencoded", headers={"DPoP": "p"}
    )
    method, _, headers, body = server.requests[0]
    assert (method, body, headers["content-type"], headers["dpop"]) == (
        "POST",
        b"a=b",
        "application/x-www-form-urlencoded",
        "p",
    )


@pytest.mark.parametrize("status", ["301", "302", "303", "307", "308"])
def test_a_post_is_never_redirected(fetch: GuardedFetch, server: RudeServer, status: str) -> None:
    answer = fetch.post(f"{server.address}/to?status={status}&url=/hello", body=b"secret", content_type="text/plain")
    assert answer.status == int(status)
    assert len(server.requests) == 1


def test_cookies_are_not_kept(fetch: GuardedFetch, server: RudeServer) -> None:
    for _ in range(2):
        fetch.get(f"{server.address}/hello")
    assert "cookie" not in server.requests[1][2]


def test_redirects_are_followed_so_far(fetch: GuardedFetch, server: RudeServer) -> None:
    assert fetch.get(f"{server.address}/again?left=2").body == b"hello"
    with pytest.raises(Refused) as error:
        fetch.get(f"{server.address}/again?left=3")
    assert error.value.code == "too_many_redirects"


@pytest.mark.parametrize(
    "target",
    [
        "https://10.0.0.1/",
        "https://192.168.1.1/admin",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fe80::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "http://example.com/",
        "file:///etc/passwd",
        "https://user:secret@example.com/",
        "//10.0.0.1/",
        "gopher://localhost/",
    ],
)
def test_a_redirect_is_checked_like_a_first_address(fetch: GuardedFetch, server: RudeServer, target: str) -> None:
    with pytest.raises(Refused):  # Unavailable would mean that it was tried
        fetch.get(f"{server.address}/to?url={quote(target, safe='')}")
    assert len(server.requests) == 1


def test_credentials_do_not_follow_a_redirect_elsewhere(fetch: GuardedFetch, server: RudeServer) -> None:
    elsewhere = server.address.replace("localhost", "127.0.0.1")
    fetch.get(f"{server.address}/to?url={elsewhere}/hello", headers={"Authorization": "Bearer x", "X-Kept": "y"})
    assert "authorization" in server.requests[0][2]
    assert "authorization" not in server.requests[1][2]
    assert server.requests[1][2]["x-kept"] == "y"


def test_size_is_bounded(fetch: GuardedFetch, server: RudeServer) -> None:
    assert len(fetch.get(f"{server.address}/large?size=100000").body) == 100_000
    for path in ("/large?size=100001", "/endless", "/bomb"):
        with pytest.raises(Unavailable) as error:
            fetch.get(server.address + path)
        assert error.value.code == "answer_too_large"


def test_packed_answers(fetch: GuardedFetch, server: RudeServer) -> None:
    assert fetch.get(f"{server.address}/gzip").body == b"packed"
    for path in ("/cut_gzip", "/brotli"):
        with pytest.raises(Unavailable):
            fetch.get(server.address + path)


@pytest.mark.parametrize("path", ["/drip_body", "/drip_head"])
def test_the_whole_exchange_has_one_deadline(server: RudeServer, path: str) -> None:
    """The server drips for 100 seconds, and its answer is good: whoever goes on waiting gets it."""
    with GuardedFetch(sandbox=True, timeout=0.6) as guarded, pytest.raises(Unavailable) as error:
        guarded.get(server.address + path)
    assert error.value.code == "no_answer"


def test_no_server_and_no_http_are_unavailable(fetch: GuardedFetch, server: RudeServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    for url in (f"http://localhost:{port}/", f"{server.address}/garbage"):
        with pytest.raises(Unavailable) as error:
            fetch.get(url)
        assert error.value.code == "no_answer"


def test_a_name_is_resolved_once_and_that_address_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: first a public address, then this machine. The second answer is never asked for."""
    asked, connected = [], []

    def getaddrinfo(name: str, *args: object, **kwargs: object) -> list[tuple[object, ...]]:
        asked.append(name)
        address = "203.0.114.1" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))]

    def create_connection(address: tuple[str, int], *args: object, **kwargs: object) -> socket.socket:
        connected.append(address)
        raise OSError("not in this test")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket, "create_connection", create_connection)
    with GuardedFetch() as guarded, pytest.raises(Unavailable):
        guarded.get("https://rebinding.example/")
    assert asked == ["rebinding.example"]
    assert connected == [("203.0.114.1", 443)]


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["8.8.8.8", "::1"], ["fe80::1%eth0"]])
def test_a_name_with_any_inner_address_is_refused(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
    with GuardedFetch(sandbox=False) as guarded, pytest.raises(Refused):
        guarded.get("https://inner.example/")


def test_an_institutions_own_network_is_opened_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.168.1.9", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
    network = GuardedNetwork(sandbox=False, private_hosts=frozenset({"vc.intra.example"}))
    with deadline(1):
        assert network.allowed_addresses("VC.intra.example.") == ["192.168.1.9"]
        with pytest.raises(Refused):
            network.allowed_addresses("other.intra.example")
    network.close()


def test_a_name_of_ours_needs_no_name_server_and_is_checked_all_the_same() -> None:
    at = {"tegata.local": "192.168.1.9", "elsewhere.local": "169.254.169.254"}
    network = GuardedNetwork(sandbox=False, private_hosts=frozenset({"tegata.local"}), addresses=at)
    with deadline(1):
        assert network.allowed_addresses("Tegata.local") == ["192.168.1.9"]
        with pytest.raises(Refused):
            network.allowed_addresses("elsewhere.local")
    network.close()


def test_many_threads_share_one_fetch(server: RudeServer) -> None:
    with GuardedFetch(sandbox=True) as guarded, ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda number: guarded.get(f"{server.address}/large?size={number}"), range(120)))
    assert [len(answer.body) for answer in answers] == list(range(120))


class _Joined(ThreadingHTTPServer):
    """Closed only when its last connection is."""

    daemon_threads = False


def test_a_server_that_was_restarted_is_asked_again(fetch: GuardedFetch) -> None:
    """A kept connection whose other end died must not spoil the next request, a POST least of all."""
    port = 0
    for _ in range(3):
        rude = RudeServer("")
        listening = _Joined(("127.0.0.1", port), type("Handler", (_Handler,), {"record": rude, "timeout": 0.5}))
        port = listening.server_port
        threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        for _ in range(2):
            assert fetch.post(f"http://localhost:{port}/hello", body=b"x", content_type="text/plain").status == 200
        listening.shutdown()
        listening.server_close()
        assert len(rude.requests) == 2


def test_the_wire_log_sees_everything_and_only_in_a_sandbox(server: RudeServer) -> None:
    seen: list[Exchange] = []
    with GuardedFetch(sandbox=True, on_exchange=seen.append, request_id=lambda: "r-1") as guarded:
        guarded.post(f"{server.address}/hello", body=b"x", content_type="text/plain")
    assert (seen[0].method, seen[0].status, seen[0].request_body, seen[0].response_body) == (
        "POST",
        200,
        b"x",
        b"hello",
    )
    assert server.requests[0][2]["x-request-id"] == "r-1"
    with pytest.raises(Misconfigured):
        GuardedFetch(on_exchange=seen.append)


def _tls_files(ca: CertificateAuthority, folder: Path, *names: str) -> ssl.SSLContext:
    key = SoftwareKey.generate().private_key()
    leaf = issue_leaf(ca, key.public_key(), name="server", use=Use.TLS_SERVER, now=int(time.time()), dns_names=names)
    (folder / "server.pem").write_bytes(leaf.pem + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


def test_tls_is_checked_against_the_name_and_the_roots(tmp_path: Path) -> None:
    ca = make_ca("Tegata sandbox CA", now=int(time.time()))
    (tmp_path / "ca.pem").write_bytes(ca.pem)
    rude = RudeServer("")
    listening = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"record": rude}))
    listening.socket = _tls_files(ca, tmp_path, "localhost").wrap_socket(listening.socket, server_side=True)
    threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    port = listening.server_port
    try:
        with GuardedFetch(sandbox=True, extra_roots=(tmp_path / "ca.pem",)) as guarded:
            assert guarded.get(f"https://localhost:{port}/hello").body == b"hello"
            with pytest.raises(Unavailable):  # the same server under a name that its certificate does not have
                guarded.get(f"https://127.0.0.1:{port}/hello")
        with GuardedFetch(sandbox=True) as guarded, pytest.raises(Unavailable):
            guarded.get(f"https://localhost:{port}/hello")
    finally:
        listening.shutdown()
        listening.server_close()


def test_extra_roots_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        GuardedFetch(extra_roots=(tmp_path / "none.pem",))
