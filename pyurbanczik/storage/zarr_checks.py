"""A Zarr store in which nothing is lost or changed unnoticed.

Chunks carry the checksum of Zarr's codec crc32c. Metadata, attributes included, carry one as an attribute of their
own, `crc32`: that of their canonical JSON text (sorted keys, no spaces) without this attribute. What other programs
read is ordinary Zarr.
"""

from __future__ import annotations

import json
import re
import zlib
from typing import Any

import numpy as np
import zarr
from zarr.codecs import Crc32cCodec, ZstdCodec
from zarr.storage import LocalStore

CHECKSUM = "crc32"
METADATA = "zarr.json"
# Of numbers in a chunk.
CODECS = (ZstdCodec(level=0, checksum=False), Crc32cCodec())

_chunk = re.compile(r"/c(/\d+)+$")


def _checksum(metadata):
    return zlib.crc32(json.dumps(metadata, sort_keys=True, separators=(",", ":")).encode())


class CheckedStore(LocalStore):
    """Files in a folder, each of which is replaced as a whole or not at all.

    Metadata that do not agree with their checksum raise `ValueError`; so do, if the store is only read, chunks that are
    missing, which Zarr takes for chunks that consist of fill values.
    """

    async def get(self, key: str, prototype: Any = None, byte_range: Any = None) -> Any:
        found = await super().get(key, prototype, byte_range)
        if found is None:
            if self.read_only and _chunk.search(key):
                raise ValueError(f"{self.root / key} is missing")
            return None
        if key.rpartition("/")[2] != METADATA:
            return found
        try:
            metadata = json.loads(found.to_bytes())
            stated = metadata["attributes"].pop(CHECKSUM)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{self.root / key} is damaged, or was not written as a recording") from error
        if stated != _checksum(metadata):
            raise ValueError(f"{self.root / key} is damaged: its checksum does not agree")
        return type(found).from_bytes(json.dumps(metadata).encode())

    async def set(self, key: str, value: Any) -> None:
        await super().set(key, self._sealed(key, value))

    async def set_if_not_exists(self, key: str, value: Any) -> None:
        await super().set_if_not_exists(key, self._sealed(key, value))

    @staticmethod
    def _sealed(key, value):
        """`value` with its checksum, if it consists of metadata."""
        if key.rpartition("/")[2] != METADATA:
            return value
        metadata = json.loads(value.to_bytes())
        attributes = metadata.setdefault("attributes", {})
        attributes[CHECKSUM] = _checksum(metadata)
        return type(value).from_bytes(json.dumps(metadata).encode())


def create_array(
    group: zarr.Group, name: str, shape: tuple[int, ...], chunks: tuple[int, ...], dtype: Any
) -> zarr.Array:
    """An empty array in a group; whatever an attempt that failed has left there goes."""
    return group.create_array(
        name,
        shape=shape,
        chunks=chunks,
        dtype=dtype,
        fill_value=np.nan if dtype == "float64" else -1,
        compressors=CODECS,
        # else chunks of fill values would be left out, and a chunk that got lost would be one of them
        config={"write_empty_chunks": True},
        overwrite=True,
    )


def open_array(path: str, name: str) -> zarr.Array:
    """An array of a recording, to be read."""
    return zarr.open_array(store=CheckedStore(path, read_only=True), path=name, mode="r", zarr_format=3)


def open_root(path: str) -> zarr.Group:
    """The group that a recording is, to be read."""
    return zarr.open_group(store=CheckedStore(path, read_only=True), mode="r", zarr_format=3)


def create_root(path: str, attributes: dict[str, Any]) -> zarr.Group:
    """The group that a new recording is."""
    return zarr.create_group(store=CheckedStore(path), attributes=attributes, zarr_format=3)
