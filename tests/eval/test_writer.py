"""The writers that measure what the product makes of a good and of a careless answer."""

import pytest
from fakes import HashEmbedding, opened
from hypothesis import given
from hypothesis import strategies as st

from assistant import Settings
from assistant.answer import Strip
from assistant.answering.write import messages
from assistant.messages.said import NOT_FOUND
from assistant.search.question import read
from assistant.text.language import Language
from eval.questions.dataset import read_questions
from eval.questions.ideal import CARELESS, IDEAL, Ideal, Known, Writer, holds, read_ideal
from eval.questions.judged import Asked
from eval.questions.strangers import read_questions as read_strangers
from eval.stages.support import SupportScorer, says_in
from eval.stages.writer import measure

KO, EN = Language.KO, Language.EN
TEA = Ideal(("Green tea wants water of 70 degrees.", "Two minutes are enough."), {})
WRONG = {"number": "Two hours are enough.", "added": "It was drunk in China first."}


def prompt(question: str, *excerpts: str, language: Language = EN) -> list[dict[str, str]]:
    strips = [Strip("a.md", "A", "", "", text, 0, len(text), 0.5, n) for n, text in enumerate(excerpts, start=1)]
    return [
        {"role": str(message.role.value), "content": str(message.content)}
        for message in messages(read(question), language, strips)
    ]


def writer(manner: str = IDEAL) -> Writer:
    gold = (("Steep green tea at 70 degrees.",), ("for two minutes", "2분 동안 우린다"))
    made = Writer({"how hot?": Known(gold, Ideal(TEA.sentences, WRONG))})
    made.manner = manner
    return made


def test_an_ideal_writer_answers_where_all_gold_is_in_its_prompt_and_cites_it() -> None:
    excerpts = "Something else entirely.", "Steep green tea at 70 degrees.", "Leave it for two minutes."
    asked = prompt("how hot?", *excerpts)
    assert writer().reply(asked) == " ".join(f"{sentence} [2] [3]" for sentence in TEA.sentences)


@pytest.mark.parametrize("language", [KO, EN])
@pytest.mark.parametrize("question", ["how hot?", "how cold?"])
def test_it_declines_in_the_prompts_own_words_what_the_prompt_lacks(question: str, language: Language) -> None:
    asked = prompt(question, "Steep green tea at 70 degrees.", language=language)
    assert writer().reply(asked) == NOT_FOUND[language]


@pytest.mark.parametrize(
    ("manner", "said"),
    [
        ("number", [TEA.sentences[0], WRONG["number"]]),
        ("added", [*TEA.sentences, WRONG["added"]]),
        ("name", list(TEA.sentences)),
    ],
)
def test_a_careless_writer_changes_one_sentence_or_adds_one(manner: str, said: list[str]) -> None:
    assert writer(manner).says(Ideal(TEA.sentences, WRONG)) == said


@given(st.text(st.sampled_from("ab 가나."), min_size=1, max_size=30), st.text(max_size=5))
def test_a_text_holds_what_it_is_made_of_whatever_the_spacing(gold: str, before: str) -> None:
    assert holds(f"{before}{gold.replace(' ', '  ')}", gold) is any(letter.isalnum() for letter in gold)


def test_it_takes_most_of_the_shorter_one() -> None:
    assert holds("Steep green tea", "Steep green tea at 70 degrees, not more")
    assert not holds("Bake the loaf at 250 degrees under a lid.", "Steep green tea at 70 degrees.")


def test_the_product_is_measured_behind_every_writer(settings: Settings, embed_model: HashEmbedding) -> None:
    note = "The oven of Solsom bakes rye bread at 250 degrees. It has room for nine loaves."
    (settings.notes / "oven.md").write_text(note, encoding="utf-8")
    gold = ((("oven.md", 0, note.index(" It has")),),)
    questions = [
        Asked("a", EN, "At how many degrees does the oven of Solsom bake rye bread?", True, False, gold),
        Asked("b", EN, "Who is the queen of Ruritania?", False, True, ()),
    ]
    right = "The oven of Solsom bakes rye bread at 250 degrees."
    wrong = {"number": right.replace("250", "300"), "added": "Queens were crowned there for ages."}
    ideal = {"a": Ideal((right,), wrong)}
    stage = measure(opened(settings, embed_model), questions, ideal, settings.notes, lambda done, total: None)
    values = {name: {id: value for id, value in cases.items() if value == value} for name, cases in stage.cases.items()}
    assert values["evidence"] == values["kept"] == values["language"] == {"a": 1.0}
    assert values["extra"] == values["refused_answerable"] == {"a": 0.0}
    assert values["refused_unanswerable"] == values["refused_near"] == {"b": 1.0}
    assert values["number"] == values[CARELESS[2]] == {"a": 1.0} and values["name"] == {}
    assert stage.figures["en"]["questions"] == 2 and stage.figures["ko"]["questions"] == 0


def test_there_is_an_ideal_answer_to_each_answerable_question_in_its_language() -> None:
    ideal = read_ideal()
    asked = {item.id: item.language for item in read_questions("test") if item.answerable}
    asked |= {item.id: item.language for item in read_strangers() if item.answerable}
    assert set(ideal) == set(asked)
    for id, answer in ideal.items():
        assert answer.sentences and says_in(" ".join(answer.sentences), asked[id]), id
        assert not set(answer.wrong.values()) & set(answer.sentences), id
    for manner in CARELESS:
        assert sum(manner in answer.wrong for answer in ideal.values()) > len(ideal) / 3


@pytest.mark.parametrize(
    ("text", "language", "right"),
    [
        ("Your notes say, in Korean: 녹차는 70도의 물에 우린다. [1]", EN, False),
        ("BERT (버트) reads words on both sides of a gap. [1]", EN, True),
        ("BERT는 양쪽을 읽는다. [1]", KO, True),
        ("BERT reads both sides. [1]", KO, False),
    ],
)
def test_the_language_is_counted_strictly(text: str, language: Language, right: bool) -> None:
    assert says_in(text, language) is right


def test_a_quotation_claims_what_it_quotes(embed_model: HashEmbedding) -> None:
    scorer = SupportScorer(embed_model)
    assert scorer.score("녹차는 70도의 물에 우린다.", "Your notes say, in Korean: 녹차는 70도의 물에 우린다.") == 1.0
