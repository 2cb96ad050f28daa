"""How this plugin's migrations run: see ckanext.maroc_portal.migrate."""

from ckanext.maroc_portal.migrate import run

run(__file__)
