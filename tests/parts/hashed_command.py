"""The command line with the hashing encoder in the real one's place, for tests that need a process of its own.

Run as `python hashed_command.py ARGUMENTS`.
"""

import sys

import fakes

from assistant.cli.main import main
from assistant.models import embedding

embedding.build_embedding = lambda settings: fakes.HashEmbedding()

if __name__ == "__main__":
    sys.exit(main())
