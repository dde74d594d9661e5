"""The heavy function with Python's Pool: python3 pool_heavy.py PROCESSES INPUT OUTPUT."""

import csv
import sys
from multiprocessing import Pool


def process_item(row):
    x = int(row["seed"])
    for _ in range(1000):
        x = (x * 16807) % 2147483647
    return {"id": row["id"], "x": x}


if __name__ == "__main__":
    processes, source_path, sink_path = sys.argv[1:]
    with (
        open(source_path, encoding="utf-8", newline="") as source,
        open(sink_path, "w", encoding="utf-8", newline="") as sink,
        Pool(int(processes)) as pool,
    ):
        writer = csv.DictWriter(sink, ["id", "x"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(pool.imap(process_item, csv.DictReader(source), chunksize=500))
