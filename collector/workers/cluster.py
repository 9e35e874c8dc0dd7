"""Work for the workers of a Dask cluster: pieces go out, what they give comes back in order.

Rules: a piece gives the same bytes wherever and however often it is made, and changes nothing; so
one whose worker dies is made again elsewhere. What came back is kept before it is used, and is not
asked for again by a second run. A worker must have this very program, and see this very folder or
have a key to the archive, or it is refused. So many pieces are on their way that no worker waits,
and memory does not grow with their number. Dask is known here alone.
"""

from __future__ import annotations

import contextlib
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from collector.workers.piece_files import PieceFiles
from collector.workers.program import program_identity
from domain.errors import InputError, LineproofError, StorageError, shortened

if TYPE_CHECKING:
    from distributed import Client, Future

_CONNECT_S = 5
_LOOK_S = 2  # how often somebody looks whether there are workers at all
_AHEAD = 2  # pieces for each thread of a worker
_LOGGERS = ("distributed", "distributed.client", "distributed.comm", "distributed.core")
Of = TypeVar("Of")


@dataclass(frozen=True, slots=True)
class Piece:
    """`work(what)` gives the bytes of the piece on any worker; `identity`: digest, in hex, of all
    that these depend on."""

    identity: str
    work: Callable[[Any], bytes]
    what: Any


class Workers:
    """The workers of a cluster, looked at before they get anything. `patience_s`: how long none
    may be there. `obstacle`: see `workers_of`."""

    def __init__(
        self,
        client: Client,
        address: str,
        files: PieceFiles,
        patience_s: int,
        obstacle: Callable[[], str] | None,
    ) -> None:
        self._client = client
        self._obstacle = obstacle
        self._address = address
        self._files = files
        self._patience_s = patience_s
        self.program = program_identity()

    def check(self) -> None:
        """Raises InputError where there is no worker, or one that must not be asked."""
        found = self._asked(_look_of(str(self._files.token_file)))
        if not found:
            raise InputError(
                "the scheduler has no workers",
                where=self._address,
                todo="Start some with 'dask worker', where this version of Lineproof is installed.",
            )
        for worker, said in sorted(found.items()):
            if isinstance(said, BaseException):
                said = f"nothing that could be asked ({type(said).__name__})", None
            self._check_worker(worker, *said)
        if self._obstacle is not None:
            for worker, kept in sorted(self._asked(self._obstacle).items()):
                if kept:
                    raise InputError(
                        f"this worker cannot read the archive: {kept}",
                        where=worker,
                        todo="Mend that, or stop that worker.",
                    )

    def _asked(self, ask: Callable[[], Any]) -> dict[str, Any]:
        """What it gives on each worker; an exception where it raised one."""
        try:
            found: dict[str, Any] = self._client.run(ask, on_error="return")
        except (OSError, CancelledError):
            raise self._gone() from None
        return found

    def results(self, pieces: Iterable[tuple[Of, Piece]]) -> Iterator[tuple[Of, bytes]]:
        """The bytes of each piece, in order; those that were kept already at once. Raises
        StorageError where scheduler or workers are gone, or a worker fails, InputError where one
        that came later must not be asked."""
        waiting: deque[tuple[Of, Piece, bytes | Future[Any]]] = deque()
        for of, piece in pieces:
            waiting.append((of, piece, self._files.get(piece.identity) or self._begun(piece)))
            while len(waiting) > self._ahead:
                yield self._first(waiting)
        while waiting:
            yield self._first(waiting)

    @property
    def _ahead(self) -> int:
        return 1 + _AHEAD * max(1, sum(self._threads().values()))

    def _threads(self) -> dict[str, int]:
        """How many threads each worker has."""
        try:
            found: dict[str, int] = dict(self._client.nthreads())
        except (OSError, CancelledError):
            raise self._gone() from None
        return found

    def _begun(self, piece: Piece) -> Future[Any]:
        sees = str(self._files.token_file), self._files.token
        arguments = (None if self._obstacle else sees, self.program, piece.work, piece.what)
        return self._client.submit(work_if_alike, *arguments, pure=False)

    def _first(self, waiting: deque[tuple[Of, Piece, bytes | Future[Any]]]) -> tuple[Of, bytes]:
        of, piece, found = waiting.popleft()
        if isinstance(found, bytes):
            return of, found
        data = self._waited(found)
        self._files.put(piece.identity, data)
        return of, data

    def _waited(self, future: Future[Any]) -> bytes:
        from distributed import wait

        alone_s = 0
        while not future.done():
            try:
                with self._client.as_current():
                    wait([future], timeout=_LOOK_S)
            except TimeoutError:
                alone_s = 0 if self._threads() else alone_s + _LOOK_S
                if alone_s >= self._patience_s:
                    raise self._stopped("no worker is left") from None
            except CancelledError:
                raise self._gone() from None
        if future.status == "error":
            raise self._failed(future.exception())
        if future.status != "finished":
            raise self._gone()
        try:
            found = future.result()
        except (OSError, CancelledError):
            raise self._gone() from None
        if isinstance(found, bytes):
            return found
        worker, program, token = found
        self._check_worker(worker, program, token)
        raise self._stopped("a worker gave something else than a piece")

    def _check_worker(self, worker: str, program: str, token: str | None) -> None:
        if program != self.program:
            raise InputError(
                f"this worker has another program: it has {program}, and here is {self.program}",
                where=worker,
                todo="Install the same version of everything there, or stop that worker.",
            )
        if self._obstacle is None and token != self._files.token:
            raise InputError(
                "this worker does not see the node's folder: it cannot read "
                f"{self._files.token_file}",
                where=worker,
                todo="Mount the data folder there at the same path, readable for the worker, or "
                "stop that worker.",
            )

    def _failed(self, error: BaseException | None) -> LineproofError:
        from distributed import KilledWorker

        if isinstance(error, KilledWorker):
            return self._stopped("workers died of the same piece again and again")
        said = shortened(" ".join(f"{type(error).__name__}: {error}".split()))
        return self._stopped(f"a worker could not make its piece ({said})")

    def _gone(self) -> LineproofError:
        return self._stopped("the scheduler does not answer any more")

    def _stopped(self, what: str) -> LineproofError:
        return StorageError(
            what,
            where=self._address,
            todo="Look into the logs of scheduler and workers, then run the command again: the "
            "pieces that are done are kept.",
        )


