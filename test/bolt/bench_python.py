#!/usr/bin/env python3
"""The official Python driver on the queries of bolt_bench; prints the same JSON lines. Wants `pip install neo4j`."""
import json
import os
import time

import neo4j


def main():
    uri = "bolt" + os.environ["DIFFO_NEO4J_URI"][os.environ["DIFFO_NEO4J_URI"].index("://"):]
    auth = (os.environ["DIFFO_NEO4J_USER"], os.environ["DIFFO_NEO4J_PASSWORD"])
    with neo4j.GraphDatabase.driver(uri, auth=auth) as driver:
        with driver.session(database="neo4j", default_access_mode=neo4j.READ_ACCESS) as session:
            best = 0.0
            for _ in range(3):
                requests = 2000
                start = time.perf_counter()
                for i in range(requests):
                    list(session.run("RETURN $n AS n", n=i))
                best = max(best, requests / (time.perf_counter() - start))
            print(json.dumps({"name": "python_query", "value": round(best, 1), "unit": "requests/s"}))
            rows = 300_000
            start = time.perf_counter()
            count = sum(1 for _ in session.run("UNWIND range(1, $n) AS n RETURN n, 'text' AS t, 1.5 AS r", n=rows))
            print(json.dumps({"name": "python_stream_records", "value": round(count / (time.perf_counter() - start), 1),
                              "unit": "records/s"}))


if __name__ == "__main__":
    main()
