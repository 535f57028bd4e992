"""What there is but once: a copy of it is itself."""


class Lasting:
    """Mixin of what there is but once in a network: a copy of it is itself, and it cannot be pickled."""

    __slots__ = ()
    # what to pickle instead
    picklable = "what get_data() and get() return"

    def _own_name(self):
        label = getattr(self, "label", None)
        return f"{type(self).__name__} {label!r}" if label else type(self).__name__

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __reduce_ex__(self, protocol):
        raise TypeError(f"{self._own_name()} is part of a simulation and cannot be pickled; pickle {self.picklable}")
