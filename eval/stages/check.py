"""How well the assistant's own check tells sentences that their evidence bears out from those that it does not.

In: a JSON Lines file of pairs, as the contract has it. Out: the shares of true sentences kept and of false ones caught,
by direction ("ko>en": Korean evidence, English sentence) and by kind of error, at the threshold that ships.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.answer import Strip
from assistant.answering.check import Supports, borne_out, scorer
from assistant.config import Settings
from assistant.errors import SettingsError
from assistant.models.judge import Judge
from eval.measures.metrics import auroc
from eval.questions.beir import read_objects


@dataclass(frozen=True)
class Pair:
    """A sentence and its evidence; `direction` names their languages, `kind` what is wrong with the sentence."""

    evidence: str
    sentence: str
    supported: bool
    direction: str
    kind: str


@dataclass(frozen=True)
class Checked:
    """A pair with the score that the check gives it: 0 where an exact check refuses it."""

    pair: Pair
    kept: bool
    score: float


def on_file(file: Path, settings: Settings, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Check the pairs of a file; raise SettingsError if a line is none."""
    pairs = list(map(_pair, read_objects(file)))
    return summary(check(pairs, scorer(Judge.open(settings)), progress))


def check(pairs: Sequence[Pair], supports: Supports, progress: Callable[[int, int], None]) -> list[Checked]:
    """Put each pair through the check that the assistant makes before it shows a sentence."""
    checked = []
    for done, pair in enumerate(pairs, start=1):
        sentence = borne_out(pair.sentence, (1,), {1: _strip(pair.evidence)}, supports)
        checked.append(Checked(pair, sentence is not None, sentence.support if sentence else 0.0))
        progress(done, len(pairs))
    return checked


def summary(checked: Sequence[Checked]) -> dict[str, Any]:
    """Return the figures of all pairs, of each direction, and of each kind of error."""
    directions = sorted({item.pair.direction for item in checked})
    kinds = sorted({item.pair.kind for item in checked if not item.pair.supported})
    return {
        "pairs": len(checked),
        **_shares(checked),
        "auroc": auroc([item.score for item in checked], [item.pair.supported for item in checked]),
        "directions": {name: _shares([item for item in checked if item.pair.direction == name]) for name in directions},
        "kinds": {
            kind: _shares([item for item in checked if item.pair.kind == kind])["caught_unsupported"] for kind in kinds
        },
    }


def _shares(checked: Sequence[Checked]) -> dict[str, float]:
    kept = [item.kept for item in checked if item.pair.supported]
    caught = [not item.kept for item in checked if not item.pair.supported]
    return {"kept_supported": _share(kept), "caught_unsupported": _share(caught)}


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else float("nan")


def _pair(item: dict[str, Any]) -> Pair:
    try:
        direction = f"{item['evidence_lang']}>{item['sentence_lang']}"
        return Pair(item["evidence"], item["sentence"], bool(item["supported"]), direction, str(item.get("kind", "")))
    except (KeyError, TypeError) as error:
        raise SettingsError(
            f"each pair needs evidence, evidence_lang, sentence, sentence_lang and supported: {error!r}"
        ) from error


def _strip(evidence: str) -> Strip:
    """Return the evidence as a strip; a first line with " > " is its title and heading."""
    first, _, rest = evidence.partition("\n")
    title, mark, heading = first.partition(" > ")
    if not mark or not rest:
        title, heading, rest = "", "", evidence
    return Strip("", title, heading, "", rest, 0, len(rest), 0.0, number=1)
