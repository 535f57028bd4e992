"""Arrays for loops that compilers are to vectorise: none of a function's arguments of these types overlap."""

cdef extern from *:
    """
    #ifndef PYURBANCZIK_ARRAYS
    #define PYURBANCZIK_ARRAYS
    typedef double* __restrict alone;
    typedef const double* __restrict alone_input;
    typedef const long* __restrict alone_steps;
    typedef const unsigned char* __restrict alone_bytes;
    #endif
    """
    ctypedef double* Alone "alone"
    ctypedef const double* AloneInput "alone_input"
    ctypedef const long* AloneSteps "alone_steps"
    ctypedef const unsigned char* AloneBytes "alone_bytes"
