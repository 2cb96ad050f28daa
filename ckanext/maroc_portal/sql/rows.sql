-- What the web's role may read: what is public, and what belongs to the reader.
--
-- ``maroc.reader`` is set for each transaction (see readers.py): nothing for anonymous
-- readers, the ids of a person and of the institutions that let them read, or '*'. The
-- tables' owner (worker, commands, migrations) reads everything. ``resource`` is left
-- out: whoever reads it joins package, and a search of 300,000 files took 1.5 s with it.
CREATE FUNCTION maroc_portal_reader() RETURNS text[]
LANGUAGE sql STABLE AS $$
    SELECT string_to_array(coalesce(current_setting('maroc.reader', true), ''), ',')
$$;

ALTER TABLE package ENABLE ROW LEVEL SECURITY;
ALTER TABLE package_tag ENABLE ROW LEVEL SECURITY;
ALTER TABLE member ENABLE ROW LEVEL SECURITY;
ALTER TABLE activity ENABLE ROW LEVEL SECURITY;

-- The sub-selects are run once a query, not once a row. A dataset that has no
-- institution is its creator's, as core's permission labels have it.
CREATE POLICY maroc_portal_read ON package USING (
    (state = 'active' AND private IS NOT TRUE)
    OR owner_org = ANY ((SELECT maroc_portal_reader())::text[])
    OR (coalesce(owner_org, '') = ''
        AND creator_user_id = ANY ((SELECT maroc_portal_reader())::text[]))
    OR (SELECT current_setting('maroc.reader', true) = '*')
) WITH CHECK (true);

-- EXISTS, not IN: it is answered from an index for a few rows and hashed for many; IN is
-- always hashed, and the keywords of one dataset of 100,000 took 45 ms with it, not 1.
CREATE POLICY maroc_portal_read ON package_tag USING (
    EXISTS (SELECT FROM package WHERE package.id = package_tag.package_id)
) WITH CHECK (true);

CREATE POLICY maroc_portal_read ON member USING (
    table_name <> 'package'
    OR EXISTS (SELECT FROM package WHERE package.id = member.table_id)
) WITH CHECK (true);

-- Of datasets and of views, whose activities name the dataset: only what may be read
-- now, whatever could be read then. So a withdrawal, a deletion, a purge empty the
-- streams in the same moment.
CREATE POLICY maroc_portal_read ON activity USING (
    (activity_type NOT LIKE '%package%'
     AND activity_type NOT LIKE '%resource view%')
    OR EXISTS (SELECT FROM package WHERE package.id = activity.object_id)
) WITH CHECK (true);

-- The latest activities are looked up from the latest on, until enough may be read.
CREATE INDEX maroc_portal_activity_latest ON activity (timestamp);

-- A name is taken even where who asks may not read by what.
CREATE FUNCTION maroc_portal_name_taken(wanted text, but_for text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM package
        WHERE name = wanted AND id IS DISTINCT FROM but_for)
$$;
