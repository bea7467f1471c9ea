"""The messages of answers, doors and prompts as Python constants.

The texts are in `ko.toml` and `en.toml`. A constant is a dictionary by language, or one string in both languages.
"""

import re

from assistant.messages.catalogue import each, sentences
from assistant.text.language import Language

KO, EN = Language.KO, Language.EN


def _line(name: str) -> str:
    """Return a message in both languages on one line, with its slots still open."""
    key = f"line.{name}"
    return f"{sentences(EN)[key]} ({sentences(KO)[key]})"


NOT_FOUND = each("answer.not_found")
NEAREST = each("answer.nearest")
LACKS = each("answer.lacks")
LACKS_JOIN = each("answer.lacks_join")
WORDS_ONLY = each("answer.words_only")
UNREAD = each("answer.unread")
UNREAD_MORE = each("answer.unread_more")
TALK = each("answer.talk")
COLLECTION = each("answer.collection")
COLLECTION_IN, COLLECTION_ONE = each("answer.collection_in"), each("answer.collection_one")
COLLECTION_NONE, COLLECTION_ON = each("answer.collection_none"), each("answer.collection_on")
COLLECTION_MORE = each("answer.collection_more")
SOURCES = each("answer.sources")
EMPTY_SCOPE = each("answer.empty_scope")
ACROSS = each("answer.across")
UNCONFIRMED = each("answer.unconfirmed")
ONE_SIDED = each("answer.one_sided")
PARTLY = each("answer.partly")
NOT_CITED, CITED_CHANGED = each("answer.not_cited"), each("answer.cited_changed")
LLM_ABSENT = each("answer.llm_absent")
LLM_FAILED = each("answer.llm_failed")
LLM_DECLINED = each("answer.llm_declined")
LLM_UNSUPPORTED = each("answer.llm_unsupported")
ABOUT = each("answer.about")
SUM_UP, SUM_UP_PART = each("answer.sum_up"), each("answer.sum_up_part")
WHICH_NOTES = each("answer.which_notes")
"""A question that the page suggests about a heading of the notes."""

UNDERSTOOD = " ".join(sentences(language)["line.understood"] for language in (EN, KO))
NO_SCOPE = _line("no_scope")
NO_WORDS = _line("no_words")
UNUSABLE = _line("unusable")
BUSY = _line("busy")
STOPPED = _line("stopped")
MARK_NOT_KEPT = _line("mark_not_kept")
UNEXPECTED = _line("unexpected")
NO_NOTE = _line("no_note")
NOTE_CHANGED = _line("note_changed")
LOG_IN, LOG_INS_AWAY, TOO_OFTEN = _line("log_in"), _line("log_ins_away"), _line("too_often")
FOREIGN_HOST = _line("foreign_host")
FOREIGN_ORIGIN = _line("foreign_origin")
TOO_LARGE = _line("too_large")
NO_DOOR = _line("no_door")
NO_OWN_NOTES = _line("no_own_notes")
POST_ALONE = _line("post_alone")
NO_MODEL = _line("no_model")
NO_QUESTION = _line("no_question")
MISSHAPEN = "{where}: {what}; " + _line("misshapen")

SYSTEM = each("prompt.system")
BRIEF = each("prompt.brief")
FREE = each("prompt.free")
"""How a writer may answer: in sentences alone, as a grammar holds it to, or in any form."""
MAY_DECLINE, SURELY = each("prompt.may_decline"), each("prompt.surely")
USER = each("prompt.user")
WISHES = each("prompt.wishes")
EARLIER = each("prompt.earlier")
SUMMARISE = each("prompt.summarise")
AGAIN, AGAIN_IN_LANGUAGE = each("prompt.again"), each("prompt.again_in_language")
GRADE = each("prompt.grade")
PLACE = "({where})"
EXCERPT = "[{number}] {text}"

DECLINED = {
    KO: re.compile(
        r"(?:[^.]*발췌|답변?을|답이|노트)[^.]{0,60}(?:없습니다|없다|없어요|찾지 못했\w*|알 수 없\w*)[.\s\[\d\]]*$"
    ),
    EN: re.compile(
        r"(?:[^.]*\b(?:excerpts?|notes?|text)\b[^.]{0,40}\b(?:do|does) not (?:hold|contain|mention|say|provide)\b"
        r"|there is no information\b|i (?:do not|don't|cannot) )[^.]*[.\s\[\d\]]*$",
        re.IGNORECASE,
    ),
}
"""Matches a model's text that only declines, in its own words."""
