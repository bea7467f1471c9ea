"""Says what an answer may lack: passages that were not read for a list, or one of two things that are compared.

In: an answer. Out: the same answer, with a line in `fallback` in its language, if there is something to say.
"""

from collections.abc import Sequence

from assistant.answer import Answer, Question
from assistant.index.scopes import fits
from assistant.index.store import Snapshot
from assistant.messages.said import ONE_SIDED, PARTLY
from assistant.text.shown import inert


def partly(answer: Answer, question: Question, notes: Snapshot) -> Answer:
    """Return the answer with a line on how many passages it rests on, if there are more, which a list may lack."""
    held = sum(note.passages for note in notes.notes if fits(question.scope, note))
    read = len(answer.passages)
    if read >= held:
        return answer
    said = (answer.fallback, PARTLY[answer.language].format(read=read, held=held))
    return answer.with_(fallback=" ".join(filter(None, said)))


def one_sided(answer: Answer, missing: Sequence[str]) -> Answer:
    """Return the answer with a line on what of the compared things the notes do not speak of, if any."""
    if not missing:
        return answer
    return answer.with_(fallback=ONE_SIDED[answer.language].format(things=", ".join(map(inert, missing))))
