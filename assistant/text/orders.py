"""Tells a sentence that orders about who answers from the notes ("ignore your rules…") from one that tells of orders.

Orders are recognised by their form: they open with an imperative in English and close with one in Korean, and speak of
rules, prompts, grades or how to answer. "An attacker writes 'ignore your rules' into a note" is a statement and stays.
"""

import re
import unicodedata

_ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјкморсухԁһԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχı",
    "ABESIJKMHOPCTYXaesijkmopcyxdhqwABEZHIKMNOPTYXaiknoptuxi",
)
"""Cyrillic and Greek letters to the Latin ones that they look like."""
_MARKUP = re.compile(r"[*_~`#>\"'“”‘’「」『』\[\](){}|=+•\\-]+")
_HOST = re.compile(r"https?://[^\s/?#]*(?:(?:/[\w.-]*)*+[?#]\w*=)?")
"""An address up to its path, or up to the first value of its query."""
_TOKEN = re.compile(r"<\|?/?\w+\|?>|<</?sys>>")

# Possessive: what is read as an address is not tried again, which would take forever on "model model model …".
_ADDRESS = (
    r"(?:(?:(?:note|message|instructions?) (?:to|for)|attention|important|urgent|warning|dear|hey|hello|ok|new)\W+)*+"
    r"(?:(?:the |all |any |every )?(?:ais?|llms?|(?:language )?models?|assistants?|chatbots?|system|admin|user|inst|"
    r"reader|developer)(?: (?:message|prompt|override|update|instructions?|note|models?|assistants?))*+\W+)*+"
    r"(?:(?:please|now|then|instead|and|so|but|just|kindly|always|only|i|from now on|from here on|henceforth|"
    r"you (?:must|should|will|shall|are to|have to)|your task is to|it is (?:vital|important) (?:to|that you))\W+)*+"
)
_IGNORE = r"(?:ignore|disregard|forget|override|bypass|discard|(?:stop|do not|don t) follow(?:ing)?)"
_ALL_THE = r"(?:(?:all|any|every|the|your|my|these|those|previous|prior|earlier|above|following|of|system|user) )+"
_RULES = r"(?:instructions?|rules?|prompts?|guidelines?|directions?|orders|excerpts?|notes?|question)"
_TEXT = r"(?:passage|note|paragraph|document|text|excerpt|section|chunk|page)"
_SAY = (
    r"(?:say|answer|reply|respond|output|print|write|repeat|tell|return|state|claim|append|insert|add|end|begin|start)"
)
_ENGLISH = tuple(
    re.compile(rf"^{_ADDRESS}{order}", re.IGNORECASE)
    for order in (
        rf"{_IGNORE} {_ALL_THE}{_RULES}\b",
        rf"{_IGNORE} (?:everything|anything|all|what)\b.*\b(?:above|before|previous|earlier|said|told|know)\b",
        r"(?:reveal|print|show|repeat|output|tell)\b.*\bsystem prompt\b",
        rf"{_SAY}\b.*\b(?:every|any|all|each|whatever)\b.*\b(?:questions?|answers?|asked|replies|reply|sentences?)\b",
        rf"{_SAY}\b.*\b(?:the|your|these) (?:notes?|excerpts?|passages?)\b.*\b(?:not|no|nothing)\b",
        rf"{_SAY} (?:only|exactly|just|nothing but|with only|with just|with exactly|nothing except)\b",
        rf"(?:grade|rate|score|rank|mark|label|judge|treat) (?:this|the (?:above|following)) {_TEXT}\b",
        r"(?:decode|decrypt|execute|obey|follow) (?:and|this|the (?:following|above|next)|these|my)\b",
        r"(?:pretend|act) (?:to be|as if|as though|that you|as an? (?:\w+ )?(?:ai|assistant|model|chatbot))\b",
        rf"{_SAY}\b.*\b(?:with|and|then) cite\b",
    )
) + (
    re.compile(
        rf"\bthis {_TEXT} (?:\w+ )*(?:answers?|relevant|fits|matches|holds)\b.*\b(?:every|any|all|each)\b",
        re.IGNORECASE,
    ),
    re.compile(r"\bis the (?:only |right )?answer to (?:everything|anything|all|any|every)\b", re.IGNORECASE),
    re.compile(r"\bcite \d+ (?:in|after|behind|for) (?:each|every|all)\b", re.IGNORECASE),
    re.compile(rf"^{_ADDRESS}you are now\b|^(?:\w+\W+)?from now on\W+(?:you|i)\b", re.IGNORECASE),
)
_END = 500
"""Characters of each end of a sentence that are looked at: orders are short, and what is no prose may be endless."""
_THEN = re.compile(rf"^{_ADDRESS}{_SAY}\b", re.IGNORECASE)

