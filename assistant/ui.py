"""The page: the conversation, and beside it the words of the notes that each answer rests on.

In: an `Assistant`, and the language model that may still be arriving. Out: Gradio blocks; `serve` starts them. Notes,
questions and answers are other people's text: every bit of it is escaped, so nothing in it is rendered or run.
"""

import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from html import escape
from typing import Any, cast

import gradio as gr

from assistant.answer import Action, Answer, Citation, RankedPassage
from assistant.arrival import Arrival, State, in_words
from assistant.config import Settings
from assistant.errors import AssistantError
from assistant.language import Language, detect
from assistant.pipeline import Assistant
from assistant.untrusted import plain

logger = logging.getLogger(__name__)
Message = dict[str, Any]
"""A bubble of the conversation: its role and its escaped text."""
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
_WORDS = {
    "title": ("노트 조수", "Notes assistant"),
    "ask": ("묻기", "Ask"),
    "stop": ("멈추기", "Stop"),
    "placeholder": ("노트에 대해 물어보세요", "Ask about your notes"),
    "evidence": ("근거", "Evidence"),
    "hint": ("답이 기댄 노트의 문장이 여기에 나옵니다.", "The words of your notes behind an answer appear here."),
    "searching": ("노트를 찾는 중입니다…", "Looking in your notes…"),
    "first": ("시작한 뒤 첫 질문은 조금 더 걸립니다.", "The first question after a start takes a little longer."),
    "draft": ("(쓰는 중… 다 쓰면 노트와 맞는지 확인합니다)", "(writing… it is checked against your notes at the end)"),
    "stopped": ("멈췄습니다.", "Stopped."),
    "unexpected": ("예기치 않은 오류가 났습니다. 터미널을 보세요.", "An unexpected error; the terminal says which."),
    "confidence": ("답이 노트에 있을 가능성 {:.0%}", "Chance that the notes hold it: {:.0%}"),
    "nearest": ("가장 가까운 노트", "The nearest notes"),
    "status": ("노트 {}개 · 구절 {}개 · 언어 모델: {}", "{} notes · {} passages · language model: {}"),
    Action.CORRECT: ("노트에서 찾음", "From your notes"),
    Action.AMBIGUOUS: ("일부만", "Partly"),
    Action.INCORRECT: ("노트에 없음", "Not in your notes"),
}
SAID = {language: {key: pair[at] for key, pair in _WORDS.items()} for at, language in enumerate(Language)}
"""The page's words, by language and key."""
I18N = gr.I18n(**{language.value: {f"page_{key}": said[key] for key in said} for language, said in SAID.items()})
_BEAT = 0.3  # seconds after which a waiting answer lets Gradio look for a click on Stop


def build_ui(assistant: Assistant, arrival: Arrival | None) -> gr.Blocks:
    """Return the page, not yet started; raise IndexUnusable if there is no index. `arrival` follows the model."""
    counts = len(assistant.notes.notes), len(assistant.notes.passages)

    def refresh() -> tuple[str, gr.Timer]:
        arriving = arrival is not None and arrival.standing.state is State.ARRIVING
        return status_html(counts, assistant.settings, arrival), gr.Timer(active=arriving)

    def rest(messages: list[Message]) -> tuple[object, ...]:
        return *(settled(messages) or (gr.skip(),) * 2), gr.Button(visible=True), gr.Button(visible=False), *refresh()

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    still: dict[str, Any] = {"js_on_load": None, "apply_default_css": False}
    with gr.Blocks(title="노트 조수 · Notes assistant", analytics_enabled=False, fill_width=True) as page:
        status = gr.HTML(status_html(counts, assistant.settings, arrival), elem_id="status", **still)
        with gr.Row(elem_id="panels"):
            with gr.Column(scale=3, min_width=320):
                chat = _chatbot()
                with gr.Row(elem_id="asking"):
                    box = gr.Textbox(placeholder=I18N("page_placeholder"), show_label=False, container=False, scale=5)
                    ask = gr.Button(I18N("page_ask"), variant="primary", min_width=88, elem_id="ask")
                    stop = gr.Button(I18N("page_stop"), min_width=88, elem_id="stop", visible=False)
            with gr.Column(scale=2, min_width=320):
                evidence = gr.HTML(hint_html(), elem_id="evidence", **still)
        timer, shown = gr.Timer(2), [chat, evidence]
        triggers = [box.submit, ask.click, chat.example_select]
        asking = gr.on(triggers, _responder(assistant), [box, chat], [*shown, box, ask, stop], **quiet)
        # What was under way may reach the page after the click on Stop; `asking` is done only when that is over.
        asking.then(rest, chat, [*shown, ask, stop, status, timer], **quiet)
        stop.click(None, cancels=asking)
        chat.clear(hint_html, None, evidence, cancels=asking, **quiet)
        gr.on([page.load, timer.tick], refresh, None, [status, timer], **quiet)
    return cast(gr.Blocks, page)


