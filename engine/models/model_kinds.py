"""Which kinds of model transformers has a language model for, and diffusers a pipeline; asked without loading torch.

Invariant: a kind that nothing can be said of, since the library is not installed, counts as known.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

_TABLE = re.compile(r"^MODEL_FOR_CAUSAL_LM_MAPPING_NAMES = OrderedDict\($(.+?)^\)$", re.MULTILINE | re.DOTALL)
_NO_LANGUAGE_MODELS = {"general", "tokenizer", "t5", "umt5"}
"""Further keys of transformers' table of GGUF architectures."""


def writes_text(model_type: str) -> bool:
    """Tell whether a model of this `model_type` in config.json loads as a language model.

    The table is read from its source: to import it, transformers imports torch, which takes seconds.
    """
    spec = find_spec("transformers")
    if spec is None or spec.origin is None:
        return True
    source = Path(spec.origin).with_name("models") / "auto" / "modeling_auto.py"
    table = _TABLE.search(source.read_text("utf-8")) if source.is_file() else None
    return table is None or f'("{model_type}", ' in table[1]


def knows_pipeline(class_name: str) -> bool:
    """Tell whether diffusers has a pipeline of this class, by the names that it exports."""
    spec = find_spec("diffusers")
    if spec is None or spec.origin is None:
        return True
    return f'"{class_name}"' in Path(spec.origin).read_text("utf-8")


def is_unpacked(architecture: str) -> bool:
    """Tell whether a GGUF file of this architecture is unpacked to a language model."""
    try:
        from transformers.integrations.ggml import GGUF_CONFIG_MAPPING
        from transformers.integrations.gguf.gguf_config_mapping import GGUF_CONFIG_ARCHS
    except ImportError:
        return True
    known = {*GGUF_CONFIG_MAPPING, *GGUF_CONFIG_ARCHS} - _NO_LANGUAGE_MODELS
    return _letters(architecture) in set(map(_letters, known))


def _letters(name: str) -> str:
    """Return a name without the signs that llama.cpp and transformers write differently."""
    return re.sub(r"[-_.]", "", name.lower())
