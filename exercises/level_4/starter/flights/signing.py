"""Signs a model's files, and says which one is not as it was signed.

The package `model-signing` (OpenSSF) does the same for models that travel between companies. It
brings eighteen packages, a client of a public transparency log among them; for files that stay in
one house with a local key, a list of hashes with a signature under it is all that is needed.
"""

import hashlib
import json
from pathlib import Path

from flights.keys import is_signed, key_id, read_public, sign
from flights.router import write_whole
from flights.settings import Settings

SIGNATURE = "signature.json"


class SignatureError(Exception):
    """A model's files are not those that were signed; the message names the first that differs."""


def sign_files(folder: Path, settings: Settings) -> None:
    """Write the hash of each file of a folder into `signature.json`, and sign them.

    Raises
    ------
    KeyLostError
        If there is no key to sign with.
    """
    files = {name: sha256(content) for name, content in contents_of(folder).items()}
    signature = sign(canonical(files), settings)
    signed = {"files": files, "key": key_id(read_public(settings)), "signature": signature}
    write_whole(folder / SIGNATURE, json.dumps(signed, indent=1))


def read_signed(folder: Path, settings: Settings) -> dict[str, bytes]:
    """Return the content of each signed file, read once: what was checked is what is used.

    Raises
    ------
    SignatureError
        If there is no signature, it is not ours, or a file is changed, missing or too many.
    KeyLostError
        If the public key cannot be read.
    """
    try:
        signed = json.loads((folder / SIGNATURE).read_text(encoding="utf-8"))
        files, signature = dict(signed["files"]), signed["signature"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SignatureError(
            f"the model is not signed ({type(error).__name__}: {error})"
        ) from error
    if not is_signed(canonical(files), signature, read_public(settings)):
        raise SignatureError(f"{SIGNATURE} is not signed with this workspace's key")
    contents = contents_of(folder)
    for name in sorted(files.keys() | contents.keys()):
        if name not in contents:
            raise SignatureError(f"{name} was signed and is gone")
        if name not in files:
            raise SignatureError(f"{name} was not signed")
        if sha256(contents[name]) != files[name]:
            raise SignatureError(f"{name} is not the file that was signed")
    return contents


def contents_of(folder: Path) -> dict[str, bytes]:
    """Return what each file of a folder holds, but for its signature."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != SIGNATURE
    }


def canonical(files: dict[str, str]) -> bytes:
    """Return what is signed: the hashes in one fixed form."""
    return json.dumps(files, sort_keys=True, separators=(",", ":")).encode()


def sha256(content: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
