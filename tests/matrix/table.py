# SPDX-License-Identifier: MIT
"""
The programs of the matrix: how each is started, by which variables and calls one wishes for
threads, which cells make no sense and why, and what bounds its running threads.
"""
import dataclasses
import glob
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = os.path.join(ROOT, "tests/matrix")
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build"))
VENV = os.environ.get("MATRIX", os.path.join(ROOT, "build/matrix"))
TORCH = os.environ.get("MATRIX_TORCH", os.path.join(ROOT, "build/matrix-torch"))

MODES = ("alone", "fork", "spawn", "loky", "subprocesses", "threads")
WISHES = ("none", "above", "one", "call")

CPUS = 6  # that the machine claims to have
BUDGET = 4
WORKERS = 3  # in each mode but alone
ABOVE, CALL = 6, 2  # the wish above the budget, and the one by a call

DEBIAN = "/usr/bin/python3"


@dataclasses.dataclass
class Program:
    name: str
    command: list  # MODE, ASK, SECONDS and OUT follow
    versions: str  # the package that says its version: "pip NAME..." or "dpkg NAME..."
    control: str  # how ration governs it
    variables: tuple = ("OMP_NUM_THREADS",)  # a wish by the environment sets them all
    env: dict = dataclasses.field(default_factory=dict)
    # mode or wish: why there is no such cell
    without: dict = dataclasses.field(default_factory=dict)
    # Wishes and modes whose threads are not to be held to the budget: at most so many in each
    # process, or thread.
    own: dict = dataclasses.field(default_factory=dict)
    seconds: float = 0.3  # that each process or thread computes, at least
    # Whether it runs on claimed CPUs. Intel's runtime looks for them, and ends where they are not.
    claims: bool = True
    quick: tuple = ()  # modes of it in `make check`
    venv: str = VENV
    # Threads that hand out work and wait, and are seen to run beside those that do it.
    hands: int = 0

    def follows(self):
        """Whether what it has can change while it runs; else it is told once, and stays."""
        return any(word in self.control for word in ("live", "call", "any"))


def python(job, venv=VENV):
    return [os.path.join(venv, "bin/python"), os.path.join(HERE, "guest.py"), job]


def debian(job):
    return [DEBIAN, os.path.join(HERE, "guest.py"), job]


def built(name):
    return [os.path.join(BUILD, "tests/matrix", name)]


def flavour(name):
    """Its folder; where it is not installed the program fails, and says so."""
    return next(iter(glob.glob(f"/usr/lib/*/{name}")), "/nonexistent")


AT_LOAD = {"none": BUDGET, "above": BUDGET, "one": 1, "call": CALL}  # each process for itself
# And the thread that hands out the work.
AND_ONE = {wish: threads + 1 for wish, threads in AT_LOAD.items()}
# LLVM's threads look for work for 0.2 s after a region, the parent's of a pool as well: that is to
# be a small part of the run.
SPINS = 2
# Threads of one process that have each their team: by their first contacts, and then for good.
FIRST = {"threads": BUDGET}
# Forked workers of a parent that was told a number have it as well, where the number is for good.
CLAUSE = {"call": CALL, **FIRST}  # by a num_threads clause, or its like: delivered as it is
FIXED = {"fork": BUDGET, **CLAUSE}
IN_C = {"spawn": "a C program spawns by exec: as subprocesses", "loky": "of Python"}
NO_LOKY = {"loky": "Debian's Python has no joblib here"}
FIRST_CONTACT = "first contact"
LIVE = FIRST_CONTACT + "; Python: live"
OPENBLAS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


