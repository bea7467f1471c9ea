"""What the page shows of a question and its answer, as HTML.

Questions, answers and notes are other people's text: every bit of it is escaped, so nothing in it is rendered or run.
A button says by `data-event` what the page is to do (`assistant.page.ui`).
"""

import re
from collections.abc import Sequence
from html import escape

from assistant.answer import Action, Answer, Citation, RankedPassage, Step
from assistant.messages.said import NEXT
from assistant.page.exchanges import Exchange, markdown
from assistant.page.words import SAID, both, text_of
from assistant.text.invisible import plain
from assistant.text.language import detect

EXAMPLES = (
    "XLM은 어떤 방법으로 학습하나요?",
    "How much faster does WRAP make pre-training?",
    "BLIP-2의 Q-Former는 어떤 일을 하나요?",
    "What is catastrophic forgetting?",  # stands in Korean only
    "OLMo는 무엇을 공개했나요?",
    "What is WECHSEL for?",  # stands in Korean only
    "서울에서 가장 맛있는 김치찌개 집은 어디인가요?",  # in no note
    "When does the next train to Busan leave?",  # in no note
)
_MARK = re.compile(r"\[(\d+)\]")


def conversation_html(exchanges: Sequence[Exchange]) -> str:
    """Return the conversation so far; questions to begin with if there is none."""
    if not exchanges:
        return suggestions_html(EXAMPLES, "examples") + f'<p class="quiet keys">{both("keys")}</p>'
    last = len(exchanges) - 1
    return "".join(exchange_html(exchange, place, place == last) for place, exchange in enumerate(exchanges))


def suggestions_html(questions: Sequence[str], heading: str = "follow") -> str:
    """Return questions that a click asks; nothing if there are none."""
    found = "".join(
        f'<button class="suggestion" data-event="submit" data-question="{text_of(question)}" '
        f'lang="{detect(question)}">{text_of(question)}</button>'
        for question in questions
    )
    return f'<section class="suggestions"><h2>{both(heading)}</h2>{found}</section>' if found else ""


def question_html(question: str) -> str:
    """Return a question as it stands in the conversation."""
    return f'<p class="question" lang="{detect(question)}">{text_of(question)}</p>'


def draft_html(question: str, answer: Answer | None) -> str:
    """Return what is shown while an answer grows; nothing has checked it yet."""
    text = text_of(answer.answer) if answer else ""
    queued = answer is not None and answer.fallback in NEXT.values()
    if queued:
        waiting = both("next")
    else:
        waiting = both("draft") if text else f"{both('searching')} {both('first') if answer is None else ''}"
    body = f'<p class="answer">{text}</p><p class="waiting{" queued" if queued else ""}">{waiting}</p>'
    return f'<article class="turn">{question_html(question)}{body}</article>'


def exchange_html(exchange: Exchange, place: int, last: bool) -> str:
    """Return a question with all that is known of its answer; `place` is its number in the conversation."""
    answer = exchange.answer
    if answer is None:
        said = f"⚠ {text_of(exchange.trouble)}" if exchange.trouble else both("stopped")
        body = f'<p class="answer trouble">{said}</p>'
    else:
        body = f"{_badge(answer)}{_answer(answer)}{_sources(answer)}"
    actions = f'<div class="actions">{_actions(exchange, place, last)}</div>'
    trace = _trace(answer) if answer else ""
    said = f'data-markdown="{escape(plain(markdown(exchange)))}"'
    return f'<article class="turn" {said}>{question_html(exchange.question)}{body}{actions}{trace}</article>'


def _badge(answer: Answer) -> str:
    # A language model may decline what the relevance check let through: then the notes do not hold it either.
    action = Action.INCORRECT if answer.abstained else answer.action
    chance = "" if answer.abstained else f' <span class="confidence">{both("confidence", answer.confidence)}</span>'
    fallback = f'<p class="fallback">{text_of(answer.fallback)}</p>' if answer.fallback else ""
    return f'<p class="verdict"><span class="badge {action}">{both(action)}</span>{chance}</p>{fallback}'


def _answer(answer: Answer) -> str:
    by_number = {str(cited.n): cited for cited in answer.citations}

    def button(mark: re.Match[str]) -> str:
        cited = by_number.get(mark[1])
        return _opener(cited, mark[0], "cite") if cited else mark[0]

    text = _MARK.sub(button, text_of(answer.answer))
    return f'<p class="answer" lang="{answer.language}">{text}</p>'


