"""The table of addresses: which may be asked, and which never."""

from __future__ import annotations

import pytest

from common.adapters.addresses import check_address
from common.adapters.http import check_url
from common.errors import Refused

PUBLIC = ["8.8.8.8", "133.11.0.1", "1.1.1.1", "2001:4860:4860::8888", "2606:4700:4700::1111", "240f:0:1::1"]
FORBIDDEN = {
    "this network": "0.0.0.0",
    "carrier-grade NAT": "100.64.0.1",
    "cloud metadata": "169.254.169.254",
    "documentation 1": "192.0.2.1",
    "documentation 2": "198.51.100.7",
    "documentation 3": "203.0.113.9",
    "benchmarking": "198.18.0.1",
    "protocol assignments": "192.0.0.8",
    "6to4 relay": "192.88.99.1",
    "multicast": "224.0.0.1",
    "multicast 2": "239.255.255.250",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "unspecified": "::",
    "mapped loopback": "::ffff:127.0.0.1",
    "mapped private": "::ffff:10.0.0.1",
    "mapped public": "::ffff:8.8.8.8",
    "mapped in hex": "::ffff:7f00:1",
    "compatible": "::127.0.0.1",
    "translated": "::ffff:0:127.0.0.1",
    "NAT64 loopback": "64:ff9b::7f00:1",
    "NAT64 public": "64:ff9b::808:808",
    "NAT64 local": "64:ff9b:1::a00:1",
    "6to4": "2002:7f00:1::1",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "ORCHID": "2001:20::1",
    "documentation v6": "2001:db8::1",
    "documentation v6 new": "3fff::1",
    "link-local": "fe80::1",
    "link-local with zone": "fe80::1%eth0",
    "site-local": "fec0::1",
    "multicast v6": "ff02::1",
    "discard": "100::1",
    "segment routing": "5f00::1",
    "not an address": "example.com",
    "octal": "0177.0.0.1",
    "one number": "2130706433",
    "empty": "",
}
PRIVATE = ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12:3456::1"]
LOOPBACK = ["127.0.0.1", "127.255.255.254", "::1"]


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_may_be_asked(text: str) -> None:
    assert str(check_address(text, sandbox=False)) == text


@pytest.mark.parametrize("text", FORBIDDEN.values(), ids=FORBIDDEN.keys())
@pytest.mark.parametrize("sandbox", [False, True])
def test_special_addresses_never(text: str, sandbox: bool) -> None:
    with pytest.raises(Refused) as error:
        check_address(text, sandbox=sandbox, private_allowed=True)
    assert error.value.code == "address_not_allowed"


@pytest.mark.parametrize("text", PRIVATE)
def test_private_addresses_only_by_name(text: str) -> None:
    for sandbox in (False, True):
        with pytest.raises(Refused):
            check_address(text, sandbox=sandbox)
        check_address(text, sandbox=sandbox, private_allowed=True)


@pytest.mark.parametrize("text", LOOPBACK)
def test_this_machine_only_in_a_sandbox(text: str) -> None:
    with pytest.raises(Refused):
        check_address(text, sandbox=False, private_allowed=True)
    check_address(text, sandbox=True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "//example.com",
        "ftp://example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "HTTPS://example.com/",
        "http://example.com/",
        "http://8.8.8.8/",
        "http://localhost.evil.example/",
        "http://10.0.0.1/",
        "https://",
        "https:///path",
        "https://user@example.com/",
        "https://user:password@example.com/",
        "https://@example.com/",
        "https://example.com\\@evil.example/",
        "https://example.com/ a",
        "https://example.com/\r\nHost: evil",
        "https://example.com/\x00",
        "https://例え.jp/",
        "https://exam%70le.com/",
        "https://[::1/",
        "https://example.com:99999/",
        "https://example.com:abc/",
        "https://example.com/" + "a" * 5000,
    ],
)
def test_crooked_addresses_are_not_tried(url: str) -> None:
    for sandbox in (False, True):
        with pytest.raises(Refused) as error:
            check_url(url, sandbox=sandbox)
        assert error.value.code == "address_not_allowed"


@pytest.mark.parametrize(
    "url", ["http://localhost:8101/a", "http://127.0.0.1/", "http://[::1]:8101/", "http://a.localhost/"]
)
def test_plain_http_stays_on_this_machine_and_in_the_sandbox(url: str) -> None:
    check_url(url, sandbox=True)
    with pytest.raises(Refused):
        check_url(url, sandbox=False)


def test_a_fragment_is_not_sent() -> None:
    assert str(check_url("https://example.com/a?b=c#d", sandbox=False)) == "https://example.com/a?b=c"
