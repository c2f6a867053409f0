# SPDX-License-Identifier: MIT
"""
What the Python programs of the matrix compute. Each job is a class: compute() gives {name: array},
the same at each call; ask(n) asks the library for n threads, by the call that its users make.
A job is made in the process that computes: importing is part of it.
"""
import numpy as np


def random(*shape, seed=0, kind=np.float64):
    return np.random.default_rng(seed).standard_normal(shape).astype(kind)


class Limited:
    """Whose threads one sets by threadpoolctl."""

    def ask(self, threads):
        import threadpoolctl

        self.limits = threadpoolctl.threadpool_limits(threads)


class Numpy(Limited):
    def __init__(self):
        self.a = random(360, 360) + 20 * np.eye(360)

    def compute(self):
        a = self.a
        w, v = np.linalg.eigh(a + a.T)
        return {"matmul": a @ a, "inv": np.linalg.inv(a), "eigh": w,
                "svd": np.linalg.svd(a[:200, :200], compute_uv=False)}


class NumpyInv(Limited):
    """On Debian's Python, which has no threadpoolctl: what numpy has there cannot be asked."""

    def __init__(self):
        self.a = random(360, 360) + 20 * np.eye(360)

    def compute(self):
        return {"matmul": self.a @ self.a, "inv": np.linalg.inv(self.a)}


class Scipy(Limited):
    def __init__(self):
        import scipy.linalg

        self.linalg = scipy.linalg
        self.a = random(360, 360) + 20 * np.eye(360)

    def compute(self):
        lu, pivots = self.linalg.lu_factor(self.a)
        return {"lu": lu, "pivots": pivots, "cholesky": self.linalg.cholesky(self.a @ self.a.T),
                "solve": self.linalg.solve(self.a, self.a[:, :40])}


class Sklearn(Limited):
    def __init__(self):
        from sklearn.cluster import KMeans
        from sklearn.ensemble import HistGradientBoostingRegressor
        from sklearn.neighbors import NearestNeighbors

        self.x = np.random.RandomState(0).rand(2000, 12)
        self.y = 3 * self.x[:, 0] + self.x[:, 1] ** 2
        self.neighbours = NearestNeighbors(n_neighbors=5, algorithm="brute").fit(self.x)
        self.kmeans = KMeans(6, n_init=2, max_iter=20, random_state=0)
        self.boosting = HistGradientBoostingRegressor(max_iter=10, random_state=0)

    def compute(self):
        from sklearn.base import clone

        x, y = self.x, self.y
        distances, indices = self.neighbours.kneighbors(x)
        # Not the centres' order: the inertia, as the number that users compare.
        inertia = clone(self.kmeans).fit(x).inertia_
        return {"kneighbors": indices, "distances": distances, "KMeans": np.array([inertia]),
                "HistGradientBoosting": clone(self.boosting).fit(x, y).predict(x)}


class Forest:
    """Threads of joblib's, as many as there are CPUs, unless it is said otherwise."""

    threads = -1

    def __init__(self):
        from sklearn.ensemble import RandomForestRegressor

        self.make = RandomForestRegressor
        self.x = np.random.RandomState(0).rand(2000, 12)
        self.y = 3 * self.x[:, 0] + self.x[:, 1] ** 2

    def ask(self, threads):
        self.threads = threads

    def compute(self):
        forest = self.make(12, max_depth=6, random_state=0, n_jobs=self.threads)
        return {"RandomForest": forest.fit(self.x, self.y).predict(self.x)}


class Torch:
    def __init__(self):
        import torch

        self.torch = torch
        torch.manual_seed(0)
        self.a = torch.from_numpy(random(400, 400, kind=np.float32))
        self.image = torch.randn(4, 3, 32, 32, requires_grad=True)
        self.conv = torch.nn.Conv2d(3, 8, 3)
        self.lstm = torch.nn.LSTM(16, 16, 2)
        self.series = torch.randn(24, 10, 16)

    def ask(self, threads):
        self.torch.set_num_threads(threads)

    def compute(self):
        torch, a = self.torch, self.a
        image = self.image.detach().clone().requires_grad_()
        conv = self.conv
        weight = conv.weight.detach().clone().requires_grad_()
        torch.nn.functional.conv2d(image, weight, conv.bias.detach()).relu().sum().backward()
        with torch.no_grad():
            series, _ = self.lstm(self.series)
            return {"matmul": (a @ a).numpy(), "conv backward": weight.grad.numpy(),
                    "conv input": image.grad.numpy(), "LSTM": series.numpy(),
                    "nonzero": (a > 0.5).nonzero().numpy(),
                    "softmax": torch.softmax(a, 1).numpy()}