def _responder(assistant: Assistant) -> Callable[..., Iterator[tuple[object, ...]]]:
    def respond(question: str, messages: list[Message], event: gr.EventData) -> Iterator[tuple[object, ...]]:
        # An example brings its question with the click; Enter and the button leave it in the box.
        asked = event._data["value"]["text"] if isinstance(event.target, gr.Chatbot) else question
        yield (gr.skip(),) * 5  # a generator that yields nothing would empty the conversation
        controls: tuple[object, ...] = ("", gr.Button(visible=False), gr.Button(visible=True))
        for state in converse(assistant, asked, messages):
            yield (*state, *controls)
            controls = (gr.skip(),) * 3

    return respond


def _chatbot() -> gr.Chatbot:
    # Without Markdown Gradio still renders HTML, pictures from elsewhere included: bubbles are escaped before they
    # come here, and there is no copy button, which would copy the escapes.
    plain: dict[str, Any] = {"render_markdown": False, "sanitize_html": True, "allow_tags": False}
    examples: Any = [{"text": question} for question in EXAMPLES]
    return gr.Chatbot(elem_id="chat", show_label=False, buttons=[], latex_delimiters=[], examples=examples, **plain)


def converse(assistant: Assistant, question: str, messages: Sequence[Message]) -> Iterator[tuple[list[Message], str]]:
    """Yield the growing conversation and the evidence beside it; nothing for an empty question."""
    question = plain(question)
    if not question.strip():
        return
    answer, said, asked = None, SAID[detect(question)], [*messages, _bubble("user", question)]
    state = [*asked, _bubble("assistant", said["searching"])], _panel(said["evidence"], f"<p>{said['first']}</p>")
    yield state
    try:
        with closing(_in_one_thread(cast("Generator[Answer]", assistant.stream(question)))) as answers:
            for found in answers:
                if found is not None:
                    answer = found
                    draft = f"{found.answer}\n{said['draft']}" if found.answer else said["searching"]
                    state = [*asked, _bubble("assistant", draft)], evidence_html(found)
                yield state
        if answer is not None:
            yield [*asked, _bubble("assistant", answer.answer)], evidence_html(answer)
    except AssistantError as error:
        yield [*asked, _bubble("assistant", f"⚠ {error}")], hint_html()
    except Exception as error:  # whatever breaks, the conversation goes on; the log says what it was
        logger.error("a question ended unexpectedly: %r", error, exc_info=logger.isEnabledFor(logging.DEBUG))
        yield [*asked, _bubble("assistant", f"⚠ {said['unexpected']}")], hint_html()


