"""Tokens as they lie in the database: encrypted with a key that comes from SECRET_KEY."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.partners.errors import ReconnectNeeded


class Vault:
    """Seals and opens tokens."""

    def __init__(self, secret_key: str) -> None:
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"formulary partner tokens").derive(
            secret_key.encode()
        )
        self._fernet = Fernet(urlsafe_b64encode(key))

    def seal(self, token: str) -> str:
        return self._fernet.encrypt(token.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises ReconnectNeeded where another SECRET_KEY sealed it."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise ReconnectNeeded("SECRET_KEY has changed since Fullscript was connected; connect it again.") from None
