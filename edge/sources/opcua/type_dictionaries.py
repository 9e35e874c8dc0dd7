"""Structures that only a type dictionary tells: servers of OPC UA 1.03 and before, as many machines
still have them, give no DataTypeDefinition (OPC 10000-3 1.03, 5.8 and Annex C).

The encoding of a value refers to its description (HasDescription), whose value is the type's name
in the dictionary that it is a component of. asyncua's own loader of dictionaries makes Python code
of what the server wrote and runs it, so that a server could run anything here; it is not used.
"""

from __future__ import annotations

from typing import Any, Final

from asyncua import ua
from asyncua.client.ua_session import UaSession
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from edge.sources.opcua.described_types import DescribedTypes, NotDescribedError
from edge.sources.opcua.references import neighbours
from edge.sources.opcua.structure_decoding import Decoding
from edge.sources.opcua.type_dictionary import (
    DICTIONARY_FIELDS_MAX,
    TypeDictionary,
    type_dictionary,
)

DICTIONARY_BYTES_MAX: Final = 4 << 20  # of all dictionaries of a server
_DICTIONARIES_MAX: Final = 100


class TypeDictionaries:
    """The dictionaries of one server during one connection, each read when a value needs it.

    `types`: takes what they describe.
    """

    def __init__(self, session: UaSession, types: DescribedTypes) -> None:
        self._session = session
        self._types = types
        self._read: dict[ua.NodeId, TypeDictionary | ValueError] = {}
        self._bytes_left = DICTIONARY_BYTES_MAX
        self._fields_left = DICTIONARY_FIELDS_MAX

    async def decoder(self, encoding: ua.NodeId) -> Decoding | None:
        """Of values in that encoding; None where no dictionary describes it.

        Raises ValueError, as a sentence, for a type that is not decoded, and what the session
        raises when the server refuses or the connection fails.
        """
        descriptions = await neighbours(self._session, encoding, ObjectIds.HasDescription)
        if not descriptions:
            return None
        name = await self._value(descriptions[0])
        dictionaries = await neighbours(
            self._session, descriptions[0], ObjectIds.HasComponent, forward=False
        )
        if not dictionaries or not isinstance(name, str):
            raise ValueError("its description names no type of a dictionary")
        dictionary = await self._dictionary(dictionaries[0])
        if isinstance(dictionary, ValueError):
            raise dictionary
        try:
            return self._types.decoder((dictionary.namespace, name))
        except NotDescribedError:
            await self._read_all()
            return self._types.decoder((dictionary.namespace, name))

    async def _read_all(self) -> None:
        """A dictionary may use types of others. One that cannot be read takes none of them along:
        what it describes is what stays unknown."""
        system = ua.NodeId(ua.Int32(ObjectIds.OPCBinarySchema_TypeSystem))
        for node in await neighbours(self._session, system, ObjectIds.HasComponent):
            await self._dictionary(node)

    async def _dictionary(self, node: ua.NodeId) -> TypeDictionary | ValueError:
        if node not in self._read:
            self._read[node] = self._taken(await self._value(node))
        return self._read[node]

    def _taken(self, document: Any) -> TypeDictionary | ValueError:
        if not isinstance(document, bytes):
            return ValueError("the type dictionary has no content")
        if len(document) > self._bytes_left or len(self._read) >= _DICTIONARIES_MAX:
            return ValueError(
                f"the server's type dictionaries have more than {DICTIONARY_BYTES_MAX} bytes"
            )
        self._bytes_left -= len(document)
        try:
            dictionary = type_dictionary(document, self._fields_left)
        except ValueError as error:
            return error
        self._fields_left -= dictionary.field_count
        self._types.add(dictionary)
        return dictionary

    async def _value(self, node: ua.NodeId) -> Any:
        (value,) = await self._session.read_attributes([node], AttributeIds.Value)
        return value.Value.Value if value.Value is not None else None
