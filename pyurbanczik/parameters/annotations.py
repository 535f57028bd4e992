"""What populations, projections and segments may be annotated with."""

from collections.abc import Mapping
from typing import Any

from neo.core.baseneo import ALLOWED_ANNOTATION_TYPES, BaseNeo


def are_annotations(value: Any) -> bool:
    """Whether Neo can hold `value`, which it would refuse only when a block is made; see `with_text_keys`."""
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        return False
    try:
        BaseNeo().annotate(**with_text_keys(value))
    except (TypeError, ValueError):
        return False
    return True


def with_text_keys(value: Any) -> Any:
    """The same, but with texts as keys of dictionaries: PyNN takes any, Neo and files take texts alone.

    Raises
    ------
    ValueError
        For other keys, and for keys that are the same as texts.
    """
    if isinstance(value, Mapping):
        texts = {str(key) for key in value if isinstance(key, ALLOWED_ANNOTATION_TYPES)}
        if len(texts) < len(value):
            raise ValueError(f"keys of annotations: {list(value)} are not allowed; they must be simple and differ")
        return {str(key): with_text_keys(inner) for key, inner in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(with_text_keys, value))
    return value
