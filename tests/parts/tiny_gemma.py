"""Builds a sentence-transformers folder of EmbeddingGemma's kind: two layers, eight words, random weights."""

import json
from pathlib import Path

WORDS = ["tea", "water", "is", "녹차", "는", "물"]
_SPECIAL = ["<pad>", "<eos>", "<bos>", "<unk>"]
WINDOW, LONGEST, HIDDEN = 8, 40, 32


def build(folder: Path) -> None:
    """Write the folder, which must exist: attention in both directions, layers with and without a window, two Dense."""
    import torch
    from safetensors.torch import save_file
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import Gemma3TextConfig, Gemma3TextModel, PreTrainedTokenizerFast

    torch.manual_seed(0)
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(_SPECIAL + WORDS)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing("<bos> $A <eos>", None, [("<bos>", 2), ("<eos>", 1)])
    named = {"pad_token": "<pad>", "eos_token": "<eos>", "bos_token": "<bos>", "unk_token": "<unk>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **named).save_pretrained(folder)
    config = Gemma3TextConfig(
        vocab_size=len(_SPECIAL + WORDS),
        hidden_size=HIDDEN,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        query_pre_attn_scalar=16,
        initializer_range=0.3,
        max_position_embeddings=64,
        sliding_window=WINDOW,
        use_bidirectional_attention=True,
        layer_types=["sliding_attention", "full_attention"],
    )
    Gemma3TextModel(config).save_pretrained(folder)
    saved = json.loads((folder / "config.json").read_text())
    # As the real model's file names them.
    saved |= {"rope_theta": 1e6, "rope_local_base_freq": 1e4}
    (folder / "config.json").write_text(json.dumps(saved))
    kind = "sentence_transformers.models"
    names = ["Transformer", "Pooling", "Dense", "Dense", "Normalize"]
    modules = [
        {"idx": n, "name": str(n), "path": f"{n}_{name}" if n else "", "type": f"{kind}.{name}"}
        for n, name in enumerate(names)
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": LONGEST}))
    pooling = {"word_embedding_dimension": HIDDEN, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    for n, (wide, out) in {2: (HIDDEN, 64), 3: (64, HIDDEN)}.items():
        place = folder / f"{n}_Dense"
        place.mkdir()
        dense = {"in_features": wide, "out_features": out, "bias": False}
        dense["activation_function"] = "torch.nn.modules.linear.Identity"
        (place / "config.json").write_text(json.dumps(dense))
        save_file({"linear.weight": torch.randn(out, wide) / wide**0.5}, place / "model.safetensors")
