"""The installation's secret key, its derived keys, encryption and signatures. Knows no rows; never gives the key itself away."""

from __future__ import annotations

import hmac
import os
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engine.errors import Conflict, InvalidInput
from engine.settings import Settings

#: First byte of every ciphertext: names algorithm and key generation, so that both can change later.
_AES_GCM_1 = b"\x01"
_NONCE_BYTES = 12
_MIN_KEY_LENGTH = 16


@dataclass(frozen=True)
class Secrets:
    """Keys derived from one master key, one for each purpose."""

    master_key: bytes = field(repr=False)

    @classmethod
    def from_settings(cls, settings: Settings) -> Secrets:
        """The key of the settings, else the key file's; the file is made for its owner alone when there is none."""
        text = settings.secret_key or read_or_create_key(settings.key_file)
        if len(text) < _MIN_KEY_LENGTH:
            raise InvalidInput(f"Expected a secret key of at least {_MIN_KEY_LENGTH} characters but got {len(text)}. Set a longer one.")
        return cls(text.encode())

    def derive(self, purpose: str, length: int = 32) -> bytes:
        """A key for one purpose; different purposes give unrelated keys."""
        return HKDF(hashes.SHA256(), length, salt=b"doudi", info=purpose.encode()).derive(self.master_key)

    def encrypt(self, text: str, purpose: str) -> bytes:
        """Seal text; it can only be opened for the same purpose (a column name)."""
        return self.encrypt_bytes(text.encode(), purpose)

    def decrypt(self, sealed: bytes, purpose: str) -> str:
        """Open what ``encrypt`` sealed; raises ``Conflict`` when the key, the purpose or the bytes are not the same."""
        return self.decrypt_bytes(sealed, purpose).decode()

    def encrypt_bytes(self, content: bytes, purpose: str) -> bytes:
        """Seal a content; it can only be opened for the same purpose."""
        nonce = os.urandom(_NONCE_BYTES)
        return _AES_GCM_1 + nonce + self._cipher.encrypt(nonce, content, purpose.encode())

    def decrypt_bytes(self, sealed: bytes, purpose: str) -> bytes:
        """Open what ``encrypt_bytes`` sealed; raises ``Conflict`` when the key, the purpose or the bytes are not the same."""
        nonce, content = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, content, purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise Conflict(
                f"Expected {purpose} to open with this installation's secret key but it does not. Restore the key it was written with."
            ) from error

    def blind_index(self, text: str, purpose: str) -> str:
        """A keyed digest (64 hex digits) by which an encrypted value is found again."""
        return hmac.new(self._index_key, f"{purpose}\x00{text}".encode(), "sha256").hexdigest()

    def sign(self, content: bytes) -> bytes:
        """Ed25519 signature of the platform."""
        return self._signing_key.sign(content)

    def is_signed(self, content: bytes, signature: bytes) -> bool:
        """Whether the platform's key made that signature over that content."""
        try:
            self._public_key.verify(signature, content)
        except InvalidSignature:
            return False
        return True

    @cached_property
    def key_id(self) -> str:
        """Names the platform's public key: the first 16 hex digits of its SHA-256."""
        digest = hashes.Hash(hashes.SHA256())
        digest.update(self.public_key)
        return digest.finalize().hex()[:16]

    @cached_property
    def public_key(self) -> bytes:
        """The platform's public key (32 bytes), to be published so that others can verify seals."""
        return self._public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self.derive("encryption-1"))

    @cached_property
    def _index_key(self) -> bytes:
        return self.derive("blind-index-1")

    @cached_property
    def _signing_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.derive("evidence-signature-1"))

    @cached_property
    def _public_key(self) -> Ed25519PublicKey:
        return self._signing_key.public_key()


def read_or_create_key(path: Path) -> str:
    """The key kept in a file; two processes that start together agree on one key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        # A hard link appears complete or not at all, and never replaces a key that is already there.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
    return path.read_text(encoding="ascii").strip()
