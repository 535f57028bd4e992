"""Compile backend_cython; everything else about the package is declared in pyproject.toml.

Environment variables:

``PYURBANCZIK_DEBUG=1``   bounds checks and initialisation checks on, little optimisation, debug symbols
``PYURBANCZIK_NATIVE=1``  code for this machine's processor only (``-march=native``); without it, the loops that gain
                          from wide vectors are compiled for several kinds of processors
``PYURBANCZIK_OPENMP=0``  no threads, even if the compiler has OpenMP
``PYURBANCZIK_SANITIZE=address,undefined``  what gcc and clang watch as the core runs; see `make sanitize`

A change of any of them recompiles everything at the next build.
"""

import os
import platform
import shutil
import sysconfig
import tempfile
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext, customize_compiler, new_compiler
from setuptools.errors import CompileError, LinkError, PlatformError

ROOT = Path(__file__).resolve().parent
CORE = "backend_cython"
SETTINGS = ROOT / "build" / "settings"
# What Cython adds to every module that uses memoryviews, compiled once for all of them: half of the time of a build.
SHARED = f"{CORE}._cyutility"


def switched_on(variable, default="0"):
    return os.environ.get(variable, default).lower() not in ("", "0", "no", "off", "false")


DEBUG = switched_on("PYURBANCZIK_DEBUG")
NATIVE = switched_on("PYURBANCZIK_NATIVE")
OPENMP = switched_on("PYURBANCZIK_OPENMP", "1")
SANITIZE = os.environ.get("PYURBANCZIK_SANITIZE", "")

# The only module with threads.
THREADED = f"{CORE}.engine.team"

# Modules of loops over arrays, which pay for all that compilers can do about these.
LOOPS = {
    f"{CORE}.neurons.compartment_loops",
    f"{CORE}.neurons.point_loops",
    f"{CORE}.neurons.source_loops",
    f"{CORE}.numerics.sorting",
    f"{CORE}.numerics.time_grid",
    f"{CORE}.numerics.trains",
    f"{CORE}.synapses.error_integrals",
    f"{CORE}.synapses.error_sums",
    f"{CORE}.synapses.static_loops",
    f"{CORE}.synapses.stdp_loops",
}
# Variants of these for processors that have more, in folders of these names; engine/processor.pyx chooses at import.
# No fused multiply-adds, which would round differently.
VARIANTS = {"avx2": ["-mavx2", "-mbmi", "-mbmi2"]}
VARIANTS["avx512"] = [*VARIANTS["avx2"], "-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl"]
PROCESSOR = f"{CORE}.engine.processor"

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": DEBUG,
    "initializedcheck": DEBUG,
    "wraparound": False,
    "cdivision": True,
}


def compiler_flags(compiler_type):
    """Optimise, but never reorder or fuse floating-point operations: equal seeds must give equal bits.

    Neither flag below that loosens IEEE rules changes a result: the core reads neither errno nor the
    exception flags.
    """
    if compiler_type == "msvc":
        return ["/Od", "/Zi"] if DEBUG else ["/O2"]
    flags = ["-Og", "-g"] if DEBUG else ["-O2", "-g0"]
    if SANITIZE:
        # line numbers are enough to find what is reported
        flags = ["-O1", "-g1", "-fno-omit-frame-pointer", f"-fsanitize={SANITIZE}", "-fno-sanitize-recover=undefined"]
    # Populations of one cell are common: a call of memset would cost more than clearing one number.
    flags += ["-fno-math-errno", "-fno-trapping-math", "-fno-tree-loop-distribute-patterns"]
    # Fused multiply-adds would round differently on processors that have them.
    flags.append("-ffp-contract=off")
    if NATIVE:
        flags.append("-march=native")
    return flags


def compiles(compiler, program, flags=(), link_flags=()):
    """Whether this compiler makes an executable of a program in C."""
    with tempfile.TemporaryDirectory() as directory:
        source = Path(directory) / "probe.c"
        source.write_text(program)
        try:
            headers = [sysconfig.get_path("include"), sysconfig.get_path("platinclude")]
            objects = compiler.compile([str(source)], directory, include_dirs=headers, extra_postargs=list(flags))
            compiler.link_executable(objects, "probe", directory, extra_postargs=list(link_flags))
        except (CompileError, LinkError, PlatformError):
            return False
    return True


def check_compiler(compiler_type):
    """Say that there is no compiler before Cython has worked for a minute."""
    compiler = new_compiler(compiler=compiler_type)
    customize_compiler(compiler)
    if not compiles(compiler, "#include <Python.h>\nint main(void) { return 0; }\n"):
        raise SystemExit(
            f"setup.py: {CORE} has to be compiled, which needs a C compiler that works and Python's header files "
            "(on Debian and Ubuntu: apt install gcc libc6-dev python3-dev)."
        )


def openmp_flag(compiler):
    """How this compiler is asked for OpenMP; None if it has none, as Apple's."""
    flag = "/openmp" if compiler.compiler_type == "msvc" else "-fopenmp"
    link_flags = [] if compiler.compiler_type == "msvc" else [flag]
    program = "#include <omp.h>\nint main(void) { return omp_get_max_threads() == 0; }\n"
    if not compiles(compiler, program, [flag], link_flags):
        print(f"setup.py: no OpenMP, so that {CORE} will work with one thread")
        return None
    return flag


