"""Who may come in: the names that this server goes by, and the log-in that it asks for.

In: settings, and what a request's headers say. Out: yes or no. It does not know what is asked for. Passwords are
compared in constant time, as bytes, because a header carries bytes: UTF-8 from a browser, Latin-1 from some programs.
"""

import base64
import ipaddress
import re
import secrets
import socket
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from assistant.config import Settings
from assistant.errors import SettingsError

_ANYWHERE = ("", "0.0.0.0", "::")
_HERE = frozenset(("127.0.0.1", "localhost", "::1"))
# One name and at most a port: nothing that two readers of the header could take for two names.
_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[^\s\x00-\x20,;/\\@?#:\[\]\"'<>%]+)(?::\d{1,5})?")


@dataclass(frozen=True)
class Access:
    """Who may come in: `hosts` are the names that this server goes by, `figures` also lets any IP address be one."""

    hosts: frozenset[str]
    figures: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @classmethod
    def to(cls, host: str, settings: Settings) -> "Access":
        """Return who may come in where the server listens on `host`; raise SettingsError if that asks for a log-in."""
        user, password, token = settings.serve_user, settings.serve_password, settings.serve_token
        if bool(user) != bool(password):
            raise SettingsError("expected serve_user and serve_password together, found one of them; set both")
        if not (_is_here(host) or token or user):
            raise SettingsError(
                f"without a log-in the page is for this machine only: expected --host 127.0.0.1 or localhost, found "
                f"'{host}'; to serve other machines set ASSISTANT_SERVE_TOKEN, or ASSISTANT_SERVE_USER and "
                "ASSISTANT_SERVE_PASSWORD"
            )
        anywhere = host in _ANYWHERE
        own = {socket.gethostname().lower(), f"{socket.gethostname().lower()}.local"} if anywhere else {host.lower()}
        return cls(_HERE | own, anywhere, user, password, token)

    def knows(self, host: str) -> bool:
        """Tell whether a Host header names this server; an address in figures cannot be rebound."""
        one = _HOST.fullmatch(host)
        name = one["name"].strip("[]").lower() if one else ""
        return name in self.hosts or (self.figures and _is_figures(name))

    def admits(self, authorization: str) -> bool:
        """Tell whether an Authorization header, read as Latin-1, is right, or none is asked for."""
        if not (self.token or self.user):
            return True
        scheme, _, given = authorization.encode("latin-1", "replace").partition(b" ")
        if scheme.lower() == b"bearer":
            return bool(self.token) and _same(given.strip(), self.token)
        if scheme.lower() != b"basic":
            return False
        try:
            user, _, password = base64.b64decode(given.strip(), validate=True).partition(b":")
        except ValueError:
            return False
        # A browser asks for a name, too; with a token alone any name does.
        by_token = bool(self.token) and _same(password, self.token)
        return by_token or (bool(self.user) and _same(user, self.user) & _same(password, self.password))


def is_own(origin: str, host: str) -> bool:
    """Tell whether an Origin header names the page that is served under this Host header."""
    try:
        page = urlsplit(origin)
    except ValueError:
        return False
    return page.scheme in ("http", "https") and page.netloc.lower() == host.lower()


def _is_here(host: str) -> bool:
    return host.lower() == "localhost" or (_is_figures(host) and ipaddress.ip_address(host).is_loopback)


def _is_figures(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _same(given: bytes, right: str) -> bool:
    forms = [right.encode("utf-8", "surrogatepass")]
    if all(ord(letter) < 256 for letter in right):
        forms.append(right.encode("latin-1"))
    return any([secrets.compare_digest(given, form) for form in forms])
