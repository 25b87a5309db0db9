"""The planner's network and tokenizer, and the compact text that its chat template makes of a conversation.

A first request is `<|user|>words<|spec|>`, an edit `<|old|>PromptSpec<|user|>words<|spec|>`; the answer is the
PromptSpec as `json.dumps` writes it. The template leaves the system message out and keeps only the last answer and the
last words, these in lower case, so nothing that calls the planner needs to know of this.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from training.stages.exchanges import Exchange, Size

PAD, END, OLD, USER, SPEC = "<|pad|>", "<|end|>", "<|old|>", "<|user|>", "<|spec|>"
CONTEXT = 1024

CHAT_TEMPLATE: Final = (
    "{%- set turn = namespace(old='', user='') -%}"
    "{%- for message in messages -%}"
    "{%- if message['role'] == 'assistant' and not loop.last -%}{%- set turn.old = message['content'] -%}"
    "{%- elif message['role'] == 'user' -%}{%- set turn.user = message['content'] -%}{%- endif -%}"
    "{%- endfor -%}"
    "{%- if turn.old -%}{{- '<|old|>' + turn.old -}}{%- endif -%}"
    "{{- '<|user|>' + turn.user | lower + '<|spec|>' -}}"
    "{%- if messages[-1]['role'] == 'assistant' -%}{{- messages[-1]['content'] + '<|end|>' -}}{%- endif -%}"
)

_IDEOGRAPH: Final = "[\u3040-\u30ff\u3400-\u9fff]"


def question(example: Exchange) -> str:
    """The example's conversation in the compact text."""
    old = f"{OLD}{as_json(example.old)}" if example.old is not None else ""
    return f"{old}{USER}{example.text.lower()}{SPEC}"


def as_json(answer: Mapping[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False)


def new_tokenizer(examples: Iterable[Exchange], vocabulary: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE over requests and answers. Each ideograph stands alone, so that words share their characters."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(_IDEOGRAPH), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[PAD, END, OLD, USER, SPEC],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),  # sorted: token numbers follow it
    )
    tokenizer.train_from_iterator((f"{item.text}\n{as_json(item.answer)}" for item in examples), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=PAD, eos_token=END, additional_special_tokens=[OLD, USER, SPEC],
        chat_template=CHAT_TEMPLATE, model_max_length=CONTEXT, padding_side="left", clean_up_tokenization_spaces=False,
    )  # fmt: skip


def new_planner(vocabulary: int, size: Size) -> LlamaForCausalLM:
    """2.4 million parameters for the drawn things, 2.9 million with the longer vocabulary of a gallery."""
    config = LlamaConfig(
        vocab_size=vocabulary, hidden_size=size.width, intermediate_size=size.inner, num_hidden_layers=size.layers,
        num_attention_heads=size.heads, num_key_value_heads=size.heads, max_position_embeddings=CONTEXT,
        tie_word_embeddings=True, bos_token_id=None, eos_token_id=1, pad_token_id=0,
    )  # fmt: skip
    return LlamaForCausalLM(config)