def _in_one_thread(answers: Generator[Answer]) -> Generator[Answer | None]:
    """Yield the answers, and None whenever nothing came for a while.

    Gradio resumes a generator from whichever thread is free, but the assistant's lock belongs to the one that took it.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="answer")
    try:
        while True:
            coming = pool.submit(next, answers, None)
            while not wait([coming], _BEAT).done:
                yield None
            answer = coming.result()
            if answer is None:
                return
            yield answer
    finally:
        pool.submit(answers.close)
        pool.shutdown(wait=False)


def settled(messages: list[Message]) -> tuple[list[Message], str] | None:
    """Return what to show in place of a draft that Stop cut off, for nothing has checked it; None if there is none."""
    for said in SAID.values():
        if messages and _text(messages[-1]).endswith((said["searching"], said["draft"])):
            return [*messages[:-1], _bubble("assistant", said["stopped"])], hint_html()
    return None


def _bubble(role: str, text: str) -> Message:
    return {"role": role, "content": escape(text.strip(), quote=False)}


def _text(message: Message) -> str:
    """Return a bubble's text; Gradio hands back the parts of what it got whole."""
    content = message["content"]
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def evidence_html(answer: Answer) -> str:
    """Return what the panel shows of an answer, in the question's language."""
    said = SAID[answer.language]
    # A language model may decline what the relevance check let through: then the notes do not hold it either.
    action = Action.INCORRECT if answer.abstained else answer.action
    confidence = said["confidence"].format(answer.confidence)
    body = f'<p><span class="badge {action}">{said[action]}</span> <span class="confidence">{confidence}</span></p>'
    if answer.fallback:
        body += f'<p class="fallback">{escape(answer.fallback)}</p>'
    body += "".join(_citation(cited, answer.passages) for cited in answer.citations)
    if answer.abstained and answer.passages:
        nearest = {passage.source: passage for passage in reversed(answer.passages)}  # the best of each note
        best = sorted(nearest.values(), key=lambda passage: -passage.relevance)[:3]
        body += f"<h3>{said['nearest']}</h3>" + "".join(_nearest(passage) for passage in best)
    return _panel(said["evidence"], body)


def _citation(cited: Citation, passages: Sequence[RankedPassage]) -> str:
    return (
        f'<article><h3><span class="number">[{cited.n}]</span> {escape(cited.title)}</h3>{_where(cited)}'
        f'<p class="url">{_link(cited.url)}</p><blockquote>{_highlighted(cited, passages)}</blockquote></article>'
    )


def _nearest(passage: RankedPassage) -> str:
    return f"<details><summary>{_where(passage)}</summary><blockquote>{escape(passage.text)}</blockquote></details>"


def _where(place: Citation | RankedPassage) -> str:
    heading, source = escape(place.heading), escape(place.source)
    return f'<span class="where"><span class="heading">{heading}</span> <code>{source}</code></span>'


def _highlighted(cited: Citation, passages: Sequence[RankedPassage]) -> str:
    """Return the passage that holds the citation with the quoted words marked; the quote alone if none does."""
    quote = f"<mark>{escape(cited.quote)}</mark>"
    for passage in passages:
        if passage.source == cited.source and passage.start <= cited.start and cited.end <= passage.end:
            start, end = cited.start - passage.start, cited.end - passage.start
            return escape(passage.text[:start]) + quote + escape(passage.text[end:])
    return quote


def _link(url: str) -> str:
    """Return a link if the address is a web page's; any other is shown as text, for it may run something."""
    link = f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">{escape(url)}</a>'
    return link if url.lower().startswith(("http://", "https://")) else escape(url)


def status_html(counts: tuple[int, int], settings: Settings, arrival: Arrival | None) -> str:
    """Return the line above the page: the index's notes and passages, and the language model."""
    titles = _both(lambda spoken: SAID[spoken]["title"])
    lines = _both(lambda spoken: SAID[spoken]["status"].format(*counts, escape(in_words(settings, arrival, spoken))))
    return f"<h1>{titles}</h1><p>{lines}</p>"


def hint_html() -> str:
    """Return what the panel shows while there is no answer."""
    hint = _both(lambda spoken: SAID[spoken]["hint"])
    return _panel(_both(lambda spoken: SAID[spoken]["evidence"]), f"<p>{hint}</p>")


def _panel(title: str, body: str) -> str:
    return f"<section><h2>{title}</h2>{body}</section>"


def _both(said: Callable[[Language], str]) -> str:
    """Return it in both languages; the style sheet shows the browser's."""
    return "".join(f'<span class="in-{language}" lang="{language}">{said(language)}</span>' for language in Language)
