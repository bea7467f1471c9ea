"""The command `accounts`: who may log in to a server that several people use.

In: parsed options and settings. Out: lines on the terminal. Passwords are typed unseen, or read from stdin.
"""

import argparse
import getpass
import sys

from assistant.cli.terminal import harmless
from assistant.config import Settings
from assistant.errors import SettingsError
from assistant.server.accounts import Accounts

FILE = "accounts"
"""Its name in the folder that the index is in, unless another file is set."""


def run_accounts(options: argparse.Namespace, settings: Settings) -> int:
    """List the accounts, or add or remove one."""
    file = settings.serve_accounts or settings.home / FILE
    accounts = Accounts(file)
    if options.action == "add":
        accounts.put(options.name, _password(options.name))
    elif options.action == "remove":
        accounts.remove(options.name)
    for name in accounts.names():
        print(harmless(name))
    if settings.serve_accounts is None:
        print(
            f"assistant: serve with ASSISTANT_SERVE_ACCOUNTS={file}, or serve_accounts in assistant.toml",
            file=sys.stderr,
        )
    return 0


def _password(name: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first, again = (getpass.getpass(f"{ask} of {harmless(name)}: ") for ask in ("password", "once more, the password"))
    if first != again:
        raise SettingsError("expected the same password twice, found two; try again")
    return first
