"""Which of the compiled variants of the loops over arrays this process uses.

The modules of these loops (`LOOPS` in setup.py) are compiled once for any processor and, on x86-64, again for wider
vectors. The variants lie in folders beside the module that are named after their instructions; the widest that this
processor has is imported. All of them give the same bits: the compiler neither reorders nor fuses operations.
"""

import os

cdef extern from *:
    """
    #ifndef PYURBANCZIK_VARIANTS
    #define PYURBANCZIK_VARIANTS 0
    #endif
    #ifndef PYURBANCZIK_NATIVE
    #define PYURBANCZIK_NATIVE 0
    #endif
    /* The instructions that setup.py lets the compiler use for each variant. */
    #if PYURBANCZIK_VARIANTS
    static int has_avx2(void)
    {
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    }
    static int has_avx512(void)
    {
        return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
               && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    }
    #else
    static int has_avx2(void) { return 0; }
    static int has_avx512(void) { return 0; }
    #endif
    """
    const bint PYURBANCZIK_VARIANTS
    const bint PYURBANCZIK_NATIVE
    bint has_avx2()
    bint has_avx512()

VARIABLE = "PYURBANCZIK_CPU"
ANY = "native" if PYURBANCZIK_NATIVE else "baseline"
# What is compiled, and what of that this processor can run: narrow vectors first.
BUILT = (ANY, "avx2", "avx512") if PYURBANCZIK_VARIANTS else (ANY,)
SUPPORTED = tuple(name for name, has in zip(BUILT, (True, has_avx2(), has_avx512())) if has)


def choose(asked=None):
    """The variant of this name, or the widest that this processor has."""
    if not asked:
        return SUPPORTED[len(SUPPORTED) - 1]
    if asked not in BUILT:
        raise ValueError(f"{VARIABLE}: {asked!r} is not allowed; this build has {', '.join(BUILT)}")
    if asked not in SUPPORTED:
        raise ValueError(f"{VARIABLE}: {asked!r} is not allowed; this processor has {', '.join(SUPPORTED)}")
    return asked


def variants_first(path):
    """The `__path__` of a package in which modules are found in the variant chosen, if they have one."""
    return path if INSTRUCTIONS == ANY else [*(os.path.join(folder, INSTRUCTIONS) for folder in path), *path]


#: The variant in use: "baseline", "avx2" or "avx512"; "native" if the whole build is for one kind of processor.
INSTRUCTIONS = choose(os.environ.get(VARIABLE))
