"""Files that are written as a whole: a name stands for the old file, or for a new one that is complete."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def draft_of(path: str, ending: str = "") -> Iterator[str]:
    """The name of a draft that takes the place of a file when all is done, or leaves no trace if that fails.

    The folder is made if need be. The path is without links, since it is replaced; the draft has the `ending`, as some
    writers append it otherwise.
    """
    folder, name = os.path.split(path)
    os.makedirs(folder, exist_ok=True)
    draft = os.path.join(folder, f".{name}.{os.getpid()}{ending}")
    try:
        yield draft
        os.replace(draft, path)
    except BaseException:
        with suppress(OSError):
            os.remove(draft)
        raise
