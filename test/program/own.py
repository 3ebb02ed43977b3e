"""A program of one's own: kinds and functions in C++, and a folder that only such a program serves."""
import pathlib

from client import Client
from server import Server

THING = "0d7d6f0a-1c7e-4f0e-9a55-6b1f2a9c3f02"


def kinds_and_functions_of_ones_own(program):
    own = pathlib.Path(program.path).parent / "own_program"
    data = program.folder / "own"
    with Server(own, data=data) as server, Client(server.port) as client:
        built = client.call("POST", "/diffo/v1/kinds/Thing/actions/build", {"id": THING, "name": "seven"})
        program.report.check(built.status == 201, f"a kind of the program: {built.status} {built.text[:300]}")
        shown = client.call("GET", f"/diffo/v1/instances/{THING}?load=length")
        program.report.check(shown.body.get("calculations") == {"length": 5}, f"a function of the program: {shown.text[:300]}")
    lacks = "this program lacks what the model asks for: Thing.length hook name_length"
    program.expect("a folder whose model asks for more than the program has", 2, "serve", "--data", data, "--listen", "127.0.0.1:0", error=lacks)
    program.expect("the same folder examined", 0, "check", "--data", data)
    with Server(own, data=data) as server, Client(server.port) as client:
        shown = client.call("GET", f"/diffo/v1/instances/{THING}?load=length")
        program.report.check(shown.body.get("calculations") == {"length": 5}, f"opened again: {shown.text[:300]}")


PARTS = (kinds_and_functions_of_ones_own,)
