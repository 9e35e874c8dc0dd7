"""Opens all that lasts: the data folder, telemetry store, registry, archive and ledger of one node.

Which telemetry store and registry these are stands in the folder's store.yaml or in the environment
(LINEPROOF_STORE__KIND, …__URL, …__ORG, …__BUCKET, …__TOKEN, …__REGISTRY, …__ARCHIVE_URL; the
environment wins), so that every command on the folder uses the same ones. Without either they are a
DuckDB and a SQLite file, and the archive lies in the folder.
"""

from __future__ import annotations

import contextlib
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import structlog
from pydantic import SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from domain.errors import MAYBE_LATER, InputError, LaterVersionError, StorageError
from domain.validation_words import behind_the_value
from domain.yaml_text import load_yaml
from store.archive.blobs import storage_errors
from store.archive.protocol import BatchArchive
from store.ledger.ledger import Ledger
from store.node.archive_place import archive_at, check_place
from store.node.data_folder import DataFolder
from store.registry.registry import Registry
from store.telemetry.duckdb.store import DuckDBStore
from store.telemetry.protocol import TelemetryStore

if TYPE_CHECKING:
    from store.telemetry.influxdb.store import InfluxStore
    from store.telemetry.postgresql.store import PostgresStore

_ENVIRONMENT = "LINEPROOF_STORE__"
_log = structlog.get_logger(__name__)


NODE_MEMORY = "1GB"  # of DuckDB: mostly what it read and may need again
# Of who goes through everything once, as dossiers and their check do.
ONCE_MEMORY = "400MB"


class StoreSettings(BaseSettings):
    """`kind` influxdb needs `url` and `bucket` (as the server names it: `name` or
    `database/retention-policy`), and `org` and `token` where the server asks for them.
    `registry`: the URL of a PostgreSQL database; empty: a SQLite file in the data folder.
    `database`: the same for telemetry of kind postgresql; empty: in the registry's database.
    `archive_url`: where on an object store sealed batches are kept; empty: in the data folder."""

    model_config = SettingsConfigDict(env_prefix=_ENVIRONMENT, extra="forbid", frozen=True)

    kind: Literal["duckdb", "influxdb", "postgresql"] = "duckdb"
    url: str = ""
    org: str = ""
    bucket: str = ""
    token: SecretStr = SecretStr("")
    registry: SecretStr = SecretStr("")  # its URL may hold a password
    database: SecretStr = SecretStr("")  # likewise
    archive_url: str = ""
    archive_endpoint: str = ""
    archive_region: str = ""
    archive_key_id: str = ""
    archive_secret: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        check_place(self.archive_url, self.archive_endpoint)
        return self

    @property
    def archive_place(self) -> tuple[str, str, str, str, str]:
        """URL, endpoint, region, key id and secret."""
        secret = self.archive_secret.get_secret_value()
        key = self.archive_region, self.archive_key_id, secret
        return (self.archive_url, self.archive_endpoint, *key)

    @property
    def telemetry_database(self) -> str:
        """The URL of the database that holds telemetry of kind postgresql."""
        return self.database.get_secret_value() or self.registry.get_secret_value()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings


def store_settings(values: dict[str, Any], where: str) -> StoreSettings:
    """Settings from a file's values and the environment. Raises InputError."""
    try:
        settings = StoreSettings(**values)
    except ValidationError as invalid:
        error = invalid.errors()[0]
        field = ".".join(str(step) for step in error["loc"])
        is_unknown = error["type"] == "extra_forbidden"
        said = MAYBE_LATER if is_unknown else behind_the_value(error["msg"])
        raise InputError(
            f"field '{field}': {said}",
            where=where,
            todo="Known are kind (duckdb, influxdb or postgresql), url, org, bucket, token, "
            "registry, database and archive_url, _endpoint, _region, _key_id and _secret, there or "
            f"in the environment as {_ENVIRONMENT}….",
        ) from None
    missing = [name for name in ("url", "bucket") if not getattr(settings, name)]
    if settings.kind == "influxdb" and missing:
        raise InputError(
            f"the store is influxdb, but without {' and '.join(missing)}",
            where=where,
            todo=f"Add {' and '.join(f'{name}:' for name in missing)} there, or set "
            f"{', '.join(_ENVIRONMENT + name.upper() for name in missing)}.",
        )
    if settings.kind == "postgresql" and not settings.telemetry_database:
        raise InputError(
            "the store is postgresql, but without the URL of a database",
            where=where,
            todo="Add 'registry:' (both lie in one database then) or 'database:' there, or set "
            f"{_ENVIRONMENT}DATABASE.",
        )
    return settings


