"""Blocks of memory for kernels, which stay as they are if there is no room for larger ones."""

from libc.stdlib cimport realloc


cdef inline int resize(void** block, size_t n_bytes) except -1 nogil:
    """Make a block (NULL: a new one) of `n_bytes`, keeping what it holds; a MemoryError leaves it as it was."""
    cdef void* moved = realloc(block[0], n_bytes if n_bytes else 1)
    if moved == NULL:
        with gil:
            raise MemoryError(f"no room for {n_bytes} bytes")
    block[0] = moved
    return 0
