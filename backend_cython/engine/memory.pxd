"""Blocks of memory for kernels, which stay as they are if there is no room for larger ones."""

from libc.stdlib cimport realloc


cdef extern from *:
    """
    #ifndef PYURBANCZIK_PREFETCH
    #if defined(__GNUC__)
    #define PYURBANCZIK_PREFETCH(address) __builtin_prefetch(address)
    #define PYURBANCZIK_PREFETCH_TO_WRITE(address) __builtin_prefetch(address, 1)
    #else
    #define PYURBANCZIK_PREFETCH(address) ((void) 0)
    #define PYURBANCZIK_PREFETCH_TO_WRITE(address) ((void) 0)
    #endif
    #endif
    """
    # what lies there is about to be read
    void prefetch "PYURBANCZIK_PREFETCH" (const void* address) noexcept nogil
    # or written
    void prefetch_to_write "PYURBANCZIK_PREFETCH_TO_WRITE" (const void* address) noexcept nogil


cdef enum:
    CACHE_LINE = 64
    IN_A_LINE = 8               # numbers in a cache line


cdef inline void prefetch_bytes(const void* first, Py_ssize_t n) noexcept nogil:
    """All lines of them, if there are any."""
    cdef const char* byte = <const char*> first
    cdef Py_ssize_t i = 0
    while i < n:
        prefetch(byte + i)
        i += IN_A_LINE * sizeof(double)
    if n > 0:
        prefetch(byte + n - 1)


cdef inline void prefetch_numbers(const double* first, Py_ssize_t n) noexcept nogil:
    prefetch_bytes(first, n * sizeof(double))


cdef inline bint resized(void** block, size_t n_bytes) noexcept nogil:
    """Make a block (NULL: a new one) of `n_bytes`, keeping what it holds; false, and it is as it was, without room."""
    cdef void* moved = realloc(block[0], n_bytes if n_bytes else 1)
    if moved != NULL:
        block[0] = moved
    return moved != NULL


cdef inline int resize(void** block, size_t n_bytes) except -1 nogil:
    """The same, but a MemoryError says that there is no room. Kernels tell a `Failure`."""
    if not resized(block, n_bytes):
        with gil:
            raise MemoryError(f"no room for {n_bytes} bytes")
    return 0
