"""The command line: arguments, commands, and what they print.

In: arguments and settings. Out: lines or JSON, and an exit status.
It does not know more of an answer than its fields.
"""
