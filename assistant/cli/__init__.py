"""The command line: its arguments, its commands, and their output.

In: arguments and settings. Out: lines or JSON, and an exit status.
It does not know how an answer is made, only its fields.
"""
