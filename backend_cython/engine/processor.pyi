from collections.abc import Iterable

VARIABLE: str
ANY: str
BUILT: tuple[str, ...]
SUPPORTED: tuple[str, ...]
INSTRUCTIONS: str

def choose(asked: str | None = ...) -> str: ...
def variants_first(path: Iterable[str]) -> list[str]: ...