@contextlib.contextmanager
def workers_of(
    address: str,
    folder: Path,
    patience_s: int = 60,
    obstacle: Callable[[], str] | None = None,
) -> Iterator[Workers]:
    """The workers of the scheduler at `address` (as in tcp://10.0.0.5:8786). What they give is kept
    in `folder`, until it ends well. `obstacle`: says on a worker what keeps it from reading the
    archive, "" for nothing; None: the archive is beside `folder`, which they must see.

    Raises InputError where Dask is not installed, no scheduler is there, or a worker must not be
    asked.
    """
    try:
        import dask
        from distributed import Client
    except ModuleNotFoundError:
        raise InputError(
            "a rebuild by workers needs Dask, which is not installed",
            todo="Install it: pip install 'lineproof[dask]'.",
        ) from None
    if not address.startswith(("tcp://", "tls://")):
        raise InputError(
            f"'{shortened(address)}' is no scheduler's address",
            todo="Write it as its log says it: tcp://10.0.0.5:8786.",
        )
    files = PieceFiles(folder)
    settings = {
        "distributed.comm.timeouts.connect": f"{_CONNECT_S}s",
        "distributed.admin.large-graph-warning-threshold": "1GB",  # a month of a line is large
    }
    with contextlib.ExitStack() as opened:
        opened.enter_context(dask.config.set(settings))
        opened.enter_context(_quiet())
        try:
            client = Client(address, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, ValueError):
            raise InputError(
                "no Dask scheduler answers there",
                where=address,
                todo="Start one with 'dask scheduler', or check the address.",
            ) from None
        opened.enter_context(client)
        workers = Workers(client, address, files, patience_s, obstacle)
        workers.check()
        yield workers
    files.clear_away()


def work_if_alike(
    sees: tuple[str, str] | None, program: str, work: Callable[[Any], bytes], what: Any
) -> bytes | tuple[str, str, str | None]:
    """On a worker: do it, or say who it is where it must not. `sees`: a file that it must see, and
    what is in it."""
    from distributed import get_worker

    mine, found = program_identity(), sees and _read(sees[0])
    if mine != program or (sees and found != sees[1]):
        return get_worker().address, mine, found
    return work(what)


def _look_of(token_file: str) -> Callable[[], tuple[str, str | None]]:
    """What to run on a worker whose program may be any, or none: it travels with all that it
    is, so it uses nothing of this module."""

    def look() -> tuple[str, str | None]:
        try:
            from collector.workers.program import program_identity

            program = program_identity()
        except ImportError:
            program = "none that can work for others"
        try:
            with open(token_file, encoding="ascii") as file:  # noqa: PTH123 (nothing is imported)
                return program, file.read()
        except OSError:
            return program, None

    return look


def _read(file: str) -> str | None:
    try:
        return Path(file).read_text(encoding="ascii")
    except OSError:
        return None


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Dask says each trouble many times, with its own traces; here it is said once."""
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    for name in levels:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
