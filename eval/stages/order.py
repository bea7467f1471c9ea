"""Runs the stages in their order over one assistant, or one stage over a data set of the user's own."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant import Assistant, Settings
from assistant.errors import SettingsError
from assistant.models.embedding import build_embedding
from assistant.models.language_model import EXTRACTIVE
from eval.questions.beir import open_set
from eval.questions.dataset import CORPUS, FILE, Question, open_corpus, read_questions
from eval.questions.ideal import read_ideal
from eval.questions.judged import of_ours, of_strangers
from eval.questions.strangers import read_questions as read_strangers
from eval.report.run import Run, Stage, describe
from eval.stages import (
    arms,
    check,
    chunking,
    conversation,
    formats,
    generation,
    latency,
    real_files,
    refinement,
    relevance,
    retrieval,
    writer,
)
from eval.stages.judge import open_judge
from eval.stages.support import SupportScorer

Bar = Callable[[str], Callable[[int, int], None]]


def run_stages(
    names: Sequence[str],
    split: str,
    limit: int | None,
    settings: Settings,
    bar: Bar,
    judge: str = "",
    arm_names: Sequence[str] = (),
    strangers: Path | None = None,
) -> Run:
    """Run the named stages on the shipped questions.

    `judge` names a language model that marks answers besides; `arm_names` the arms to run, all of them if none.
    `strangers` is the folder of strangers' notes, about which the stage `writer` asks instead, or of
    strangers' files, about which the stage `files` does.

    Raises:
        SettingsError: a name is no stage or no arm, or the language model cannot be used.

    """
    known: dict[str, Callable[[Assistant, Sequence[Question], Bar], Stage]] = {
        "chunking": lambda assistant, questions, bar: chunking.measure(questions, assistant.snapshot),
        "retrieval": lambda assistant, questions, bar: retrieval.on_questions(
            questions, assistant.snapshot, assistant.ready.embed_model, bar("retrieval")
        ),
        "relevance": lambda assistant, questions, bar: relevance.measure(assistant, questions, bar("relevance")),
        "refinement": lambda assistant, questions, bar: refinement.measure(assistant, questions, bar("refinement")),
        "generation": lambda assistant, questions, bar: _generation(assistant, questions, bar, judge),
        "conversation": lambda assistant, questions, bar: conversation.measure(
            assistant, conversation.read_conversations(split)[:limit], bar("conversation")
        ),
        "arms": lambda assistant, questions, bar: _arms(assistant, questions, bar, chosen),
        "latency": lambda assistant, questions, bar: latency.measure(
            assistant, questions, conversation.read_conversations(split), bar("latency")
        ),
        "writer": lambda assistant, questions, bar: _writer(assistant, questions, strangers, limit, bar("writer")),
        "formats": lambda assistant, questions, bar: formats.measure(
            assistant, formats.read_facts(limit), bar("formats")
        ),
        "files": lambda assistant, questions, bar: _files(assistant, strangers, limit, bar("files")),
    }
    for name in names:
        if name not in known:
            raise SettingsError(f"no stage named '{name}'; there are {', '.join(known)}")
    chosen = arms.arms_for(settings.llm, arm_names)
    assistant = open_corpus(settings, build_embedding(settings))
    assert assistant.ready.llm() is not None or settings.llm == "extractive"
    questions = _limited(read_questions(split), limit)
    measured = describe(assistant.settings, split, limit, CORPUS, FILE)
    return Run(measured, {name: known[name](assistant, questions, bar) for name in names})


def _files(assistant: Assistant, folder: Path | None, limit: int | None, progress: Callable[[int, int], None]) -> Stage:
    if folder is None:
        raise SettingsError("the stage files asks about files of strangers; name their folder with --strangers DIR")
    return real_files.measure(assistant, real_files.read_asked(limit), folder, progress)


def _limited(questions: list[Question], limit: int | None) -> list[Question]:
    if limit is None:
        return questions
    chosen = []
    for language in ("ko", "en"):
        some = [question for question in questions if question.language == language]
        # Spread over the file, which lists the unanswerable last.
        chosen += some[:: max(1, len(some) // limit)][:limit]
    return chosen


def _writer(
    assistant: Assistant,
    questions: Sequence[Question],
    strangers: Path | None,
    limit: int | None,
    progress: Callable[[int, int], None],
) -> Stage:
    ideal = read_ideal()
    if strangers is None:
        return writer.measure(assistant, list(of_ours(questions, CORPUS)), ideal, CORPUS, progress)
    settings = replace(assistant.settings, index=assistant.settings.index.with_name("strangers"))
    theirs = Assistant(settings, embed_model=assistant.ready.embed_model)
    theirs.index([strangers])
    asked = list(of_strangers(read_strangers()))
    return writer.measure(theirs, asked[:: max(1, len(asked) // (limit or len(asked)))], ideal, strangers, progress)


def _generation(assistant: Assistant, questions: Sequence[Question], bar: Bar, judge: str) -> Stage:
    opened = open_judge(judge, assistant.settings) if judge else None
    scorer = SupportScorer(assistant.ready.embed_model)
    cases = _answered(arms.FULL, assistant, questions, bar("generation"))
    return generation.summary(cases, assistant.snapshot, scorer, opened)


def _answered(
    arm: arms.Arm, assistant: Assistant, questions: Sequence[Question], progress: Callable[[int, int], None]
) -> list[generation.Case]:
    """Answer as the arm does; a language model's first word is timed, by an assistant that has read nothing yet."""
    timed = assistant.settings.llm != EXTRACTIVE
    if timed:
        assistant = Assistant(assistant.settings)
        assistant.warm_up()
    return generation.run(arms.answerer(arm, assistant), questions, timed, progress)


def _arms(assistant: Assistant, questions: Sequence[Question], bar: Bar, chosen: Sequence[arms.Arm]) -> Stage:
    """Run each arm on the questions that need no conversation; cases are named `arm metric`."""
    scorer = SupportScorer(assistant.ready.embed_model)
    asked = [question for question in questions if not question.history]
    figures: dict[str, Any] = {}
    cases: dict[str, dict[str, float]] = {}
    for arm in chosen:
        stage = generation.summary(_answered(arm, assistant, asked, bar(arm.name)), assistant.snapshot, scorer)
        figures[arm.name] = stage.figures
        cases |= {f"{arm.name} {metric}": values for metric, values in stage.cases.items()}
    by_group = {group: {name: figures[name][group] for name in figures} for group in ("all", "ko", "en")}
    base = {arm.name: arm.base for arm in chosen if arm.base in figures}
    return Stage({**by_group, "base": base}, cases)


def on_data(names: Sequence[str], beir: Path | None, file: Path | None, settings: Settings, bar: Bar) -> dict[str, Any]:
    """Run `retrieval` on a BEIR-layout folder, or `relevance` or `support` on a JSON Lines file."""
    wanted = list(names) or (["retrieval"] if beir else ["relevance"])
    if file and wanted == ["support"]:
        return check.on_file(file, settings, bar("support"))
    model = build_embedding(settings)
    if beir and wanted == ["retrieval"]:
        return retrieval.on_beir(open_set(beir, settings, model, bar("embedding")), model, bar("retrieval"))
    if file and wanted == ["relevance"]:
        return relevance.on_file(file, settings, model, bar("embedding"))
    raise SettingsError("--beir goes with the stage retrieval, --file with relevance or support")
