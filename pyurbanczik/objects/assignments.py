"""Parameters that are no attributes: to assign one of them would set nothing, without a word."""

from typing import Any


class NoAssignments:
    """Mixin of what has parameters that something else than an assignment sets. Other attributes may be assigned."""

    def _instead(self, name: str) -> str | None:
        """What sets the parameter or state `name`; None if there is none of that name."""
        raise NotImplementedError

    _made = True  # until then what is assigned is not the user's

    def __setattr__(self, name: str, value: Any) -> None:
        if self._made and not name.startswith("_") and name not in self.__dict__:
            instead = self._instead(name)
            if instead:
                raise AttributeError(
                    f"{type(self).__name__}.{name} = ... is not allowed, as it would set nothing; {instead}"
                )
        super().__setattr__(name, value)


class GivenAtOnce(NoAssignments):
    """Mixin of models and their parts, which are given their parameters when they are made."""

    choices: Any = ()  # arguments besides the parameters

    def _instead(self, name):
        tables = ("default_parameters", "compartments", "declared", "choices")
        if any(name in getattr(self, table, ()) for table in tables):
            return f"give it to {type(self).__name__}({name}=...)"
        return None