def programs():
    mkl = os.path.join(VENV, "lib")
    openmp_blas, pthread_blas = flavour("openblas-openmp"), flavour("openblas-pthread")
    for item in (
        Program("numpy (wheel)", python("numpy"), "pip numpy", "every call", OPENBLAS,
                quick=("fork", "threads")),
        Program("scipy (wheel)", python("scipy"), "pip scipy", "every call", OPENBLAS),
        Program("numpy, OpenBLAS-pthread", debian("numpyinv"),
                "dpkg python3-numpy libopenblas0-pthread", "every call", OPENBLAS,
                {"LD_LIBRARY_PATH": pthread_blas},
                {**NO_LOKY, "call": "Debian's Python has no threadpoolctl here"}),
        Program("numpy, OpenBLAS-OpenMP", debian("numpyinv"),
                "dpkg python3-numpy libopenblas0-openmp", "every call", OPENBLAS,
                {"LD_LIBRARY_PATH": openmp_blas},
                {**NO_LOKY, "call": "Debian's Python has no threadpoolctl here"},
                quick=("fork",)),
        Program("scikit-learn", python("sklearn"), "pip scikit-learn", LIVE,
                own=FIRST, quick=("fork",)),
        Program("scikit-learn, RandomForest", python("forest"), "pip scikit-learn",
                "its own threads: CPUs at load", (),
                without={w: "joblib's threads have no variable" for w in ("above", "one")},
                own=AND_ONE),
        Program("torch (wheel)", python("torch", TORCH), "pip torch",
                LIVE + "; MKL: every call", ("OMP_NUM_THREADS", "MKL_NUM_THREADS"),
                own=FIRST, venv=TORCH),
        Program("torch, then scikit-learn", python("both", TORCH), "pip torch scikit-learn",
                LIVE, own=FIRST, venv=TORCH),
        Program("torch (Debian)", debian("torch"), "dpkg python3-torch", LIVE,
                without=NO_LOKY, own=FIRST),
        Program("xgboost", python("xgboost"), "pip xgboost", LIVE, own=CLAUSE),
        Program("lightgbm", python("lightgbm"), "pip lightgbm", FIRST_CONTACT, own=FIXED,
                quick=("fork",)),
        *(Program(f"numba, {layer}", python("numba"), "pip numba", control,
                  ("NUMBA_NUM_THREADS",), {"NUMBA_THREADING_LAYER": layer}, without,
                  {LIVE: FIRST, "at load": AT_LOAD}.get(control, {}))
          for layer, control, without in (
              ("omp", LIVE, {"fork": "this layer ends its forked children, by SIGTERM"}),
              ("tbb", "at any time", {}),
              ("workqueue", "at load", {
                  "threads": "this layer ends a process whose threads use it at once"}))),
        Program("numexpr", python("numexpr"), "pip numexpr", "Python: live",
                ("NUMEXPR_MAX_THREADS", "NUMEXPR_NUM_THREADS"), hands=1),
        Program("polars", python("polars"), "pip polars", "at load", ("POLARS_MAX_THREADS",),
                without={"call": "polars has none",
                         "fork": "polars does not work after fork, as its manual says"},
                own=AND_ONE),
        Program("faiss", python("faiss"), "pip faiss-cpu", LIVE, own=FIRST),
        Program("pyfftw", python("pyfftw"), "pip pyfftw", LIVE, own=FIRST),
        Program("gcc OpenMP in C", built("openmp-gcc"), "dpkg libgomp1", FIRST_CONTACT,
                without=IN_C, own=FIXED, quick=("fork", "threads")),
        Program("clang OpenMP in C", built("openmp-clang"), "dpkg libomp5-14", FIRST_CONTACT,
                without=IN_C, own=FIXED, seconds=SPINS),
        *(Program(f"MKL in C, {layer.lower()}", built("mkl"), f"pip mkl {runtime}".strip(), control,
                  ("MKL_NUM_THREADS", "OMP_NUM_THREADS"),
                  {"MKL_THREADING_LAYER": layer, "LD_LIBRARY_PATH": mkl, "MKL_DYNAMIC": "FALSE",
                   "MKL_CBWR": "COMPATIBLE"}, IN_C, own, SPINS, claims=layer != "INTEL")
          for layer, runtime, control, own in (
              ("INTEL", "intel-openmp", "every call", {}),
              ("GNU", "", "every call", {}),
              # Its wishes are not heeded by TBB.
              ("TBB", "tbb", "at any time", {"call": BUDGET}))),
        Program("BLIS in C", built("blis"), "dpkg libblis4-openmp", "every call",
                ("BLIS_NUM_THREADS", "OMP_NUM_THREADS"),
                {"LD_LIBRARY_PATH": flavour("blis-openmp")}, IN_C),
        Program("TBB in C++", built("tbb"), "dpkg libtbb12", "at any time", (),
                without={**IN_C, "above": "TBB reads no variable", "one": "TBB reads no variable"}),
        Program("R", ["Rscript", "--vanilla", os.path.join(HERE, "guest.R")],
                "dpkg r-base-core libopenblas0-pthread", "every call (its OpenBLAS)", OPENBLAS,
                {"LD_LIBRARY_PATH": pthread_blas},
                {"loky": "of Python", "threads": "R has one thread",
                 "call": "R itself has none"}),
        Program("Octave", ["octave-cli", "--norc", "--no-history", os.path.join(HERE, "guest.m")],
                "dpkg octave libopenblas0-openmp", "every call (its OpenBLAS)", OPENBLAS,
                {"LD_LIBRARY_PATH": openmp_blas},
                {"spawn": "Octave itself has no pools", "loky": "of Python",
                 "threads": "Octave has one thread", "call": "Octave itself has none"}),
    ):
        yield item