def find_extensions():
    sources = sorted((ROOT / CORE).rglob("*.pyx"))
    if not sources:
        raise SystemExit(
            f"setup.py: no .pyx file below {CORE}/. A package without its core would install and fail at "
            "the first import; the source distribution or checkout is incomplete."
        )
    relative = [source.relative_to(ROOT) for source in sources]
    modules = [Extension(".".join(path.with_suffix("").parts), [path.as_posix()]) for path in relative]
    modules += [Variant(module, name) for module in modules if module.name in LOOPS for name in possible_variants()]
    return [*modules, Extension(SHARED, [f"{SHARED.replace('.', '/')}.c"])]


def possible_variants():
    """Those for this machine, if its compiler has them."""
    intel = platform.machine().lower() in ("x86_64", "amd64") and platform.system() != "Windows"
    return VARIANTS if intel and not (NATIVE or DEBUG or SANITIZE) else ()


class Variant(Extension):
    """A module compiled once more, from a copy of the C source: objects are named after their source."""

    def __init__(self, module, variant):
        package, _, name = module.name.rpartition(".")
        super().__init__(f"{package}.{variant}.{name}", module.sources)
        self.module, self.variant = module, variant

    def follow_module(self):
        source = Path(self.module.sources[0])
        copy = source.parent / self.variant / source.name
        copy.parent.mkdir(exist_ok=True)
        shutil.copy2(source, copy)
        self.sources, self.depends = [str(copy)], self.module.depends


class BuildCore(build_ext):
    """Runs Cython as well, so that commands which build nothing (sdist, metadata) stay quick."""

    def finalize_options(self):
        super().finalize_options()
        if not self.parallel:
            self.parallel = os.cpu_count() or 1

    def run(self):
        check_compiler(self.compiler)

        import numpy
        from Cython.Build import cythonize

        # Timestamps cannot tell that flags have changed.
        settings = f"{DIRECTIVES} {compiler_flags('unix')} {OPENMP} {sorted(LOOPS)} {VARIANTS}\n"
        self.force = self.force or not SETTINGS.exists() or SETTINGS.read_text() != settings
        if self.force:
            self.remove_variants()
        self.drop_variants()
        if self.force:
            print(f"setup.py: compiling the {len(self.extensions)} modules of {CORE}, which takes a minute or two")

        generated = cythonize(
            [Extension(e.name, e.sources) for e in self.extensions if not isinstance(e, Variant)],
            compiler_directives=DIRECTIVES,
            shared_utility_qualified_name=SHARED,
            build_dir="build/cython",
            force=self.force,
            nthreads=self.parallel if platform.system() == "Linux" else 0,
        )
        by_name = {module.name: module for module in generated}
        for extension in self.extensions:
            if isinstance(extension, Variant):
                extension.follow_module()
            else:
                extension.sources = by_name[extension.name].sources
                extension.depends = by_name[extension.name].depends
            extension.include_dirs += [numpy.get_include(), CORE]
            extension.define_macros.append(("NPY_NO_DEPRECATED_API", "NPY_1_7_API_VERSION"))
        super().run()
        SETTINGS.parent.mkdir(exist_ok=True)
        SETTINGS.write_text(settings)

    def remove_variants(self):
        """Modules need not have the variants that they had, which would go on to be imported."""
        for root in (ROOT, Path(self.build_lib)):
            for variant in VARIANTS:
                for folder in root.glob(f"{CORE}/*/{variant}"):
                    shutil.rmtree(folder)

    def drop_variants(self):
        """Leave out what this compiler cannot make."""
        compiler = new_compiler(compiler=self.compiler)
        customize_compiler(compiler)
        program = '#include <math.h>\nint main(void) { return __builtin_cpu_supports("avx512bw") != 0; }\n'
        if not all(compiles(compiler, program, flags) for flags in VARIANTS.values()):
            self.extensions = [e for e in self.extensions if not isinstance(e, Variant)]
        for extension in self.extensions:
            if isinstance(extension, Variant) and self.inplace:
                Path(self.get_ext_fullpath(extension.name)).parent.mkdir(exist_ok=True)

    def build_extensions(self):
        flags = compiler_flags(self.compiler.compiler_type)
        openmp = openmp_flag(self.compiler) if OPENMP else None
        for extension in self.extensions:
            extension.extra_compile_args.extend(flags)
            variant = isinstance(extension, Variant)
            looping = variant or extension.name in LOOPS
            if looping and self.compiler.compiler_type != "msvc" and not (DEBUG or SANITIZE):
                extension.extra_compile_args.append("-O3")
            if variant:
                extension.extra_compile_args.extend(VARIANTS[extension.variant])
            if extension.name == PROCESSOR:
                built = any(isinstance(other, Variant) for other in self.extensions)
                macros = {"PYURBANCZIK_VARIANTS": built, "PYURBANCZIK_NATIVE": NATIVE}
                extension.define_macros += [(name, str(int(on))) for name, on in macros.items()]
            if SANITIZE:
                extension.extra_link_args.append(f"-fsanitize={SANITIZE}")
            if extension.name == THREADED and openmp:
                extension.extra_compile_args.append(openmp)
                if self.compiler.compiler_type != "msvc":
                    extension.extra_link_args.append(openmp)
        super().build_extensions()


if __name__ == "__main__":
    setup(ext_modules=find_extensions(), cmdclass={"build_ext": BuildCore})
