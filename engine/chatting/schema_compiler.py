"""Compiles one JSON schema into a grammar for llguidance, as a script of its own: schema on stdin, grammar on stdout.

Invariant: as a script it has at most CPU_S seconds of the processor and MEMORY_BYTES of memory, because the time that a
schema takes has no bound: llguidance's own limits do not cover its search for a text that matches.
"""

from __future__ import annotations

import resource
import sys
import time
from contextlib import suppress

from llguidance import LLMatcher, LLTokenizer

CPU_S = 2
MEMORY_BYTES = 512 << 20
AGAIN_S = 0.5
"""Of CPU_S, how much a schema may take that is not refused: for each answer, the model thread does it all once more."""
LAYOUT = {"whitespace_flexible": True, "whitespace_pattern": "[ ]?"}
"""At most one space between tokens: a model that likes newlines could otherwise write nothing else."""
MAX_REASON_CHARS = 200
COMPILED, REFUSED = b"+", b"-"
"""What the script's output begins with: then a grammar follows, or the reason why there is none."""
TOO_MUCH = b"it needs too much time or memory; make it simpler"


def compile_schema(schema: str) -> str:
    """Return the grammar of a JSON schema. Raises ValueError with the reason where llguidance cannot keep to it."""
    grammar: str = LLMatcher.grammar_from_json_schema(schema, defaults=LAYOUT)
    is_invalid, messages = LLMatcher.validate_grammar_with_warnings(grammar)
    if is_invalid:
        raise ValueError(messages[0])
    return grammar


def try_out(grammar: str) -> None:
    """Take the time that an answer's matcher takes before its first token, which may be the most of it.

    Raises ValueError where no answer can begin.
    """
    matcher = LLMatcher(LLTokenizer("byte"), grammar)
    matcher.compute_ff_tokens()
    matcher.compute_logit_bias()
    if matcher.is_error():
        raise ValueError("no answer matches it")


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    with suppress(ValueError, OSError):  # macOS refuses it
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    schema, began = sys.stdin.buffer.read().decode(), time.process_time()
    try:
        grammar = compile_schema(schema)
        try_out(grammar)
        output = COMPILED + grammar.encode()
        if time.process_time() - began > AGAIN_S:
            output = REFUSED + TOO_MUCH
    except ValueError as error:
        output = REFUSED + str(error).splitlines()[0][:MAX_REASON_CHARS].encode()
    sys.stdout.buffer.write(output)


if __name__ == "__main__":
    main()
