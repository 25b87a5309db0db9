"""The grammar that an answer must keep to, from the request's response_format; free of torch."""

from __future__ import annotations

from llguidance import LLMatcher

from engine.api.errors import BadRequest
from engine.api.messages import JsonSchema, ResponseFormat

LAYOUT = {"whitespace_flexible": True, "whitespace_pattern": "[ ]?"}
"""At most one space between tokens: a model that likes newlines could otherwise write nothing else."""


def compile_grammar(wanted: ResponseFormat | None) -> str | None:
    """Return the grammar for llguidance; None where any text will do. Raises BadRequest for a schema that it lacks."""
    if wanted is None or wanted.type == "text":
        return None
    if wanted.type == "json_object":
        wanted = ResponseFormat("json_schema", JsonSchema("object", {"type": "object"}))
    if wanted.json_schema is None:
        raise BadRequest("response_format: json_schema is missing.", param="response_format")
    try:
        grammar: str = LLMatcher.grammar_from_json_schema(wanted.json_schema.schema, defaults=LAYOUT)
        broken, messages = LLMatcher.validate_grammar_with_warnings(grammar)
    except ValueError as error:
        broken, messages = True, [str(error)]
    if broken:
        reason = messages[0].splitlines()[0]
        raise BadRequest(f"response_format: this schema cannot be kept to: {reason}.", param="response_format")
    return grammar
