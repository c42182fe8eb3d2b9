"""TLS with certificates made for the test: verified, and refused where they must be."""

import asyncio
import datetime as dt
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.traffic.http_transport import HttpTransport
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.transport import SubgraphRequest
from tests.traffic.http1.wire_server import answer_bytes, client_for, echo, post, raw, wire_server

NAME = SubgraphName("secret")


class Certificate:
    """A certificate for one name that vouches for itself."""

    def __init__(self, folder: Path, name: x509.GeneralName) -> None:
        self.path = folder / "certificate.pem"
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test")])
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([name]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )

    def server(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.path)
        return context

    def client(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.path)


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return Certificate(tmp_path, x509.IPAddress(ipaddress.ip_address("127.0.0.1")))


async def ask(address: str, context: ssl.SSLContext | None) -> object:
    transport = HttpTransport(NAME, address, TransportSettings(), context)
    await transport.start()
    try:
        return (await transport.execute(SubgraphRequest("{ a }"))).data
    finally:
        await transport.close()


async def test_a_certificate_that_is_trusted_is_accepted(certificate: Certificate) -> None:
    behave = raw(answer_bytes(b'{"data": {"a": 1}}'))
    async with wire_server(behave, tls=certificate.server()) as server:
        assert await ask(server.address, certificate.client()) == {"a": 1}


async def test_a_certificate_nobody_vouches_for_is_refused(certificate: Certificate) -> None:
    async with wire_server(echo, tls=certificate.server()) as server:
        with pytest.raises(SubgraphError) as caught:
            await ask(server.address, None)
    assert caught.value.code.name == "SUBGRAPH_UNREACHABLE"
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
    assert "127.0.0.1" not in caught.value.message
    assert not server.requests


async def test_a_certificate_of_another_host_is_refused(tmp_path: Path) -> None:
    certificate = Certificate(tmp_path, x509.DNSName("users.example"))
    async with wire_server(echo, tls=certificate.server()) as server:
        with pytest.raises(SubgraphError) as caught:
            await ask(server.address, certificate.client())
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
    assert not server.requests


async def test_a_server_without_tls_is_unreachable(certificate: Certificate) -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer_bytes(b"", status="400 Bad Request"))
        writer.close()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    with pytest.raises(SubgraphError) as caught:
        await ask(f"https://127.0.0.1:{port}/", certificate.client())
    listener.close()
    assert caught.value.code.name == "SUBGRAPH_UNREACHABLE"


async def test_connections_with_tls_are_kept(certificate: Certificate) -> None:
    body = b"x" * 1_000_000
    async with (
        wire_server(echo, tls=certificate.server()) as server,
        client_for(server.address, tls=certificate.client()) as client,
    ):
        for _ in range(3):
            assert await post(client, body) == (200, body)
    assert server.connections == 1
