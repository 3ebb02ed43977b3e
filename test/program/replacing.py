"""A model that is replaced while others write: nobody is held up for long, nothing is lost, and it is one model or the other."""
import os
import random
import signal
import subprocess
import threading
import time

from client import Client, Unanswered
from model_load import PUT, SERVICES, TAGGED, Builder, Loads, fill, holder, identity, model, plain, put, tagged, value_of, writers
from server import Server


def resident_kilobytes(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def check_folder(program, data, where):
    result = subprocess.run([program.path, "check", "--data", data], capture_output=True, text=True, timeout=120)
    program.report.check(result.returncode == 0, f"{where}: check exits {result.returncode}: {result.stdout[:600]}{result.stderr[:600]}")


def models_are_replaced_under_load(program):
    """A hundred times: half of the models change instances, and some would be broken by instances."""
    count, few, report = 2000, 50, program.report
    models = 20 if os.environ.get("DIFFO_SLOW_BUILD") else 100
    with Server(program.path) as server, Client(server.port) as client:
        report.check(put(client, model(0)).status == 200, "the first model")
        fill(client, [plain(number, number % 1000) for number in range(count)])
        fill(client, [tagged(count + number, "tag") for number in range(few)])
        fill(client, [holder(count + few + number) for number in range(2)])
        changing, building = writers(server.port, count), [Builder(count + few + number, server.port) for number in range(2)]
        resident = None
        with Loads(*changing, *building) as loads:
            for number in range(1, models + 1):
                breaks = number % 10 == 5
                answer = put(client, model(number, most=1) if breaks else model(number))
                report.check(answer.status == (409 if breaks else 200), f"model {number}: {answer.status} {answer.text[:300]}")
                if breaks:
                    report.check("would break the model" in answer.text and "00000000-0000-4000-8000-" in answer.text,
                                 f"model {number} names no record: {answer.text[:300]}")
                if number == min(20, models):
                    resident = resident_kilobytes(server.process)
        after = resident_kilobytes(server.process)
        print(f"{models} models beside {sum(load.done for load in loads.all)} requests: the longest took {loads.longest * 1000:.0f} ms; "
              f"{resident} kB resident after 20 models, {after} kB after all", flush=True)
        report.check(not loads.others, f"others were answered {loads.others[:3]}")
        report.check(all(load.done > 0 for load in loads.all), "somebody wrote nothing")
        report.check(after < resident + 200_000, f"from {resident} kB resident to {after} kB")
        for writer in changing:
            for number, size in random.Random(1).sample(sorted(writer.known.items()), min(25, len(writer.known))):
                found = client.call("GET", f"{SERVICES}/{identity(number)}").body
                report.check(value_of(found, "size") == size, f"{number}: {found}, written was {size}")
        for builder in building:
            pool = client.call("GET", f"/diffo/v1/instances/{builder.holder}/pools/slots?limit=100").body
            told = {one["assignee"]["id"]: one["value"] for one in pool["assignments"]}
            report.check(told == builder.known, f"handed out is {told}, answered was {builder.known}")
            for one in builder.known:
                report.check(client.call("GET", f"{SERVICES}/{one}").status == 200, f"{one} is gone")
        found = client.call("GET", f"{SERVICES}/{identity(count)}").body
        report.check(value_of(found, "tag") == f"t{count}" and value_of(found, "label") is None, f"a tagged one is {found}")
        server.stop()
        check_folder(program, server.data, "after all models")


def a_kill_leaves_one_model(program):
    """The server is killed while a model is put that changes many instances: all of them are of the old or all of the new one."""
    count, many = 200, 3000
    with Server(program.path) as server:
        with Client(server.port) as client:
            program.report.check(put(client, model(0)).status == 200, "the first model")
            fill(client, [plain(number, 1) for number in range(count)])
            fill(client, [tagged(count + number, "tag") for number in range(many)])
        seed = random.Random(3)
        for kill in range(8):
            with Client(server.port) as client:
                domain = client.call("GET", PUT).body
                holds = next(iter(domain["kinds"]["Tagged"]["characteristics"]))
            following = 1 if holds == "tag" else 2

            def replace(port=server.port, text=model(following)):
                try:
                    with Client(port) as other:
                        put(other, text)
                except Unanswered:
                    pass
            with Loads(*writers(server.port, count)) as loads:
                replacing = threading.Thread(target=replace)
                replacing.start()
                time.sleep(seed.uniform(0, 1.5))
                server.stop(signal.SIGKILL)
                replacing.join(30)
            check_folder(program, server.data, f"kill {kill}")
            server.start()
            with Client(server.port) as client:
                domain = client.call("GET", PUT).body
                holds = next(iter(domain["kinds"]["Tagged"]["characteristics"]))
                names = set()
                for offset in range(0, many, 1000):
                    page = client.call("GET", f"{SERVICES}?serviceSpecification.id={TAGGED}&limit=1000&offset={offset}").body
                    names |= {one["name"] for document in page for one in document["serviceCharacteristic"]}
                program.report.check(names == {holds}, f"kill {kill}: the model has {holds}, instances have {names}")
                for writer in loads.all:
                    for number, size in list(writer.known.items())[-5:]:
                        if number not in writer.unsettled:
                            found = client.call("GET", f"{SERVICES}/{identity(number)}").body
                            program.report.check(value_of(found, "size") == size, f"kill {kill}: {number} lost {size}: {found}")


PARTS = (models_are_replaced_under_load, a_kill_leaves_one_model)
