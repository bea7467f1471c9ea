"""Six small notes in both languages, with and without front matter; two questions that they answer."""

NOTES = {
    "녹차.md": """---
title: 녹차 우리기
language: ko
source: tea-diary
url: https://example.org/tea
date: 2024-03-01
---

# 녹차 우리기

## 물의 온도

녹차는 70도의 물에 2분 동안 우린다. 물이 끓는 100도에서는 떫은 타닌이 많이 나온다.

## 보관

찻잎은 빛이 들지 않는 밀폐 용기에 담아 냉장고에 둔다. 개봉한 찻잎은 3개월 안에 마신다.
""",
    "등대.txt": (
        "솔섬 등대는 1931년에 세워졌다. 등대의 높이는 24미터이고 불빛은 37킬로미터 밖에서도 보인다.\n\n"
        "등대지기 박미래는 매일 저녁 렌즈를 닦는다. 등대의 렌즈는 프레넬 렌즈이다.\n"
    ),
    "sourdough.md": """---
title: Sourdough bread
language: en
source: kitchen-book
url: https://example.org/bread
date: 2024-02-11
---

# Sourdough bread

## Starter

The starter is fed every 12 hours with equal weights of rye flour and water. A starter that floats is ready.

## Baking

Bake the loaf at 250 degrees for 20 minutes under a lid, then at 220 degrees for 25 minutes without it.

- Score the loaf before it goes into the oven.
- Let it cool for an hour before cutting.
""",
    "deep/bicycle.md": """# Bicycle gears

The small chainring has 34 teeth and the large one has 50 teeth. A worn chain stretches, e.g. by 0.75 percent, and
should then be replaced before it damages the sprockets.

| part | life in km |
|---|---|
| chain | 3000 |
| cassette | 9000 |
""",
    "deep/library.txt": (
        "The Willow Street library lends seven books at a time. A book may be kept for four weeks.\n\n"
        "The reading room closes at nine on weekdays. The librarian is called Ada Morrow.\n"
    ),
    "망원경.md": """---
title: "Mirinae telescope / 미리내 망원경"
language: ko, en
source: sky-club
url: https://example.org/mirinae
date: 2024-05-20
---

## 거울 / Mirror

미리내 망원경의 주거울은 지름이 1.8미터이다. 거울은 알루미늄으로 코팅되어 있다.

The primary mirror of the Mirinae telescope is 1.8 metres wide. It is coated with aluminium every third year.

## 관측 / Observing

Mirinae는 초신성을 찾는다. 관측은 달이 없는 밤에만 한다.

Mirinae looks for supernovae. It observes only on nights without a moon.
""",
}
"""Source → text of the notes that the fixture `notes` writes."""

TEA = "녹차는 몇 도의 물에 우려?"
LOAF = "At how many degrees is the loaf baked under a lid?"
