"""`--store URI` where no database is needed to see that it cannot be done."""
import os
import time

from server import Server

NOBODY = "bolt://127.0.0.1:1"


def asking(**more):
    return {name: value for name, value in os.environ.items() if not name.startswith("DIFFO_NEO4J_")} | more


def databases_are_asked_for_well(program):
    """A URI, who asks, and a server that is there: each is missed in one sentence."""
    known = asking(DIFFO_NEO4J_PASSWORD="s3cret")
    for words in (["serve"], ["neo4j", "init"], ["neo4j", "check"], ["export"], ["check"], ["journal"]):
        for uri in ("bolt://ada:s3cret@127.0.0.1:1", "neo4j+s://ada@127.0.0.1:1"):
            result = program.run(*words, "--store", uri, environment=known)
            program.report.check(result.returncode == 2 and "holds credentials" in result.stderr and "s3cret" not in result.stderr,
                                 f"{words} with credentials in the URI: {result.stderr!r}")
        program.expect(f"{words}, a URI of another kind", 2, *words, "--store", "http://127.0.0.1:7474", error="scheme http", environment=known)
        program.expect(f"{words}, nobody says who asks", 2, *words, "--store", NOBODY, error="DIFFO_NEO4J_PASSWORD", environment=asking())
        begun = time.monotonic()
        data = ["--data", program.folder / "beside"] if words == ["serve"] else []
        program.expect(f"{words}, nobody there", 2, *words, "--store", NOBODY, *data, error="Connection refused", environment=known)
        program.report.check(time.monotonic() - begun < 20, f"{words}: took {time.monotonic() - begun} s to see that nobody is there")
    program.expect("a folder and a database", 2, "export", "--store", NOBODY, "--data", "x", error="excludes", environment=known)
    program.expect("a database without a URI", 2, "serve", "--store-database", "x", error="requires", environment=known)
    program.expect("init of nothing", 2, "neo4j", "init", error="required", environment=known)


def files_of_credentials(program):
    file = program.folder / "credentials"
    file.write_text("ada\ns3cret\n")
    for mode in (0o644, 0o640, 0o604):
        file.chmod(mode)
        program.expect(f"credentials that others may read ({mode:o})", 2, "neo4j", "check", "--store", NOBODY, "--store-credentials", file,
                       error="chmod 600", environment=asking())
    file.chmod(0o600)
    program.expect("credentials of one's own", 2, "neo4j", "check", "--store", NOBODY, "--store-credentials", file,
                   error="Connection refused", environment=asking())
    program.expect("no such file", 2, "neo4j", "check", "--store", NOBODY, "--store-credentials", program.folder / "nothing",
                   error="nothing", environment=asking())


def inventories_stay_apart(program):
    """What is kept beside a database does not go into the folder of an inventory, nor into that of another process."""
    known = asking(DIFFO_NEO4J_PASSWORD="s3cret")
    with Server(program.path) as server:
        server.stop()
        program.expect("a folder with an inventory", 2, "serve", "--store", NOBODY, "--data", server.data, error="an inventory lies in",
                       environment=known)
        server.start()


PARTS = (databases_are_asked_for_well, files_of_credentials, inventories_stay_apart)
