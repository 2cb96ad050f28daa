"""What Morocco's texts ask of open data, without CKAN, clock or database.

``vocabulary`` and ``territory`` are the lists to choose from; ``rules`` is the table of
what laws 31-13, 09-08 and 05-20 stop; ``assess`` applies it to a dataset on a day;
``identifiers`` tells a CIN from an ICE in a cell.
"""