_KOREAN_RULES = r"(?:지시|명령|규칙|지침|프롬프트|발췌|안내|원칙|설정)"
_KOREAN_TEXT = r"(?:구절|문단|노트|글|문서|단락|문장|발췌|내용)"
_KOREAN_SAY = r"(?:답|대답|말|출력|응답|회신|쓰|써|적|붙|덧붙|반복|인쇄|표시)"
_COMMANDING = re.compile(
    r"(?:라|세요|셔요|시오|시요|도록|[하말답]해|해줘|줘|줘요|[할말쓸낼줄길] ?것|마|써|적어|바람|바랍니다)\W*$"
)
_KOREAN = tuple(
    re.compile(order)
    for order in (
        rf"{_KOREAN_RULES}\S*\s(?:\S+\s){{0,3}}(?:무시|잊|따르지|어기|버리|지우|덮어)",
        r"(?:이전|앞|위|지금까지)\S*\s(?:\S+\s){0,3}(?:무시하|잊)",
        r"시스템 프롬프트\S*\s(?:\S+\s){0,3}(?:출력|보여|공개|말|알려|적)",
        rf"(?:모든|어떤|무슨|아무|매|모든 사용자) ?(?:질문|물음|답|답변|대답|문장)\S*\s.*{_KOREAN_SAY}",
        rf"(?:라고만|으로만|로만|만을|만)\s{_KOREAN_SAY}",
        rf"(?:노트|발췌|자료|문서)에\S*\s.*(?:없|못)\S*\s{_KOREAN_SAY}",
        r"(?:점수|등급|관련도|관련성|평점)\S*\s.*(?:매기|매겨|주|줘|부여|채점|평가|정하|표시)",
        r"(?:해독|복호화|디코딩)\S*\s.*(?:따르|따라|실행|수행)",
    )
)
_KOREAN_ALWAYS = re.compile(
    rf"(?:^|\s)(?:이|본|위) {_KOREAN_TEXT}\S*\s.*(?:모든|어떤|아무|온갖) (?:질문|물음)"
    rf"|(?:이제|지금)부터 (?:너|당신|넌|나)\S*\s|^(?:너|당신|넌)\S*\s(?:이제|지금)부터\s"
    r"|(?:모든|어떤) (?:것|질문|물음)의 (?:정?답|답변)"
    rf"|(?:모든|어떤) (?:질문|물음)에\S*\s.*라고\S*\s{_KOREAN_SAY}"
)
_KOREAN_THEN = re.compile(rf"(?:라고|라고만|로|으로)\s{_KOREAN_SAY}\S*(?: 것)?\W*$")


def is_order(sentence: str, behind_one: bool = False) -> bool:
    """Tell whether a sentence is an order; behind another one "Instead say …" is one, too."""
    text = _folded(sentence)
    if any(order.search(text) for order in _ENGLISH) or _KOREAN_ALWAYS.search(text):
        return True
    if _COMMANDING.search(text) and any(order.search(text) for order in _KOREAN):
        return True
    return behind_one and bool(_THEN.match(text) or _COMMANDING.search(text) and _KOREAN_THEN.search(text))


def _folded(sentence: str) -> str:
    """Return the words alone, letters that look alike made one; a hyphen or a slash in an address parts words."""
    ends = sentence if len(sentence) <= 2 * _END else f"{sentence[:_END]} {sentence[-_END:]}"
    text = _HOST.sub(" ", unicodedata.normalize("NFKC", ends).translate(_ALIKE))
    return " ".join(re.sub(r"[-_/+]", " ", _MARKUP.sub(" ", _TOKEN.sub(" ", text))).split())