def _opener(cited: Citation, label: str, kind: str) -> str:
    """Return a button that opens the note at the quoted words; `data-quote` is shown while it is pointed at."""
    named = f'aria-label="{text_of(f"{label} {cited.title}")}"' if kind == "cite" else ""
    where = f'data-source="{text_of(cited.source)}" data-start="{cited.start}" data-end="{cited.end}"'
    quote = f'data-quote="{text_of(cited.quote)}"'
    return f'<button class="{kind}" data-event="select" {where} {quote} {named}>{label}</button>'


def _sources(answer: Answer) -> str:
    if answer.abstained:
        nearest = {passage.source: passage for passage in sorted(answer.passages, key=lambda item: item.relevance)}
        best = sorted(nearest.values(), key=lambda item: -item.relevance)[:3]
        items = "".join(f"<li>{_passage(passage)}</li>" for passage in best)
        return f'<section class="sources"><h3>{both("nearest")}</h3><ul>{items}</ul></section>' if items else ""
    items = "".join(
        f"<li>{_opener(cited, f'[{cited.n}] {_place(cited.title, cited.heading)}', 'source')}</li>"
        for cited in answer.citations
    )
    return f'<section class="sources"><h3>{both("sources")}</h3><ul>{items}</ul></section>' if items else ""


def _passage(passage: RankedPassage) -> str:
    where = f'data-source="{text_of(passage.source)}" data-start="{passage.start}" data-end="{passage.end}"'
    label = _place(passage.source, passage.heading)
    return f'<button class="source" data-event="select" {where}>{label}</button>'


def _place(name: str, heading: str) -> str:
    return f'{text_of(name)}<span class="quiet"> › {text_of(heading)}</span>' if heading else text_of(name)


def _actions(exchange: Exchange, place: int, last: bool) -> str:
    def button(event: str, word: str, more: str = "") -> str:
        return f'<button data-event="{event}" data-at="{place}" {more}>{both(word)}</button>'

    found = [button("copied", "copy")] if exchange.answer else []
    if last:
        found += [button("submit", "retry"), button("edit", "edit")]
    if exchange.answer:
        for way, word in (("up", "good"), ("down", "bad")):
            pressed = str(exchange.rated == way).lower()
            found.append(button("like", word, f'data-rated="{way}" aria-pressed="{pressed}"'))
        if exchange.rated:
            found.append(_reason(exchange, place))
    return "".join(found)


def _reason(exchange: Exchange, place: int) -> str:
    thanks = f'<span class="quiet">{both("thanks")}</span>'
    if exchange.reason:
        return thanks
    field = f'<label>{both("reason")} <input class="reason" maxlength="500"></label>'
    send = f'<button data-event="like" data-at="{place}" data-rated="{exchange.rated}">{both("send")}</button>'
    return f"{thanks}{field}{send}"


def _trace(answer: Answer) -> str:
    steps = "".join(f"<li>{_step(step)}</li>" for step in answer.trace)
    body = f"<ol>{steps}</ol>" if steps else ""
    if answer.passages:
        graded = "".join(
            f'<li><span class="grade">{item.relevance:+.2f}</span> {_passage(item)}</li>' for item in answer.passages
        )
        body += f'<h3>{both("passages")}</h3><ul class="graded">{graded}</ul>'
    known = SAID[answer.language]
    times = "".join(
        f"<tr><th scope='row'>{both(stage) if stage in known else text_of(stage)}</th>"
        f"<td>{both('seconds', seconds)}</td></tr>"
        for stage, seconds in answer.seconds.items()
    )
    if times:
        body += f"<h3>{both('times')}</h3><table>{times}</table>"
    body += f'<p class="quiet">{both("written", answer.llm)}</p>' if answer.llm else ""
    total = float(answer.seconds.get("total", 0))
    return f'<details class="trace"><summary>{both("trace", total)}</summary>{body}</details>'


def _step(step: Step) -> str:
    count = f' <span class="quiet">{both("count", step.count)}</span>' if step.count else ""
    best = f' <span class="quiet">{both("best", step.best)}</span>' if step.best is not None else ""
    return f"<b>{both(step.did)}</b> {text_of(step.text)}{count}{best}"
