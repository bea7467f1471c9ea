"""What watches over a server: it lives, it can answer, and its figures, without a word of what was asked."""

import re
from dataclasses import replace
from pathlib import Path

import httpx
from door_parts import Recorder, client, doors
from fakes import HashEmbedding, until
from prometheus_client.parser import text_string_to_metric_families
from six_notes import LOAF

from assistant import Assistant, Settings
from assistant.errors import GenerationFailed


def figures(http: httpx.Client) -> dict[str, float]:
    said = http.get("/metrics")
    assert said.status_code == 200 and said.headers["content-type"].startswith("text/plain")
    found = {}
    for family in text_string_to_metric_families(said.text):
        for sample in family.samples:
            labels = ",".join(sample.labels.get(key, "") for key in ("outcome", "stage") if key in sample.labels)
            found[f"{sample.name} {labels}".strip()] = sample.value
    return found


def test_a_server_over_an_index_lives_is_ready_and_counts_what_came_of_questions(
    assistant: Assistant, settings: Settings
) -> None:
    with doors(assistant, settings) as address, client(address) as http:
        assert http.get("/livez").json() == {"lives": True} and http.get("/readyz").json() == {"ready": True}
        for question in (LOAF, "Who painted the ceiling of the Sistine chapel?"):
            assert http.post("/api/ask", json={"question": question}).status_code == 200
        said = figures(http)
        assert said["assistant_answers_total answered"] + said["assistant_answers_total declined"] == 2
        assert said["assistant_answers_total answered"] >= 1
        assert said["assistant_seconds_count total"] == 2 and 0 < said["assistant_seconds_sum total"] < 60
        assert said["assistant_notes"] == 6
        assert until(lambda: figures(http)["assistant_questions"] == 0)  # a place is given back behind the answer
        assert not re.search("loaf|Sistine|sourdough", http.get("/metrics").text)


def test_without_an_index_a_server_lives_and_is_not_ready(settings: Settings, tmp_path: Path) -> None:
    bare = replace(settings, index=tmp_path / "none" / "index")
    with doors(Assistant(bare, embed_model=HashEmbedding()), bare) as address, client(address) as http:
        assert http.get("/livez").status_code == 200
        said = http.get("/readyz")
        assert said.status_code == 503 and "no index" in said.json()["error"] and str(tmp_path) not in said.text
        assert figures(http)["assistant_notes"] == 0


def test_an_answer_that_fails_is_counted_as_such(settings: Settings) -> None:
    with doors(Recorder(settings, GenerationFailed("broken")), settings) as address, client(address) as http:
        assert http.post("/api/ask", json={"question": LOAF}).status_code == 503
        said = figures(http)
        assert said["assistant_answers_total failed"] == 1 and "assistant_answers_total answered" not in said


def test_who_watches_need_not_log_in_but_the_figures_are_for_those_who_do(
    assistant: Assistant, settings: Settings
) -> None:
    closed = replace(settings, serve_token="a token")
    with doors(assistant, closed) as address, client(address) as http:
        assert http.get("/livez").status_code == http.get("/readyz").status_code == 200
        assert http.get("/metrics").status_code == 401
        assert http.get("/metrics", headers={"authorization": "Bearer a token"}).status_code == 200
        assert http.get("/livez", headers={"host": "evil.example"}).status_code == 400
