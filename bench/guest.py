# SPDX-License-Identifier: MIT
"""
The programs that runtimes.py runs: `guest.py WHAT [ARG]...`. Each prints what it computed and how
long that took, as one line of JSON. Imports stand where they are needed: a runtime is met late.
"""

import json
import multiprocessing
import sys
import threading
import time

import numpy as np


def data(rows, columns):
    random = np.random.RandomState(0)
    x = random.rand(rows, columns)
    return x, 3 * x[:, 0] + random.rand(rows)


def histgb(_, rounds):
    from sklearn.ensemble import HistGradientBoostingRegressor

    x, y = data(20000, 20)
    model = HistGradientBoostingRegressor(max_iter=rounds, early_stopping=False)
    return model.fit(x, y).predict(x).sum()


def lightgbm(threads, rounds):
    import lightgbm as library

    x, y = data(40000, 20)
    how = {"num_threads": threads, "verbose": -1, "deterministic": True, "force_row_wise": True}
    return library.train(how, library.Dataset(x, y), rounds).predict(x).sum()


def xgboost(threads, rounds):
    import xgboost as library

    x, y = data(20000, 20)
    how = {"nthread": threads, "verbosity": 0, "max_depth": 6, "tree_method": "hist"}
    table = library.DMatrix(x, y, nthread=threads or None)
    return library.train(how, table, rounds).predict(table).astype(float).sum()


def blas(_, rounds):
    x, _ = data(1000, 1000)
    return sum(np.linalg.inv(x + np.eye(1000) * 1000).sum() for _ in range(rounds))


def kmeans(_, rounds):
    from sklearn.cluster import KMeans

    x, _ = data(40000, 16)
    return KMeans(12, n_init=rounds, max_iter=40, random_state=0).fit(x).inertia_


def matmul(_, rounds):
    import torch

    a = torch.ones(700, 700)
    return sum(float((a @ a).sum()) for _ in range(rounds))


# What a parent has imported before it forks, whether it has computed or not.
MODULES = {
    "histgb": ["sklearn.ensemble"],
    "lightgbm": ["lightgbm"],
    "xgboost": ["xgboost"],
    "matmul": ["torch"],
}
WORK = {f.__name__: f for f in (histgb, lightgbm, xgboost, blas, kmeans, matmul)}
# Of which a task takes about half a second.
ROUNDS = {"histgb": 60, "lightgbm": 60, "xgboost": 40, "blas": 4, "kmeans": 6, "matmul": 60}


def task(args):
    what, threads, rounds = args
    return float(WORK[what](threads, rounds))


def pool(what, method, size, threads, parent, length):
    """A pool of so many, two tasks each; the parent computes before it, if it says so."""
    job = what, threads, length * ROUNDS[what]
    for module in MODULES.get(what, ()) if method == "fork" else ():
        __import__(module)
    if parent == "first":
        WORK[what](threads, 1)
    start = time.monotonic()
    with multiprocessing.get_context(method).Pool(int(size)) as workers:
        results = workers.map(task, [job] * 2 * int(size), chunksize=1)
    return {"s": time.monotonic() - start, "results": results}


def small(seconds, threads, where):
    """Small operations of torch, in the first thread or another: how many a second."""
    import torch

    model, x, done = torch.nn.Linear(256, 256), torch.randn(300, 256), []

    def work():
        if int(threads):
            torch.set_num_threads(int(threads))
        for _ in range(20):
            torch.relu(model(x))
        count, start = 0, time.monotonic()
        while time.monotonic() - start < float(seconds):
            torch.relu(model(x))
            count += 1
        done.append({"rate": count / (time.monotonic() - start), "count": torch.get_num_threads()})

    if where == "first":
        work()
    else:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    return done[0]


def order(*modules):
    for module in modules:
        __import__(module)
    return {"results": [kmeans(0, 2)]}


ACTIONS = {
    "pool": lambda what, method, size, threads, parent, length="1": pool(
        what, method, size, int(threads), parent, int(length)),
    "small": small,
    "order": order,
}

if __name__ == "__main__":
    print(json.dumps(ACTIONS[sys.argv[1]](*sys.argv[2:])))
