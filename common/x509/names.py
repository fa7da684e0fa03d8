"""What a certificate calls its subject. Only subjectAltName counts (RFC 9525 §2); the common name is for people's eyes."""

from __future__ import annotations

import ipaddress

from cryptography import x509

from common.errors import Malformed


def dns_names(certificate: x509.Certificate) -> tuple[str, ...]:
    """The DNS names of subjectAltName, in lower case."""
    return tuple(name.lower() for name in _alternative(certificate).get_values_for_type(x509.DNSName))


def uris(certificate: x509.Certificate) -> tuple[str, ...]:
    """The URIs of subjectAltName, as written."""
    return tuple(_alternative(certificate).get_values_for_type(x509.UniformResourceIdentifier))


def common_name(certificate: x509.Certificate) -> str:
    """To show to people, never to decide by. Empty where there is none."""
    found = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""


def _alternative(certificate: x509.Certificate) -> x509.SubjectAlternativeName:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return x509.SubjectAlternativeName([])
    except (ValueError, x509.DuplicateExtension):
        raise Malformed("bad_certificate", "its extensions cannot be read") from None


def has_dns_name(certificate: x509.Certificate, name: str) -> bool:
    """Whether the certificate is for this host. Exact match: wildcards are not honoured, since an identity is not a fleet."""
    return name.lower().rstrip(".") in dns_names(certificate)


def only_host(host: str) -> x509.NameConstraints:
    """For an authority of one host: no other name, and no address unless it is that host."""
    (name,) = alternative_names((host,), ())
    if isinstance(name, x509.IPAddress):
        return x509.NameConstraints([x509.IPAddress(ipaddress.ip_network(host))], [x509.DNSName("")])
    every = [x509.IPAddress(ipaddress.ip_network(text)) for text in ("0.0.0.0/0", "::/0")]
    return x509.NameConstraints([name], every)


def is_only_for(certificate: x509.Certificate, host: str) -> bool:
    """Whether the authority is bound to this host."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return False
    return found == only_host(host)


def alternative_names(dns: tuple[str, ...], uri: tuple[str, ...]) -> list[x509.GeneralName]:
    """Texts → general names; a text that is an IP address becomes an address (TLS servers on a LAN)."""
    names: list[x509.GeneralName] = []
    for text in dns:
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(text)))
        except ValueError:
            names.append(x509.DNSName(text))
    return names + [x509.UniformResourceIdentifier(text) for text in uri]
