"""The grammar (llama.cpp's GBNF) that restricts a small model to one to three cited sentences, or to the refusal.

In: the strips, the question and its language. Out: the grammar. Every sentence ends with the mark of a strip, contains
only numbers from the strips or the question, and is written in the script of the question's language.
"""

import re
from collections.abc import Sequence

from assistant.answer import Question, Strip
from assistant.messages.said import NOT_FOUND
from assistant.text.language import Language

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LONGEST = 260
"""Characters of a sentence; without a limit, small models repeat a clause until their tokens run out."""
_OTHER_LETTERS = {
    Language.KO: r"\u3040-\u30ff\u4e00-\u9fff",
    Language.EN: r"\u3040-\u30ff\u4e00-\u9fff\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3",
}
_END = {Language.KO: r"[\uac00-\ud7a3)]", Language.EN: r"[A-Za-z)%\u0022'] | number"}
_RULES = r"""root ::= {decline}said (" " said)? (" " said)?
said ::= unit{{4,{longest}}} end "." " [" mark "]"
unit ::= letter | number letter | [A-Za-z] "." [a-z]
letter ::= [^0-9.\[\]\n\r{others}]
end ::= {end}
number ::= {numbers}
mark ::= {marks}
"""


def grammar(question: Question, language: Language, strips: Sequence[Strip], may_decline: bool = True) -> str:
    """Return the grammar of an answer from these strips, or of the refusal, if the model may decline."""
    texts = [question.text, *(f"{strip.title} {strip.heading} {strip.shown}" for strip in strips)]
    allowed = {number for text in texts for number in _NUMBER.findall(text)}
    return _RULES.format(
        decline=f'"{NOT_FOUND[language]}" | ' if may_decline else "",
        longest=_LONGEST,
        others=_OTHER_LETTERS[language],
        end=_END[language],
        numbers=" | ".join(f'"{number}"' for number in sorted(allowed, key=lambda n: (-len(n), n))) or '"0"',
        marks=" | ".join(f'"{strip.number}"' for strip in strips) or '"0"',
    )
