"""Signs bytes, and checks signatures: Ed25519, with keys of this workspace.

Ed25519 (RFC 8032) comes with `cryptography`, which MLflow brings along. Who signs holds the
private key; who checks needs the public one only. Here both lie in one folder of one user: that
shows what others have changed, and nothing that this user has.
"""

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from flights.settings import Settings

SIGNING = "signing"
SECOND = "second"  # another person's: only its public half is here


class KeyLostError(Exception):
    """A key is not there, or cannot be read; the message says which, and what to do."""


def keys_folder(settings: Settings) -> Path:
    """Return where the workspace's keys lie."""
    return settings.serving.parent / "keys"


def sign(data: bytes, settings: Settings) -> str:
    """Return the signature of some bytes, in hexadecimal digits; make the key if there is none.

    Raises
    ------
    KeyLostError
        If there was a key, and it is gone or damaged.
    """
    private = keys_folder(settings) / f"{SIGNING}.key"
    public = private.with_suffix(".pub")
    if not private.exists() and not public.exists():
        make_pair(private, public)
    return read_private(private).sign(data).hex()


def make_pair(private: Path, public: Path) -> None:
    """Make a pair of keys; the private one only its owner may read.

    Raises
    ------
    KeyLostError
        If there is a private key already: whatever it has signed could not be checked any more.
    """
    key = Ed25519PrivateKey.generate()
    for file in (private, public):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        with os.fdopen(os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
            new.write(pem)
    except FileExistsError:
        raise KeyLostError(f"{private} is there already: move it away first") from None
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    public.write_bytes(pem)


def read_private(file: Path) -> Ed25519PrivateKey:
    """Return a private key.

    Raises
    ------
    KeyLostError
        If it is gone or damaged.
    """
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise KeyLostError(
            f"the key {file} is lost ({error}): take it from a backup, or move its public half "
            "away too, and sign everything anew with a new one"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyLostError(f"{file} is no Ed25519 key")
    return key


def read_public(settings: Settings, name: str = SIGNING) -> Ed25519PublicKey:
    """Return a public key of the workspace.

    Raises
    ------
    KeyLostError
        If it is gone or damaged.
    """
    file = keys_folder(settings) / f"{name}.pub"
    try:
        key = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError) as error:
        raise KeyLostError(f"the public key {file} cannot be read: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyLostError(f"{file} is no Ed25519 key")
    return key


def is_signed(data: bytes, signature: object, key: Ed25519PublicKey) -> bool:
    """Return whether a signature, in hexadecimal digits, is that of these bytes by this key."""
    try:
        key.verify(bytes.fromhex(str(signature)), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def key_id(key: Ed25519PublicKey) -> str:
    """Return a public key's short name: 16 hexadecimal digits of its SHA-256."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    return digest.finalize().hex()[:16]
