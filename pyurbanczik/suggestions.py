"""What a misspelt name may have meant."""

import difflib
from collections.abc import Iterable


def close_to(name: object, names: Iterable[object]) -> str:
    """What to add to an error: the name that is most similar to a wrong one, or nothing if none is."""
    offered = list(dict.fromkeys(map(str, names)))
    by_lower_case = {one.lower(): one for one in reversed(offered)}
    close = difflib.get_close_matches(str(name).lower(), by_lower_case, 1)
    return f"; did you mean {by_lower_case[close[0]]!r}?" if close else ""
