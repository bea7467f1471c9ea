"""Every word that the page says by itself, in both languages.

In: a key. Out: the word, or both with the browser told which is which; the style sheet shows the one that the reader
chose. Words of notes, questions and answers are not here: whoever puts those beside these escapes them.
"""

from html import escape

from assistant.answer import Action, Did
from assistant.messages.said import NEXT
from assistant.text.invisible import plain
from assistant.text.language import Language

_WORDS = {
    "title": ("노트 조수", "Notes assistant"),
    "chat": ("대화", "Chat"),
    "notes": ("노트", "Notes"),
    "quality": ("품질", "Quality"),
    "models": ("모델", "Models"),
    "conversation": ("대화 내용", "Conversation"),
    "question": ("질문", "Question"),
    "ask": ("묻기", "Ask"),
    "stop": ("멈추기", "Stop"),
    "placeholder": ("노트에 대해 물어보세요", "Ask about your notes"),
    "examples": ("이렇게 물어볼 수 있습니다", "Try one of these"),
    "keys": ("Enter 묻기 · Esc 멈추기 · / 질문 칸으로", "Enter asks · Esc stops · / goes to the question"),
    "note": ("노트", "Note"),
    "hint": (
        "답의 [1]을 누르면 그 말이 적힌 노트가 여기에 열립니다.",
        "Choose a [1] in an answer: its note opens here.",
    ),
    "close": ("닫기", "Close"),
    "gone": ("이 노트는 이제 없습니다.", "This note is gone."),
    "changed": (
        "노트가 바뀌어 인용한 말이 더는 그대로 있지 않습니다. 인용한 말:",
        "The note has changed and no longer holds the quoted words, which were:",
    ),
    "searching": ("노트를 찾는 중입니다…", "Looking in your notes…"),
    "next": (NEXT[Language.KO], NEXT[Language.EN]),
    "first": ("시작한 뒤 첫 질문은 조금 더 걸립니다.", "The first question after a start takes a little longer."),
    "draft": ("쓰는 중… 다 쓰면 노트와 맞는지 확인합니다", "Writing… it is checked against your notes at the end"),
    "stopped": ("멈췄습니다.", "Stopped."),
    "unexpected": ("예기치 않은 오류가 났습니다. 터미널을 보세요.", "An unexpected error; the terminal says which."),
    "confidence": ("답이 노트에 있을 가능성 {:.0%}", "Chance that the notes hold it: {:.0%}"),
    "sources": ("근거", "Sources"),
    "source": ("근거", "source"),
    "nearest": ("가장 가까운 노트", "The nearest notes"),
    "trace": ("어떻게 찾았나 · {:.1f}초", "How this was found · {:.1f} s"),
    "passages": ("살펴본 구절과 점수", "Passages looked at, and their grades"),
    "times": ("단계별 시간", "Seconds by stage"),
    "seconds": ("{:.2f}초", "{:.2f} s"),
    "written": ("쓴 이: {}", "Written by {}"),
    "copy": ("인용과 함께 복사", "Copy with citations"),
    "copied": ("복사했습니다.", "Copied."),
    "retry": ("다시", "Retry"),
    "edit": ("질문 고치기", "Edit question"),
    "good": ("도움됨", "Helpful"),
    "bad": ("아쉬움", "Not helpful"),
    "reason": ("이유 (선택)", "Reason (optional)"),
    "send": ("보내기", "Send"),
    "thanks": ("적어 두었습니다. 이 컴퓨터에만 남습니다.", "Noted; it stays on this computer."),
    "follow": ("이어서 물어볼 만한 것", "Your notes also answer"),
    "new": ("새 대화", "New conversation"),
    "export": ("Markdown으로 내보내기", "Export as Markdown"),
    "status": ("노트 {}개 · 구절 {}개 · 언어 모델: {}", "{} notes · {} passages · language model: {}"),
    "best": ("최고 점수 {:.2f}", "best grade {:.2f}"),
    "count": ("{}개", "{} found"),
    "retrieve": ("찾기", "search"),
    "relevance": ("판정", "relevance check"),
    "refine": ("추리기", "refinement"),
    "generate": ("쓰기", "writing"),
    "cite": ("대조", "checking"),
    "total": ("모두", "in all"),
    "files": ("노트 파일과 그 상태", "Note files and what became of them"),
    "figures": ("언어별 지표", "Figures by language"),
    "file": ("파일", "File"),
    "state": ("상태", "State"),
    "language": ("언어", "Language"),
    "count_passages": ("구절", "Passages"),
    "indexed": ("색인됨", "indexed"),
    "skipped": ("건너뜀", "skipped"),
    "failed": ("실패", "failed"),
    "copies": ("같은 내용: {}", "same content: {}"),
    "open": ("열기", "Open"),
    "remove": ("빼기", "Remove"),
    "removed": (
        "{} 파일을 노트 폴더의 .removed로 옮겼습니다. 되돌리려면 다시 꺼내 놓으세요.",
        "{} was moved to .removed in the notes folder; move it back to undo.",
    ),
    "add": ("노트 더하기: .md나 .txt 파일을 끌어다 놓으세요", "Add notes: drop .md or .txt files here"),
    "name": ("새 노트의 이름", "Name of the new note"),
    "text": ("새 노트의 글 (붙여 넣기)", "Text of the new note (paste it)"),
    "save": ("노트로 저장", "Save as a note"),
    "added": ("더했습니다: {}", "Added: {}"),
    "too_many": (
        "한 번에 {}개까지 더합니다. 남은 {}개는 다시 놓아 주세요.",
        "At most {} at once; drop the other {} again.",
    ),
    "reindex": ("다시 색인", "Re-index"),
    "watch": ("폴더를 지켜보다가 저장된 노트를 바로 색인", "Watch the folder: saved notes appear by themselves"),
    "indexing": (
        "색인하는 중… 구절 {} / {}. 그동안 질문은 이전 색인으로 답합니다.",
        "Indexing… {} of {} passages. Questions work on the previous index meanwhile.",
    ),
    "report": (
        "새로 색인 {}, 그대로 {}, 없어짐 {}, 건너뜀 {}, 실패 {} · {:.1f}초",
        "{} indexed, {} unchanged, {} removed, {} skipped, {} failed · {:.1f} s",
    ),
    "embedding_in_use": ("임베딩 모델", "Embedding model"),
    "language_in_use": ("언어 모델", "Language model"),
    "extractive": ("언어 모델 없이 노트의 문장을 인용", "no language model: quotes the notes' own sentences"),
    "switch": ("언어 모델 고르기", "Choose the language model"),
    "pull": ("모델 받기", "Fetch the chosen model"),
    "here": ("준비됨", "ready"),
    "absent": ("아직 없음 (그동안 노트의 문장을 인용)", "not here yet (until then answers quote the notes)"),
    "arriving": ("받는 중 {:.0%} (그동안 노트의 문장을 인용)", "arriving, {:.0%} (until then answers quote the notes)"),
    "not_fetched": ("받지 못함: {}", "could not be fetched: {}"),
    "switched": ("이제 {} 모델이 답합니다.", "{} now answers."),
    "embedding_how": ("임베딩 모델은 명령으로 바꿉니다:", "The embedding model is switched on the command line:"),
    "no_run": (
        "아직 측정하지 않았습니다. 위 단추로 시작하세요. 두 코어에서 3분쯤 걸립니다.",
        "Nothing was measured yet; the button above starts it. On two cores it takes about three minutes.",
    ),
    "measure": ("측정하기", "Measure now"),
    "measuring": ("측정하는 중… {}", "Measuring… {}"),
    "measured": ("{}에 측정 · 언어 모델 {}", "Measured {} · language model {}"),
    "not_measured": ("측정하지 못했습니다: {}", "Could not measure: {}"),
    "figure": ("지표", "Figure"),
    "all": ("전체", "all"),
    "curve": (
        "받아들인 질문의 비율(가로)에 따라, 그 가운데 노트에 답이 없는 질문의 비율(세로)",
        "Share of questions accepted (across) against the share of those that the notes do not answer (up)",
    ),
    "hybrid": ("알맞은 구절을 찾음 (nDCG@10)", "right passages found (nDCG@10)"),
    "accepted_answerable": ("답이 있는 질문을 받아들임", "answerable questions accepted"),
    "refused_unanswerable": ("답이 없는 질문을 물리침", "unanswerable questions refused"),
    "auroc": ("답이 있는지 가려냄 (AUROC)", "telling the two apart (AUROC)"),
    "facts": ("답에 담긴 사실", "expected facts in the answer"),
    "citation_recall": ("인용이 뒷받침하는 문장", "sentences that their citations support"),
    "over_refusal": ("답이 있는데 물리침", "answerable questions declined"),
    Action.CORRECT: ("노트에서 찾음", "From your notes"),
    Action.AMBIGUOUS: ("일부만", "Partly"),
    Action.INCORRECT: ("노트에 없음", "Not in your notes"),
    Did.FOLLOWED: ("이어진 질문을 풀어 씀", "Took up the conversation"),
    Did.SEARCHED: ("찾음", "Searched"),
    Did.REWROTE: ("핵심 낱말로 다시 씀", "Rewrote by key terms"),
    Did.CROSSED: ("다른 언어로 찾음", "Searched in the other language"),
    Did.WIDENED: ("더 넓게 찾음", "Searched wider"),
    Did.ASKED_WEB: ("웹에 물음", "Asked the web"),
    Did.REFINED: ("문장을 추림", "Kept the sentences that matter"),
    Did.WROTE: ("답을 씀", "Wrote"),
    Did.REPAIRED: ("고침", "Repaired"),
    Did.DROPPED: ("뒷받침이 없어 뺌", "Dropped for lack of support"),
    Did.DECLINED: ("답하지 않음", "Declined"),
}
SAID: dict[Language, dict[str, str]] = {
    language: {str(key): pair[at] for key, pair in _WORDS.items()} for at, language in enumerate(Language)
}
"""The page's words, by language and key."""


def both(key: str, *values: object) -> str:
    """Return the word in both languages as HTML; values that are text are escaped."""
    safe = [escape(value) if isinstance(value, str) else value for value in values]
    return "".join(
        f'<span class="in-{language}" lang="{language}">{said[key].format(*safe)}</span>'
        for language, said in SAID.items()
    )


def text_of(text: str) -> str:
    """Return someone else's text as HTML that shows it letter by letter."""
    return escape(plain(text).strip())
