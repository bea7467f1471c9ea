"""Every error that a user can meet.

AssistantError
├── SettingsError      a setting, an argument or a question that cannot be used
├── NoteError          a note that cannot be read; the others of the run go on
├── IndexUnusable      no index, a damaged one, or one that other weights or settings made
├── ModelMissing       a model that is not on this machine yet
├── PullFailed         a model that could not be fetched, or whose bytes are not the expected ones
└── GenerationFailed   a language model that did not answer

A message is one line: what was expected, what was found, what mends it. The command line, the page and the API
print it as it stands.
"""


class AssistantError(Exception):
    """Root of the tree; `retry` says whether the same call may succeed later."""

    retry = False


class SettingsError(AssistantError):
    """A setting, an argument or a question that cannot be used."""


class NoteError(AssistantError):
    """A note that cannot be read as text."""


class IndexUnusable(AssistantError):
    """There is no index, it is damaged, or something else made it."""


class ModelMissing(AssistantError):
    """A model is not on this machine yet."""


class PullFailed(AssistantError):
    """A model could not be fetched, or its bytes are not the expected ones."""

    retry = True


class GenerationFailed(AssistantError):
    """A language model did not answer."""

    retry = True
