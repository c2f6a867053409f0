# SPDX-License-Identifier: MIT
"""A library with OpenMP in the parent, then in two forked or spawned children: the same results.

boost.py LIBRARY METHOD [THREADS]: histgb, lightgbm, kmeans, blas. Prints parent, children, parent.
"""
import multiprocessing
import sys

import numpy as np

which, method = sys.argv[1:3]
threads = int(sys.argv[3]) if len(sys.argv) > 3 else 0
random = np.random.RandomState(0)
x = random.rand(2000, 8)
y = 3 * x[:, 0] + random.rand(2000)


def result(_):
    if which == "histgb":
        from sklearn.ensemble import HistGradientBoostingRegressor

        return HistGradientBoostingRegressor(max_iter=10).fit(x, y).predict(x).sum()
    if which == "kmeans":
        from sklearn.cluster import KMeans

        return KMeans(5, n_init=2, random_state=0).fit(x).inertia_
    if which == "lightgbm":
        import lightgbm

        how = {"num_threads": threads, "verbose": -1, "deterministic": True}
        return lightgbm.train(how, lightgbm.Dataset(x, y), 10).predict(x).sum()
    return np.linalg.inv(x[:200] @ x[:200].T + np.eye(200)).sum()


def main():
    first = result(0)
    print("parent", round(first, 6), flush=True)
    with multiprocessing.get_context(method).Pool(2) as pool:
        others = pool.map(result, range(4), chunksize=1)
    print("children", np.allclose(others, first, rtol=1e-12, atol=0))
    print("parent", np.isclose(result(0), first, rtol=1e-12, atol=0))


if __name__ == "__main__":
    main()