def read_store_settings(path: Path) -> StoreSettings:
    """The settings in that file (it need not be there) and in the environment."""
    values: Any = None
    if path.exists():
        with storage_errors(path):
            written = path.read_bytes()
        try:
            values, lines = load_yaml(written.decode(), str(path))
        except UnicodeDecodeError:
            raise InputError(
                "this is no text in UTF-8",
                where=str(path),
                todo="Write 'kind: duckdb' or the settings of an InfluxDB there.",
            ) from None
        if values is not None and not isinstance(values, dict):
            raise lines.error((), "must be keys with values, as in 'kind: influxdb'")
    return store_settings(values or {}, str(path))


class Stores:
    """All that lasts of one node, open. Also a context manager that closes it."""

    def __init__(
        self,
        folder: DataFolder,
        telemetry: TelemetryStore,
        registry: Registry,
        archive: BatchArchive,
        closing: ExitStack,
    ) -> None:
        self.folder = folder
        self.telemetry = telemetry
        self.registry = registry
        self.archive = archive
        self.ledger = Ledger(folder.ledger)
        self._closing = closing
        closing.callback(self.ledger.close)

    def close(self) -> None:
        self._closing.close()

    def __enter__(self) -> Stores:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()


def open_stores(
    path: Path,
    settings: StoreSettings | None = None,
    *,
    must_exist: bool = False,
    memory_limit: str = NODE_MEMORY,
) -> Stores:
    """Open the data folder and what lies in it, making what is not there. `memory_limit`: of
    DuckDB.

    With `must_exist` a folder that is not there is an InputError. Raises BusyError when another
    process owns it, StorageError when something cannot be opened; then all is closed again.
    """
    with ExitStack() as opened:
        folder = opened.enter_context(DataFolder(path, must_exist=must_exist))
        chosen = settings or read_store_settings(folder.store_settings)
        refuse_later_ledger(folder)  # before anything is brought to this version
        registry = opened_registry(folder, chosen)
        opened.callback(registry.close)
        archive = opened_archive(folder, chosen)
        opened.callback(archive.close)
        telemetry = open_telemetry(chosen, folder, memory_limit)
        opened.callback(telemetry.close)
        return Stores(folder, telemetry, registry, archive, opened.pop_all())


def opened_registry(folder: DataFolder, settings: StoreSettings) -> Registry:
    """The folder's registry, or the one on a server that the settings name. Raises InputError,
    StorageError."""
    place = settings.registry.get_secret_value()
    if place and folder.registry.exists():
        raise InputError(
            "this node has a registry in its folder, and its settings name another one",
            where=str(folder.registry),
            todo="Take 'registry' out of the settings, or begin with a new data folder: what is in "
            "the one does not come into the other.",
        )
    return Registry(place or folder.registry, folder.documents)


def refuse_later_ledger(folder: DataFolder) -> None:
    """Raises LaterVersionError where a later version of the program wrote the folder's ledger."""
    with contextlib.closing(Ledger(folder.ledger)) as ledger:
        ledger.refuse_later()


def opened_archive(folder: DataFolder, settings: StoreSettings) -> BatchArchive:
    """The folder's archive, or the one on an object store that the settings name. What lies in it
    as before there were segments is packed into them; a full disk must not keep a node from
    starting, so then it stays as it is. Raises InputError, StorageError."""
    archive = archive_at(folder.archive, *settings.archive_place)
    try:
        archive.take_over()
    except LaterVersionError:
        archive.close()
        raise
    except StorageError as error:
        _log.warning("batches were not packed into segments", problem=str(error))
    except BaseException:
        archive.close()
        raise
    return archive


def open_telemetry(
    settings: StoreSettings, folder: DataFolder, memory_limit: str = NODE_MEMORY
) -> TelemetryStore:
    """The folder's telemetry store as the settings name it. Raises BusyError, StorageError."""
    if settings.kind == "duckdb":
        return DuckDBStore(folder.telemetry, memory_limit=memory_limit)
    if settings.kind == "postgresql":
        return postgres_store(settings)
    return influx_store(settings)


def influx_store(settings: StoreSettings) -> InfluxStore:
    """The bucket that the settings name. Raises StorageError."""
    # Its client takes 15 MB, which a node with a DuckDB file has better use for.
    from store.telemetry.influxdb.store import InfluxStore

    return InfluxStore(
        settings.url, settings.org, settings.bucket, settings.token.get_secret_value()
    )


def postgres_store(settings: StoreSettings, *, is_anew: bool = False) -> PostgresStore:
    """In the database that the settings name; with `is_anew` an empty one beside it. Raises
    InputError, StorageError."""
    try:
        from store.telemetry.postgresql.anew import PostgresAnew
        from store.telemetry.postgresql.store import PostgresStore
    except ModuleNotFoundError:
        raise InputError(
            "telemetry in PostgreSQL needs the driver of ADBC, which is not installed",
            todo="Install it: pip install 'lineproof[postgresql]'.",
        ) from None
    opened = PostgresAnew if is_anew else PostgresStore
    return opened(settings.telemetry_database)