class Boosted:
    threads = 0

    def __init__(self):
        self.x = np.random.RandomState(0).rand(2000, 12)
        self.y = 3 * self.x[:, 0] + self.x[:, 1] ** 2

    def ask(self, threads):
        self.threads = threads


class Xgboost(Boosted):
    def compute(self):
        import xgboost

        how = {"max_depth": 4, "nthread": self.threads, "verbosity": 0}
        data = xgboost.DMatrix(self.x, self.y, nthread=self.threads or None)
        return {"predict": xgboost.train(how, data, 10).predict(data)}


class Lightgbm(Boosted):
    def compute(self):
        import lightgbm

        how = {"num_threads": self.threads, "verbose": -1, "deterministic": True,
               "force_row_wise": True}
        return {"predict": lightgbm.train(how, lightgbm.Dataset(self.x, self.y), 10).predict(
            self.x)}


class Numba:
    def __init__(self):
        import numba

        @numba.njit(parallel=True)
        def rows(a):
            out = np.empty(a.shape[0])
            for i in numba.prange(a.shape[0]):
                total = 0.0
                for j in range(a.shape[1]):
                    total += np.sin(a[i, j]) * a[i, j]
                out[i] = total
            return out

        self.numba, self.rows, self.a = numba, rows, random(2000, 400)

    def ask(self, threads):
        self.numba.set_num_threads(min(threads, self.numba.config.NUMBA_NUM_THREADS))

    def compute(self):
        return {"prange": self.rows(self.a)}


class Numexpr:
    in_threads = False  # asking while another thread evaluates: numexpr 2.14 hangs, undisturbed

    def __init__(self):
        import numexpr

        self.numexpr, self.a = numexpr, random(400000)

    def ask(self, threads):
        self.numexpr.set_num_threads(threads)

    def compute(self):
        a = self.a
        return {"evaluate": self.numexpr.evaluate("sin(a) * exp(-a * a) + a"),
                "where": self.numexpr.evaluate("where(a > 0, sqrt(a), a * a)",
                                               local_dict={"a": np.abs(a)})}


class Polars:
    def __init__(self):
        import polars

        self.polars = polars
        self.frame = polars.DataFrame({"key": np.arange(200000) % 97, "value": random(200000)})

    def compute(self):
        column = self.polars.col("value")
        by = self.frame.group_by("key").agg(column.max().alias("max"), column.median().alias(
            "median"), column.sum().alias("sum")).sort("key")
        return {name: by[name].to_numpy() for name in ("max", "median", "sum")}


class Faiss:
    def __init__(self):
        import faiss

        self.faiss, self.x = faiss, random(3000, 24, kind=np.float32)

    def ask(self, threads):
        self.faiss.omp_set_num_threads(threads)

    def compute(self):
        flat = self.faiss.IndexFlatL2(24)
        flat.add(self.x)
        distances, indices = flat.search(self.x[:600], 5)
        graph = self.faiss.IndexIVFFlat(self.faiss.IndexFlatL2(24), 24, 16)
        graph.train(self.x)
        graph.add(self.x)
        return {"flat": indices, "distances": distances, "IVF": graph.search(self.x[:600], 5)[1]}


class Pyfftw:
    threads = None  # of pyfftw.config: what its variables say

    def __init__(self):
        from pyfftw.interfaces import numpy_fft

        self.fft, self.a = numpy_fft, random(512, 512)

    def ask(self, threads):
        self.threads = threads

    def compute(self):
        out = self.fft.fft2(self.a, threads=self.threads, planner_effort="FFTW_ESTIMATE")
        return {"fft2": out.view(np.float64)}


class Both(Limited):
    """torch's libgomp is then scikit-learn's as well."""

    def __init__(self):
        self.torch = Torch()
        from sklearn.cluster import KMeans

        self.x = np.random.RandomState(0).rand(4000, 8)
        self.kmeans = KMeans(8, n_init=2, max_iter=20, random_state=0)

    def compute(self):
        from sklearn.base import clone

        return {"matmul": self.torch.compute()["matmul"],
                "KMeans": np.array([clone(self.kmeans).fit(self.x).inertia_])}


jobs = {job.__name__.lower(): job for job in (
    Numpy, NumpyInv, Scipy, Sklearn, Forest, Torch, Both, Xgboost, Lightgbm, Numba, Numexpr, Polars,
    Faiss, Pyfftw)}
