"""Matches loanwords across scripts by sound: 트랜스포머 and "transformer" have the same key.

In: a word in Hangul or in Latin letters. Out: its sound key. Loanwords keep their consonants and little else, so the
key is a row of consonant classes; a leading vowel becomes `~`, other vowels are dropped. English spelling is first
turned into what a Korean writer hears: a silent e and an r before a consonant go, a c before i becomes s.
"""

import re
from functools import lru_cache

MIN_CONSONANTS = 3
"""Shorter keys would match too many words."""
_HANGUL = re.compile(r"[가-힣]+")
_FIRST_SYLLABLE = 0xAC00
_SILENT = 18
"""The vowel ㅡ, which only carries a consonant."""
# ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ; s, z, j and ch are one class, for Korean writes them by turns.
_INITIAL = "KKNTTLMPPSS-SSSKTP-"
# None, then ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ.
_FINAL = "-KKKNNNTLKMPLLPLMPPTTNTTKTP-"
_ENGLISH = tuple(
    (re.compile(spelled), heard)
    for spelled, heard in (
        ("tion|sion", "S~N"),
        ("ture$", "S~"),
        ("tch|ch", "S"),
        ("ph", "P"),
        ("sh|th", "S"),
        ("ck|qu", "K"),
        ("x", "KS"),
        ("ight", "~T"),
        ("^wr", "L"),
        ("^kn|ng(?![aeiou])", "N"),
        ("gu(?=[aei])", "K"),
        ("[cg](?=[eiy])", "S"),
        ("r(?![aeiouy])", ""),
        ("re$|(?<=[a-z][a-z])e$", "~"),
    )
)
_LETTERS = dict(zip("bcdfgjklmnpqrstvzaeiouwy", "PKTPKSKLMNPKLSTPS~~~~~~~", strict=True))
_REPEATED = re.compile(r"([A-Z~])\1+")


@lru_cache(maxsize=50_000)
def sound_key(word: str) -> str:
    """Return the key of a word, empty if it has fewer than `MIN_CONSONANTS` consonant sounds or is in other letters."""
    word = word.lower()
    if _HANGUL.fullmatch(word):
        sounds = "".join(_syllable(char) for char in word)
    elif word.isascii() and word.isalpha():
        for spelled, heard in _ENGLISH:
            word = spelled.sub(heard, word)
        sounds = "".join(char if char.isupper() else _LETTERS.get(char, "~" if char == "~" else "") for char in word)
    else:
        return ""
    sounds = _REPEATED.sub(r"\1", sounds)
    consonants = sounds.replace("~", "")
    if len(consonants) < MIN_CONSONANTS:
        return ""
    return ("~" if sounds.startswith("~") else "") + consonants


def _syllable(char: str) -> str:
    initial, rest = divmod(ord(char) - _FIRST_SYLLABLE, 588)
    vowel, final = divmod(rest, 28)
    return (_INITIAL[initial] + ("" if vowel == _SILENT else "~") + _FINAL[final]).replace("-", "")
