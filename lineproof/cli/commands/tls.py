"""`tls`: the node's own certificate authority, for whoever is to trust it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lineproof import output
from lineproof.cli.commands.options import AsJson, DataDir


def tls(
    data: DataDir,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", help="Node settings; its hosts become the certificate's."
        ),
    ] = None,
    renew: Annotated[
        bool, typer.Option("--renew", help="Make the node's certificate anew; the authority stays.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the node's own certificate authority (made on first need) and its fingerprint."""
    from lineproof.clock import utc_now
    from lineproof.run.settings import load_hosts
    from lineproof.tls.authority import issued, names_for
    from lineproof.tls.certificates import fingerprint, names_of, pem_of

    hosts = load_hosts(config)
    names = None if hosts is None else names_for(hosts)
    made = issued(data, names, utc_now(), renew=renew)
    told = {
        "authority": str(made.authority_file),
        "fingerprint": fingerprint(made.authority),
        "ends": made.authority.not_valid_after_utc.isoformat(),
        "node": {
            "certificate": str(made.files.certificate),
            "names": names_of(made.certificate),
            "ends": made.certificate.not_valid_after_utc.isoformat(),
        },
        "pem": pem_of(made.authority),
    }
    if as_json:
        output.print_json(told)
        return
    output.say(f"Authority    {told['authority']} (until {output.second(str(told['ends']))} UTC)")
    output.say(f"SHA-256      {told['fingerprint']}")
    ends = f"{made.certificate.not_valid_after_utc:%Y-%m-%d}"
    names_said = ", ".join(names_of(made.certificate))
    output.say(f"Certificate  {made.files.certificate} (until {ends}) for {names_said}")
    output.say("Install the authority in browsers; agents get it when they enrol.")
    output.say(str(told["pem"]).rstrip())
