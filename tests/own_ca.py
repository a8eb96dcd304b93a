"""A certificate authority of the test's own, and a certificate for this machine."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = datetime.timedelta(days=1)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class OwnCa:
    """Makes certificates into a folder; `trust` is what a client needs to believe them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._cert = self._sign(_name("the test's own"), self._key.public_key(), ca=True)
        (folder / "ca.pem").write_bytes(self._cert.public_bytes(serialization.Encoding.PEM))

    def _sign(self, subject: x509.Name, public: ec.EllipticCurvePublicKey, ca: bool) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        here = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(_name("the test's own"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + _DAY)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if not ca:
            made = made.add_extension(x509.SubjectAlternativeName(here), critical=False)
        return made.sign(self._key, hashes.SHA256())

    def issue(self, password: bytes = b"") -> tuple[Path, Path, int]:
        """(certificate, key, serial number), under the same names each time."""
        key = ec.generate_private_key(ec.SECP256R1())
        cert = self._sign(_name("localhost"), key.public_key(), ca=False)
        how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        cert_file, key_file = self.folder / "cert.pem", self.folder / "key.pem"
        pem = serialization.Encoding.PEM
        key_file.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, how))
        cert_file.write_bytes(cert.public_bytes(pem))
        return cert_file, key_file, cert.serial_number

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
