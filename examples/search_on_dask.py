"""Search for a net on a cluster of Dask: here two processes, which could be any number of machines.

    python examples/search_on_dask.py                           a cluster of this machine
    python examples/search_on_dask.py tcp://scheduler:8786      one that runs already

writes search.db, from which the same call goes on, and search-map.html.

With SLURM, the cluster is dask_jobqueue.SLURMCluster(cores=8, memory="16GB"), and cluster.scale(jobs=20)
asks for machines. What follows stays as it is.
"""

import logging
import sys

import joblib
from distributed import Client, LocalCluster

import slownet
from slownet.datasets import load_mnist


def search(client):
    X, y = load_mnist("train", limit=2000)
    tasks = slownet.grid(
        X,
        y,
        hidden=[8, 16, (16, 16)],
        learning_rate=[0.03, 0.1, 0.3],
        epochs=3,
        seeds=3,
        validation_data=load_mnist("test", limit=1000),
    )
    print(f"{len(tasks)} trainings for {len(client.nthreads())} workers")
    with joblib.parallel_config("dask"):
        sweep = slownet.train_many(tasks, into="search.db")  # the same call goes on after Ctrl-C
    summary = sweep.summary().sort_values("validation_accuracy", ascending=False)
    for row in summary.to_dict("records"):
        mean, deviation = row["validation_accuracy"], row["validation_accuracy ±"]
        print(f"hidden {row['hidden']}, rate {row['learning_rate']}: {mean:.1%} ± {deviation:.1%}")
    test = load_mnist("test")
    test = test[0][1000:], test[1][1000:]  # images that had no part in the choice
    best = sweep.best()[0]
    print(f"best net: {best.net.evaluate(*test).accuracy:.1%} of {len(test[1]):,} other images")
    print(f"the best five together: {sweep.ensemble(5).accuracy(*test):.1%}")
    slownet.plotting.save(sweep.heat_map("hidden", "learning_rate"), "search-map.html")


def main():
    if len(sys.argv) > 1:
        with Client(sys.argv[1]) as client:
            search(client)
        return
    cluster = LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address=None,
        silence_logs=logging.CRITICAL,  # of processes that report while the cluster closes
    )
    with cluster, Client(cluster) as client:
        search(client)


if __name__ == "__main__":
    main()
