"""The wide map with Python's Pool: python3 pool_imap.py PROCESSES INPUT OUTPUT."""

import csv
import sys
from multiprocessing import Pool


def process_item(row):
    return {"name": row["name"], "age": 2017 - int(row["born"])}


if __name__ == "__main__":
    processes, source_path, sink_path = sys.argv[1:]
    with (
        open(source_path, encoding="utf-8", newline="") as source,
        open(sink_path, "w", encoding="utf-8", newline="") as sink,
        Pool(int(processes)) as pool,
    ):
        writer = csv.DictWriter(sink, ["name", "age"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(pool.imap(process_item, csv.DictReader(source), chunksize=2000))
