"""A dataset's place on the map: from its GeoJSON to what Solr indexes.

ckanext-spatial asks the questions of the map; this answers for the index in its place,
since it takes any outline of four corners for a box, forgets the points of a collection
that has one, and lets Solr refuse the whole dataset for a latitude of 91.
"""

from __future__ import annotations

import json
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape

# What shapely and json raise on what is no GeoJSON, nested too deep included.
_NO_GEOMETRY = (
    ShapelyError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
WORLD = shapely.box(-180, -90, 180, 90)


def wkt(geojson: Any) -> list[str]:
    """Return the shapes of a GeoJSON geometry in WKT; of anything else, none.

    >>> wkt('{"type": "Point", "coordinates": [-5, 34]}')
    ['POINT (-5 34)']
    """
    try:
        found = shape(json.loads(geojson) if isinstance(geojson, str) else geojson)
        flat = shapely.force_2d(found)
        parts = list(getattr(flat, "geoms", [flat]))
    except _NO_GEOMETRY:
        return []
    return [part.wkt for part in parts if not part.is_empty and WORLD.covers(part)]
